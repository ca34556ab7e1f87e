"""The twin of a checkpoint: when the registry takes a second root and when it does not."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode, encode
from ledger_rfc9162 import consistency, log, root
from registry_backends import Backend, account, call

from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import TWIN_TOPIC
from contracts_chain.ledger.registry_calls import HEAD_CALL, TWIN_SM3, anchor_call, twin_call
from kernel.sized_bytes import Bytes32

LOG = log("leaf", 9)
TWIN, OTHER = Bytes32(b"\x77" * 32), Bytes32(b"\x78" * 32)


@pytest.fixture
def anchored(backend: Backend) -> Backend:
    assert backend.send("anchorer", anchor_call(1, 7, root(LOG[:7]), [])).succeeded
    return backend


def _twin(sequence: int, algorithm: int, twin_root: bytes) -> bytes:
    selector = keccak256(b"anchorTwin(uint64,uint8,bytes32)")[:4]
    return selector + encode(["uint64", "uint8", "bytes32"], [sequence, algorithm, twin_root])


def test_a_twin_is_told_by_an_event_and_leaves_the_head_alone(anchored: Backend) -> None:
    head = anchored.read(HEAD_CALL)
    outcome = anchored.send("anchorer", twin_call(1, TWIN))
    assert outcome.topics == (TWIN_TOPIC, (1).to_bytes(32), TWIN_SM3.to_bytes(32))
    assert anchored.read(HEAD_CALL) == head


@pytest.mark.parametrize("twin_root", [TWIN, OTHER], ids=["the same", "another"])
def test_a_second_twin_of_one_checkpoint_is_refused(anchored: Backend, twin_root: Bytes32) -> None:
    anchored.send("anchorer", twin_call(1, TWIN))
    outcome = anchored.send("anchorer", twin_call(1, twin_root))
    assert outcome.revert == call("TwinError(uint64,uint8)", 1, TWIN_SM3)


def test_the_next_checkpoint_takes_a_twin_of_its_own(anchored: Backend) -> None:
    anchored.send("anchorer", twin_call(1, TWIN))
    step = anchor_call(2, 9, root(LOG), consistency(7, LOG))
    assert anchored.send("anchorer", step).succeeded
    assert anchored.send("anchorer", twin_call(2, OTHER)).succeeded
    assert decode(["uint64", "uint64", "bytes32"], anchored.read(HEAD_CALL)) == (2, 9, root(LOG))


@pytest.mark.parametrize("sequence", [0, 2, 2**64 - 1])
def test_a_twin_of_another_checkpoint_than_the_head_is_refused(anchored: Backend, sequence: int) -> None:
    outcome = anchored.send("anchorer", twin_call(sequence, TWIN))
    assert outcome.revert == call("SequenceError(uint64,uint64)", 1, sequence)


def test_before_the_first_checkpoint_there_is_nothing_to_twin(backend: Backend) -> None:
    outcome = backend.send("anchorer", twin_call(0, TWIN))
    assert outcome.revert == call("SequenceError(uint64,uint64)", 0, 0)


@pytest.mark.parametrize("algorithm", [0, 2, 9, 255])
def test_an_algorithm_without_a_name_is_refused(anchored: Backend, algorithm: int) -> None:
    outcome = anchored.send("anchorer", _twin(1, algorithm, TWIN))
    assert outcome.revert == call("UnknownAlgorithmError(uint8)", algorithm)


def test_a_zero_twin_is_refused(anchored: Backend) -> None:
    assert anchored.send("anchorer", _twin(1, TWIN_SM3, bytes(32))).revert == call("ZeroRootError()")


@pytest.mark.parametrize("name", ["keeper", "admin", "stranger"])
def test_only_the_anchorer_anchors_a_twin(anchored: Backend, name: str) -> None:
    outcome = anchored.send(name, twin_call(1, TWIN))
    assert outcome.revert == call("RoleError(address,uint8)", account(name), 1)
