"""Status words: which changes the registry takes, and that every leaf must be proven."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from eth_abi.abi import decode
from ledger_rfc9162 import consistency, inclusion, log, node, root
from registry_backends import Backend, call
from registry_changes import (
    ALLOWED,
    IN_FORCE,
    NONE,
    SUPERSEDED,
    SUSPENDED,
    TERMINATED,
    Change,
    change,
    set_statuses,
)

from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.registry_calls import anchor_call
from contracts_chain.ledger.status_word import status_slot
from kernel.sized_bytes import Bytes32, LeafHash

LOG = log("agreement", 37)
STRANGER = Bytes32(b"\x51" * 32)
PATHS: dict[int, list[int]] = {
    NONE: [],
    IN_FORCE: [IN_FORCE],
    SUPERSEDED: [IN_FORCE, SUPERSEDED],
    TERMINATED: [IN_FORCE, TERMINATED],
    SUSPENDED: [IN_FORCE, SUSPENDED],
}


@pytest.fixture
def anchored(backend: Backend) -> Backend:
    assert backend.send("anchorer", anchor_call(1, len(LOG), root(LOG), [])).succeeded
    return backend


def _status(backend: Backend, key: bytes) -> tuple[int, bytes]:
    return decode(["uint8", "bytes32"], backend.read(call("statusOf(bytes32)", key)))


def _step(index: int, status: int) -> Change:
    """A change that names the next leaf as successor where it needs one."""
    return change(LOG, index, status, index + 1 if status == SUPERSEDED else None)


def _not_included(leaf: bytes, index: int) -> bytes:
    return call("InclusionError(bytes32,uint64,uint64)", leaf, index, len(LOG))


def test_status_moves_only_along_the_allowed_arrows(anchored: Backend) -> None:
    for index, (start, to) in enumerate(itertools.product(range(5), range(6))):
        if PATHS[start]:
            assert anchored.send(
                "keeper", set_statuses(*(_step(index, one) for one in PATHS[start]))
            ).succeeded
        outcome = anchored.send("keeper", set_statuses(_step(index, to)))
        assert outcome.succeeded == ((start, to) in ALLOWED), (start, to)
        if not outcome.succeeded:
            assert outcome.revert == call("StatusError(bytes32,uint8,uint8)", LOG[index], start, to)


def test_a_status_is_read_back_with_its_successor(anchored: Backend) -> None:
    assert _status(anchored, LOG[5]) == (NONE, bytes(32))
    outcome = anchored.send("keeper", set_statuses(_step(5, IN_FORCE)))
    assert outcome.topics == (keccak256(b"StatusChanged(bytes32,uint8,bytes32)"), LOG[5])
    assert _status(anchored, LOG[5]) == (IN_FORCE, bytes(32))
    assert anchored.send("keeper", set_statuses(_step(5, SUPERSEDED))).succeeded
    assert _status(anchored, LOG[5]) == (SUPERSEDED, LOG[6])


def test_the_word_of_a_key_stands_in_the_slot_that_proofs_read(anchored: Backend) -> None:
    anchored.send("keeper", set_statuses(_step(5, IN_FORCE), _step(6, IN_FORCE), _step(6, SUPERSEDED)))
    assert anchored.slot(status_slot(LeafHash(LOG[5]))) == (1).to_bytes(32)
    assert anchored.slot(status_slot(LeafHash(LOG[6]))) == LOG[7]
    sequence_size = anchored.slot((1).to_bytes(32))
    assert sequence_size == ((len(LOG) << 64) | 1).to_bytes(32)
    assert anchored.slot((2).to_bytes(32)) == root(LOG)


def test_a_batch_is_taken_whole_and_in_order(anchored: Backend) -> None:
    steps = [_step(index, IN_FORCE) for index in range(9)]
    outcome = anchored.send("keeper", set_statuses(*steps, _step(3, SUPERSEDED), _step(3, TERMINATED)))
    assert outcome.succeeded
    assert len(outcome.topics) == 2 * 11
    assert [_status(anchored, LOG[index])[0] for index in range(10)] == [1, 1, 1, 3, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("bad", ["first", "last"])
def test_one_bad_change_refuses_the_whole_batch(anchored: Backend, bad: str) -> None:
    good = [_step(index, IN_FORCE) for index in range(3)]
    odd = _step(8, TERMINATED)
    batch = [odd, *good] if bad == "first" else [*good, odd]
    outcome = anchored.send("keeper", set_statuses(*batch))
    assert outcome.revert == call("StatusError(bytes32,uint8,uint8)", LOG[8], NONE, TERMINATED)
    assert [_status(anchored, leaf)[0] for leaf in LOG[:9]] == [NONE] * 9


def test_an_empty_batch_is_refused(anchored: Backend) -> None:
    assert anchored.send("keeper", set_statuses()).revert == call("EmptyBatchError()")


def test_a_leaf_that_was_never_logged_has_no_status(anchored: Backend) -> None:
    outcome = anchored.send("keeper", set_statuses(replace(_step(4, IN_FORCE), key=STRANGER)))
    assert outcome.revert == _not_included(STRANGER, 4)
    assert _status(anchored, STRANGER) == (NONE, bytes(32))


def test_before_the_first_checkpoint_no_leaf_has_a_status(backend: Backend) -> None:
    outcome = backend.send("keeper", set_statuses(Change(key=LOG[0], status=IN_FORCE)))
    assert outcome.revert == call("InclusionError(bytes32,uint64,uint64)", LOG[0], 0, 0)


def test_an_interior_node_is_no_leaf_and_has_no_status(anchored: Backend) -> None:
    interior = Bytes32(node(LOG[4], LOG[5]))
    path = inclusion(4, LOG)
    for index, shorter in ((2, path[1:]), (4, path[1:]), (5, path[1:]), (2, path), (4, path)):
        odd = Change(key=interior, status=IN_FORCE, index=index, path=shorter)
        assert anchored.send("keeper", set_statuses(odd)).revert == _not_included(interior, index)


@pytest.mark.parametrize(
    ("index", "path"),
    [
        (5, inclusion(4, LOG)),
        (37, inclusion(4, LOG)),
        (2**64 - 1, inclusion(4, LOG)),
        (4, inclusion(5, LOG)),
        (4, inclusion(4, LOG)[:-1]),
        (4, [*inclusion(4, LOG), STRANGER]),
        (4, []),
    ],
    ids=["next index", "size as index", "huge index", "its neighbour's path", "cut", "prolonged", "none"],
)
def test_a_wrong_place_or_path_refuses_the_change(anchored: Backend, index: int, path: list[Bytes32]) -> None:
    odd = replace(_step(4, IN_FORCE), index=index, path=path)
    assert anchored.send("keeper", set_statuses(odd)).revert == _not_included(LOG[4], index)


def test_the_proof_of_an_earlier_head_is_refused_once_the_head_moved_on(backend: Backend) -> None:
    backend.send("anchorer", anchor_call(1, 30, root(LOG[:30]), []))
    backend.send("anchorer", anchor_call(2, len(LOG), root(LOG), consistency(30, LOG)))
    late = change(LOG[:30], 4, IN_FORCE)
    assert backend.send("keeper", set_statuses(late)).revert == _not_included(LOG[4], 4)
    assert backend.send("keeper", set_statuses(_step(4, IN_FORCE))).succeeded


def test_a_successor_that_was_never_logged_is_refused(anchored: Backend) -> None:
    anchored.send("keeper", set_statuses(_step(4, IN_FORCE)))
    outcome = anchored.send("keeper", set_statuses(replace(_step(4, SUPERSEDED), successor=STRANGER)))
    assert outcome.revert == _not_included(STRANGER, 5)
    assert _status(anchored, LOG[4]) == (IN_FORCE, bytes(32))


@pytest.mark.parametrize(
    ("status", "odd"),
    [
        (SUPERSEDED, {"successor": bytes(32)}),
        (SUPERSEDED, {"successor": (255).to_bytes(32)}),
        (SUPERSEDED, {"successor": LOG[4], "successor_index": 4, "successor_path": inclusion(4, LOG)}),
        (TERMINATED, {"successor": LOG[5]}),
        (TERMINATED, {"successor_index": 5}),
        (TERMINATED, {"successor_path": inclusion(5, LOG)}),
    ],
    ids=["none", "reads as a code", "itself", "given with terminated", "its index", "its path"],
)
def test_a_successor_that_makes_no_sense_is_refused(
    anchored: Backend, status: int, odd: dict[str, object]
) -> None:
    anchored.send("keeper", set_statuses(_step(4, IN_FORCE)))
    wrong = replace(_step(4, status), **odd)
    outcome = anchored.send("keeper", set_statuses(wrong))
    assert outcome.revert == call("SuccessorError(bytes32,uint8,bytes32)", LOG[4], status, wrong.successor)
