"""A node that does not propose offers what it took until a block holds it, across the proposer's restarts."""

from __future__ import annotations

import asyncio
from typing import cast

import rlp
from devnet_trade import Sign

from devnet.forwarder import Forwarder
from devnet.peer_link import PeerLink
from devnet.peer_message import NO_SESSION
from devnet.peers import Peers
from devnet.pool import AccountFacts, Pool
from devnet.vm import CHAIN_ID
from kernel.sized_bytes import Address

TARGET = "0x" + "11" * 20
PROPOSER = Address(b"\x01" * 20)


class RestartingProposer:
    """The link to a proposer whose pool is in memory: each run begins with nothing."""

    def __init__(self) -> None:
        self.session = NO_SESSION
        self.run = 0
        self.pool: list[bytes] = []

    def restart(self) -> None:
        self.run += 1
        self.pool = []

    def ask(self, verb: str, payload: bytes, *, seconds: float) -> bytes:
        assert (verb, seconds > 0) == ("transactions", True)
        self.session = self.run.to_bytes(8)
        raws = cast("list[bytes]", rlp.decode(payload))
        self.pool += [raw for raw in raws if raw not in self.pool]
        return bytes(rlp.encode([[b"", b""]] * len(raws)))


class OnlyPeer:
    """Peers with one link."""

    def __init__(self, link: RestartingProposer) -> None:
        self._link = link

    def link(self, _: Address) -> PeerLink:
        return cast("PeerLink", self._link)


def forward_all(forwarder: Forwarder) -> int:
    """What one tick of the loop does; how many batches it offered."""
    batches = 0
    while forwarder._forward():
        batches += 1
        assert batches < 10
    return batches


def test_what_an_earlier_run_of_the_proposer_took_is_offered_to_the_next_one(sign: Sign) -> None:
    proposer = RestartingProposer()
    proposer.restart()
    facts = AccountFacts(nonce=0, balance=0)
    pool = Pool(chain_id=CHAIN_ID, facts=lambda _: facts)
    forwarder = Forwarder(pool, cast("Peers", OnlyPeer(proposer)), PROPOSER)
    first, second = (sign(nonce, to=TARGET) for nonce in (0, 1))
    asyncio.run(forwarder.relay(first))
    forward_all(forwarder)
    assert proposer.pool == [first]

    proposer.restart()
    asyncio.run(forwarder.relay(second))  # learns of the new run before the loop does
    forward_all(forwarder)

    assert sorted(proposer.pool) == sorted([first, second])


def test_one_run_is_told_once_and_then_left_alone(sign: Sign) -> None:
    proposer = RestartingProposer()
    proposer.restart()
    pool = Pool(chain_id=CHAIN_ID, facts=lambda _: AccountFacts(nonce=0, balance=0))
    forwarder = Forwarder(pool, cast("Peers", OnlyPeer(proposer)), PROPOSER)
    pool.add(sign(0, to=TARGET))
    assert forward_all(forwarder) > 0
    assert forward_all(forwarder) == 0
