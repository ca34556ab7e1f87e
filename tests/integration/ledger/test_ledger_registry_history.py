"""No sequence of calls shortens, reorders or forks the log; and what each call costs."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from eth_abi.abi import decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_rfc9162 import alike_consistency, alike_root, consistency, log, root
from registry_backends import EvmBackend, account, call

from contracts_chain.ledger.registry_calls import HEAD_CALL, anchor_call

MOST = 40
TRUNK, BRANCH = log("trunk", MOST), log("branch", MOST)


@pytest.fixture(scope="module")
def evm() -> EvmBackend:
    return EvmBackend()


CALLS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 0, 2]),  # step of the sequence, mostly honest
        st.integers(1, MOST),  # size
        st.booleans(),  # trunk or the log that forks off
        st.sampled_from([0, 0, 0, -1, 1]),  # error in the size the proof starts from
    ),
    max_size=7,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fork=st.integers(0, MOST - 1), calls=CALLS)
def test_whatever_is_called_the_head_only_ever_extends_itself(
    evm: EvmBackend, fork: int, calls: list[tuple[int, int, bool, int]]
) -> None:
    logs = {True: TRUNK, False: [*TRUNK[:fork], *BRANCH[fork:]]}
    evm.deploy()
    sequence, held = 0, list[bytes]()
    for step, size, on_trunk, shift in calls:
        leaves = logs[on_trunk][:size]
        first = len(held) + (shift if held else 0)
        proof = consistency(first, leaves) if 0 < first <= size else []
        honest_proof = consistency(len(held), leaves) if 0 < len(held) <= size else []
        outcome = evm.send("anchorer", anchor_call(sequence + step, size, root(leaves), proof))
        extends = step == 1 and size > len(held) and leaves[: len(held)] == held and proof == honest_proof
        assert outcome.succeeded == extends
        if extends:
            sequence, held = sequence + 1, leaves
        expected = (sequence, len(held), root(held) if held else bytes(32))
        assert decode(["uint64", "uint64", "bytes32"], evm.read(HEAD_CALL)) == expected


def measured_gas() -> dict[str, int]:
    """Gas of each call on py-evm's Cancun rules; anvil gives the same figures."""
    gas: dict[str, int] = {}
    for name, old, new in (
        ("anchor steady 1,000 to 1,100", 1_000, 1_100),
        ("anchor from 65,536 to 65,537", 65_536, 65_537),
        ("anchor from 65,537 to 65,600", 65_537, 65_600),
        ("anchor from 65,535 to 65,537, longest proof", 65_535, 65_537),
    ):
        evm = EvmBackend()
        evm.deploy()
        first = evm.send("anchorer", anchor_call(1, old, alike_root(old), []))
        gas["anchor first"] = first.gas
        payload = anchor_call(2, new, alike_root(new), alike_consistency(old, new))
        gas[name] = evm.send("anchorer", payload).gas
    key, successor = b"\x51" * 32, b"\x52" * 32
    for name, status, following in (
        ("status in force", 1, bytes(32)),
        ("status superseded", 2, successor),
        ("status terminated", 3, bytes(32)),
    ):
        gas[name] = evm.send("keeper", call("setStatus(bytes32,uint8,bytes32)", key, status, following)).gas
    gas["grant"] = evm.send("admin", call("grant(uint8,address)", 1, account("next"))).gas
    return gas


def test_gas_is_what_the_snapshot_says() -> None:
    snapshot = json.loads(files("solidity").joinpath("gas-snapshot.json").read_text("utf-8"))
    assert measured_gas() == snapshot


def test_an_anchor_at_65537_leaves_costs_at_most_65000_gas() -> None:
    snapshot = json.loads(files("solidity").joinpath("gas-snapshot.json").read_text("utf-8"))
    assert max(cost for name, cost in snapshot.items() if name.startswith("anchor from")) <= 65_000
