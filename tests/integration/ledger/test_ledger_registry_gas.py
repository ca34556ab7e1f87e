"""What each call costs, asserted against the snapshot; and that too little gas anchors nothing."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from ledger_rfc9162 import (
    MarkedLog,
    alike_consistency,
    alike_root,
    consistency,
    inclusion,
    leaf,
    log,
    root,
)
from registry_backends import Backend, EvmBackend, account, call
from registry_changes import IN_FORCE, SUPERSEDED, TERMINATED, Change, set_statuses

from contracts_chain.ledger.registry_calls import HEAD_CALL, anchor_call, status_gas_limit, twin_call
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from kernel.sized_bytes import Bytes32, LeafHash

MILLION = 2**20
PAIRS = (
    ("anchor steady 1,000 to 1,100", 1_000, 1_100),
    ("anchor from 65,536 to 65,537", 65_536, 65_537),
    ("anchor from 65,535 to 65,537", 65_535, 65_537),
    ("anchor from 2^20 to 2^20+10,000", MILLION, MILLION + 10_000),
    ("anchor from 2^20+1 to 2^20+10,001", MILLION + 1, MILLION + 10_001),
    ("anchor from 2^20-1 to 2^20+1, most hashes", MILLION - 1, MILLION + 1),
    ("anchor from 2^20-1 to 2^20+10,000, worst found", MILLION - 1, MILLION + 10_000),
)
PLACES = [(number * 7_919) % MILLION for number in range(200)]
LOG = MarkedLog(MILLION, {place: leaf(b"agreement %d" % place) for place in PLACES})


@pytest.fixture(scope="module")
def snapshot() -> dict[str, int]:
    return json.loads(files("solidity").joinpath("gas-snapshot.json").read_text("utf-8"))


def test_gas_is_what_the_snapshot_says(snapshot: dict[str, int]) -> None:
    assert {**anchor_gas(), **status_gas()} == snapshot


def test_an_anchor_at_a_million_leaves_costs_at_most_65000_gas(snapshot: dict[str, int]) -> None:
    dear = max(cost for name, cost in snapshot.items() if name.startswith("anchor from"))
    assert dear <= 65_000
    assert dear / 10_000 <= 6.5


def test_both_chains_ask_the_same_gas(backend: Backend, snapshot: dict[str, int]) -> None:
    backend.send("anchorer", anchor_call(1, MILLION - 1, alike_root(MILLION - 1), []))
    cost = backend.send("anchorer", _step(MILLION - 1, MILLION + 1)).gas
    assert cost == snapshot["anchor from 2^20-1 to 2^20+1, most hashes"]


def test_the_gas_we_allow_a_batch_is_enough_and_not_lavish(snapshot: dict[str, int]) -> None:
    change = StatusChange(
        key=LeafHash(bytes(32)),
        status=RegistryStatus.SUPERSEDED,
        successor=LeafHash(bytes(32)),
        index=0,
        path=(Bytes32(bytes(32)),) * 20,
        successor_path=(Bytes32(bytes(32)),) * 20,
    )
    for count, name in ((1, "1"), (10, "10"), (100, "100")):
        used = snapshot[f"status superseded, batch of {name}"]
        assert used < status_gas_limit([change] * count) < 3 * used


def test_one_gas_too_little_anchors_nothing() -> None:
    leaves = log("leaf", 23)
    payload = anchor_call(2, 23, root(leaves), consistency(21, leaves))
    needed = _held_at_21(leaves).send("anchorer", payload).gas
    evm = _held_at_21(leaves)
    head = evm.read(HEAD_CALL)
    for gas_limit in (*range(27_000, needed, 97), needed - 1):
        assert not evm.send("anchorer", payload, gas_limit).succeeded
        assert evm.read(HEAD_CALL) == head
    assert evm.send("anchorer", payload, needed).succeeded


def test_where_sha256_does_not_answer_nothing_is_anchored_and_nothing_shown() -> None:
    leaves = log("leaf", 23)
    evm = _held_at_21(leaves)
    evm.break_sha256()
    refused = evm.send("anchorer", anchor_call(2, 23, root(leaves), consistency(21, leaves)))
    assert (refused.succeeded, refused.revert) == (False, b"")
    asked = Change(key=leaves[3], status=IN_FORCE, index=3, path=inclusion(3, leaves[:21]))
    refused = evm.send("keeper", set_statuses(asked))
    assert (refused.succeeded, refused.revert) == (False, b"")


def _held_at_21(leaves: list[bytes]) -> EvmBackend:
    evm = EvmBackend()
    evm.deploy()
    assert evm.send("anchorer", anchor_call(1, 21, root(leaves[:21]), [])).succeeded
    return evm


def _step(old: int, new: int) -> bytes:
    return anchor_call(2, new, alike_root(new), alike_consistency(old, new))


def anchor_gas() -> dict[str, int]:
    """Gas of each anchoring call on py-evm's Cancun rules."""
    gas: dict[str, int] = {}
    for name, old, new in PAIRS:
        evm = EvmBackend()
        evm.deploy()
        gas["anchor first"] = evm.send("anchorer", anchor_call(1, old, alike_root(old), [])).gas
        gas[name] = evm.send("anchorer", _step(old, new)).gas
    gas["twin"] = evm.send("anchorer", twin_call(2, Bytes32(b"\x77" * 32))).gas
    gas["grant"] = evm.send("admin", call("grant(uint8,address)", 1, account("next"))).gas
    return gas


def status_gas() -> dict[str, int]:
    """Gas of status batches with paths of depth 20."""
    gas: dict[str, int] = {}
    for count in (1, 10, 100):
        evm = EvmBackend()
        evm.deploy()
        evm.send("anchorer", anchor_call(1, MILLION, LOG.root(), []))
        for name, status in (("in force", IN_FORCE), ("superseded", SUPERSEDED), ("terminated", TERMINATED)):
            batch = [_change(number, status) for number in range(count)]
            outcome = evm.send("keeper", set_statuses(*batch))
            assert outcome.succeeded
            gas[f"status {name}, batch of {count}"] = outcome.gas
    return gas


def _change(number: int, status: int) -> Change:
    place, after = PLACES[number], PLACES[number + 100]
    named = status == SUPERSEDED
    return Change(
        key=leaf(b"agreement %d" % place),
        status=status,
        index=place,
        path=LOG.inclusion(place),
        successor=leaf(b"agreement %d" % after) if named else bytes(32),
        successor_index=after if named else 0,
        successor_path=LOG.inclusion(after) if named else (),
    )
