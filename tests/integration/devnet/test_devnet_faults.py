"""Four validators in four network namespaces, everything that can befall them, and the invariants.

One client keeps sending numbered transactions. After the faults all nodes are joined again and
every node's history, every receipt a client was told and every durable seal record are judged.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from devnet_client import ask, wait_until
from devnet_operators import OPERATORS, PROPOSER, Consortium
from devnet_traffic import stray
from devnet_under_traffic import PATIENCE, under_traffic


def test_kills_of_one_the_proposer_and_all_at_once_lose_nothing(tmp_path: Path) -> None:
    with under_traffic(tmp_path) as (chain, traffic):
        chain.kill("court")
        traffic.wait_for(3, seconds=PATIENCE)
        chain.start("court")
        chain.kill(PROPOSER)
        chain.start(PROPOSER)
        traffic.wait_for(3, seconds=PATIENCE)
        chain.kill(*OPERATORS)
        chain.start(*OPERATORS)


@pytest.mark.long
def test_pauses_partitions_and_wrong_clocks_stop_nothing_for_ever(tmp_path: Path) -> None:
    with under_traffic(tmp_path) as (chain, traffic):
        chain.pause("notary")
        traffic.wait_for(3, seconds=PATIENCE)
        chain.pause("ca")
        chain.go_on("notary", "ca")
        traffic.wait_for(3, seconds=PATIENCE)
        chain.network.cut([PROPOSER, "notary"])
        chain.network.heal()
        traffic.wait_for(3, seconds=PATIENCE)
        chain.network.unplug("ca")
        traffic.wait_for(3, seconds=PATIENCE)
        chain.network.heal()
        chain.kill(PROPOSER)
        chain.start(PROPOSER, skew_seconds=45)
        ask(chain.url(PROPOSER), "eth_sendRawTransaction", stray())
        wait_until(lambda: "given up" in chain.complaints(PROPOSER), PATIENCE)
        chain.kill(PROPOSER)
        chain.start(PROPOSER)
        traffic.wait_for(3, seconds=PATIENCE)
        chain.kill("court", "ca")
        chain.start("court", skew_seconds=-45)
        chain.start("ca", skew_seconds=45)
        traffic.wait_for(3, seconds=PATIENCE)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_faults_keeps_the_invariants(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with under_traffic(tmp_path) as (chain, traffic):
        for _ in range(25):
            befall(chain, chance)
            if chain.is_whole:
                chain.network.heal()
                traffic.wait_for(2, seconds=PATIENCE)


def befall(chain: Consortium, chance: random.Random) -> None:
    """One fault, or the end of one."""
    name = chance.choice(OPERATORS)
    if name in chain.paused:
        chain.go_on(name)
    elif name not in chain.running:
        chain.network.heal()
        chain.start(name, skew_seconds=chance.choice((0, 0, 0, -30, 30)))
    else:
        chance.choice(
            (
                lambda: chain.kill(name),
                lambda: chain.pause(name),
                lambda: chain.network.unplug(name),
                lambda: chain.network.cut(chance.sample(OPERATORS, 2)),
                chain.network.heal,
            )
        )()
