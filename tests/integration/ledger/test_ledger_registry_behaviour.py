"""What the registry does and refuses, the same on py-evm and on anvil."""

from __future__ import annotations

import itertools

import pytest
from eth_abi.abi import decode
from ledger_rfc9162 import consistency, log, node, root
from registry_backends import Backend, account, call

from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC
from contracts_chain.ledger.registry_calls import HEAD_CALL, anchor_call
from contracts_chain.ledger.status_word import RegistryStatus
from kernel.sized_bytes import Bytes32, RootHash

LOG = log("leaf", 140)
SIZES = (1, 2, 3, 4, 7, 8, 9, 64, 100, 129, 140)
KEY, SUCCESSOR = b"\x51" * 32, b"\x52" * 32
ANCHOR, STATUS = 1, 2


def _extend(backend: Backend, sequence: int, old: int, new: int) -> bytes:
    proof = consistency(old, LOG[:new]) if old else []
    return anchor_call(sequence, new, root(LOG[:new]), proof)


def _head(backend: Backend) -> tuple[int, int, bytes]:
    return decode(["uint64", "uint64", "bytes32"], backend.read(HEAD_CALL))


def _filled(backend: Backend, size: int) -> None:
    assert backend.send("anchorer", _extend(backend, 1, 0, size)).succeeded


def _set(key: bytes, status: int, successor: bytes = bytes(32)) -> bytes:
    return call("setStatus(bytes32,uint8,bytes32)", key, status, successor)


def _status(backend: Backend, key: bytes) -> tuple[int, bytes]:
    return decode(["uint8", "bytes32"], backend.read(call("statusOf(bytes32)", key)))


def test_every_honest_extension_is_accepted_and_becomes_the_head(backend: Backend) -> None:
    assert _head(backend) == (0, 0, bytes(32))
    for sequence, (old, new) in enumerate(itertools.pairwise((0, *SIZES)), start=1):
        outcome = backend.send("anchorer", _extend(backend, sequence, old, new))
        assert outcome.succeeded
        assert outcome.topics == (ANCHORED_TOPIC, sequence.to_bytes(32))
        assert _head(backend) == (sequence, new, root(LOG[:new]))


def test_the_same_checkpoint_twice_is_refused_by_its_sequence(backend: Backend) -> None:
    _filled(backend, 7)
    outcome = backend.send("anchorer", _extend(backend, 1, 0, 7))
    assert outcome.revert == call("SequenceError(uint64,uint64)", 2, 1)
    assert not outcome.succeeded


def test_a_skipped_sequence_is_refused(backend: Backend) -> None:
    _filled(backend, 7)
    outcome = backend.send("anchorer", _extend(backend, 3, 7, 9))
    assert outcome.revert == call("SequenceError(uint64,uint64)", 2, 3)


@pytest.mark.parametrize("size", [7, 6, 0])
def test_a_log_that_does_not_grow_is_refused(backend: Backend, size: int) -> None:
    _filled(backend, 7)
    outcome = backend.send("anchorer", anchor_call(2, size, RootHash(b"\x01" * 32), []))
    assert outcome.revert == call("SizeError(uint64,uint64)", 7, size)


def test_a_zero_root_is_refused(backend: Backend) -> None:
    assert backend.send("anchorer", anchor_call(1, 7, RootHash(bytes(32)), [])).revert == call(
        "ZeroRootError()"
    )


def test_a_first_checkpoint_with_a_proof_is_refused(backend: Backend) -> None:
    outcome = backend.send("anchorer", anchor_call(1, 7, root(LOG[:7]), [Bytes32(b"\x01" * 32)]))
    assert outcome.revert == _inconsistent(0, bytes(32), 7, root(LOG[:7]))


def _inconsistent(held: int, held_root: bytes, given: int, given_root: bytes) -> bytes:
    return call("ConsistencyError(uint64,bytes32,uint64,bytes32)", held, held_root, given, given_root)


@pytest.mark.parametrize("old", [6, 7, 8])
def test_a_history_rewritten_before_the_head_is_refused(backend: Backend, old: int) -> None:
    _filled(backend, old)
    for forked in ([*LOG[:2], LOG[3], LOG[2], *LOG[4:12]], [LOG[139], *LOG[1:12]], LOG[1:13]):
        outcome = backend.send("anchorer", anchor_call(2, 12, root(forked), consistency(old, forked)))
        assert outcome.revert == _inconsistent(old, root(LOG[:old]), 12, root(forked))
    assert _head(backend) == (1, old, root(LOG[:old]))


@pytest.mark.parametrize("old", [6, 7, 8])
def test_a_proof_cut_short_prolonged_or_missing_is_refused(backend: Backend, old: int) -> None:
    _filled(backend, old)
    proof = consistency(old, LOG[:12])
    last = Bytes32(bytes([proof[-1][0] ^ 1]) + proof[-1][1:])
    for wrong in (proof[:-1], proof[1:], [*proof, proof[-1]], [], [*proof[:-1], last]):
        outcome = backend.send("anchorer", anchor_call(2, 12, root(LOG[:12]), wrong))
        assert outcome.revert == _inconsistent(old, root(LOG[:old]), 12, root(LOG[:12]))
    assert backend.send("anchorer", anchor_call(2, 12, root(LOG[:12]), proof)).succeeded


def test_a_size_that_the_proof_is_too_short_for_is_refused(backend: Backend) -> None:
    _filled(backend, 6)
    lie = anchor_call(2, 100, root(LOG[:12]), consistency(6, LOG[:12]))
    outcome = backend.send("anchorer", lie)
    assert outcome.revert == _inconsistent(6, root(LOG[:6]), 100, root(LOG[:12]))


def test_a_proof_that_climbs_beyond_its_tree_is_refused(backend: Backend) -> None:
    a, b, c, d, above = LOG[:5]
    held = RootHash(node(above, node(node(a, b), c)))  # a first checkpoint that lied about its shape
    assert backend.send("anchorer", anchor_call(1, 3, held, [])).succeeded
    climbed = RootHash(node(above, node(node(a, b), node(c, d))))
    path = [Bytes32(step) for step in (c, d, node(a, b), above)]
    outcome = backend.send("anchorer", anchor_call(2, 4, climbed, path))
    assert outcome.revert == _inconsistent(3, held, 4, climbed)


@pytest.mark.parametrize("name", ["keeper", "admin", "stranger"])
def test_only_the_anchorer_anchors(backend: Backend, name: str) -> None:
    outcome = backend.send(name, _extend(backend, 1, 0, 7))
    assert outcome.revert == call("RoleError(address,uint8)", account(name), ANCHOR)


@pytest.mark.parametrize("name", ["anchorer", "admin", "stranger"])
def test_only_the_status_keeper_sets_status(backend: Backend, name: str) -> None:
    assert backend.send(name, _set(KEY, 1)).revert == call("RoleError(address,uint8)", account(name), STATUS)


NONE, IN_FORCE, SUPERSEDED, TERMINATED, SUSPENDED = range(5)
PATHS: dict[int, list[int]] = {
    NONE: [],
    IN_FORCE: [IN_FORCE],
    SUPERSEDED: [IN_FORCE, SUPERSEDED],
    TERMINATED: [IN_FORCE, TERMINATED],
    SUSPENDED: [IN_FORCE, SUSPENDED],
}
ALLOWED = {
    (NONE, IN_FORCE),
    *((IN_FORCE, to) for to in (SUPERSEDED, TERMINATED, SUSPENDED)),
    *((SUSPENDED, to) for to in (IN_FORCE, SUPERSEDED, TERMINATED)),
    (SUPERSEDED, TERMINATED),
}


def test_status_moves_only_along_the_allowed_arrows(backend: Backend) -> None:
    for start, to in itertools.product(range(5), range(6)):
        key = keccak256(bytes([start, to]))
        for step in PATHS[start]:
            successor = SUCCESSOR if step == SUPERSEDED else bytes(32)
            assert backend.send("keeper", _set(key, step, successor)).succeeded
        outcome = backend.send("keeper", _set(key, to, SUCCESSOR if to == SUPERSEDED else bytes(32)))
        assert outcome.succeeded == ((start, to) in ALLOWED), (start, to)
        if not outcome.succeeded:
            assert outcome.revert == call("StatusError(bytes32,uint8,uint8)", key, start, to)


def test_a_status_is_read_back_with_its_successor(backend: Backend) -> None:
    assert _status(backend, KEY) == (NONE, bytes(32))
    assert backend.send("keeper", _set(KEY, IN_FORCE)).topics[0] == keccak256(
        b"StatusChanged(bytes32,uint8,bytes32)"
    )
    assert _status(backend, KEY) == (RegistryStatus.IN_FORCE.value, bytes(32))
    backend.send("keeper", _set(KEY, SUPERSEDED, SUCCESSOR))
    assert _status(backend, KEY) == (RegistryStatus.SUPERSEDED.value, SUCCESSOR)


@pytest.mark.parametrize(
    ("status", "successor"),
    [(SUPERSEDED, bytes(32)), (SUPERSEDED, (255).to_bytes(32)), (SUPERSEDED, KEY), (TERMINATED, SUCCESSOR)],
    ids=["none", "reads as a code", "itself", "given with terminated"],
)
def test_a_successor_that_makes_no_sense_is_refused(backend: Backend, status: int, successor: bytes) -> None:
    backend.send("keeper", _set(KEY, IN_FORCE))
    outcome = backend.send("keeper", _set(KEY, status, successor))
    assert outcome.revert == call("SuccessorError(bytes32,uint8,bytes32)", KEY, status, successor)


def test_a_pause_stops_writing_and_not_reading(backend: Backend) -> None:
    _filled(backend, 7)
    assert backend.send("stranger", call("setPaused(bool)", True)).revert == call(
        "AdminError(address)", account("stranger")
    )
    assert backend.send("admin", call("setPaused(bool)", True)).succeeded
    assert backend.send("anchorer", _extend(backend, 2, 7, 9)).revert == call("PausedError()")
    assert backend.send("keeper", _set(KEY, IN_FORCE)).revert == call("PausedError()")
    assert _head(backend) == (1, 7, root(LOG[:7]))
    backend.send("admin", call("setPaused(bool)", False))
    assert backend.send("anchorer", _extend(backend, 2, 7, 9)).succeeded


def test_a_role_is_handed_over_by_grant_and_revoke(backend: Backend) -> None:
    assert backend.send("admin", call("grant(uint8,address)", ANCHOR, account("next"))).succeeded
    assert backend.send("admin", call("revoke(uint8,address)", ANCHOR, account("anchorer"))).succeeded
    assert not backend.send("anchorer", _extend(backend, 1, 0, 7)).succeeded
    assert backend.send("next", _extend(backend, 1, 0, 7)).succeeded
    unknown = call("UnknownRoleError(uint8)", 4)
    assert backend.send("admin", call("grant(uint8,address)", 4, account("next"))).revert == unknown
    assert backend.send("admin", call("revoke(uint8,address)", 4, account("next"))).revert == unknown
    assert not backend.send("next", call("grant(uint8,address)", ANCHOR, account("next"))).succeeded
    zero = call("grant(uint8,address)", ANCHOR, bytes(20))
    assert backend.send("admin", zero).revert == call("ZeroAddressError()")


def test_the_admin_changes_only_when_the_next_one_accepts(backend: Backend) -> None:
    assert not backend.send("heir", call("acceptAdmin()")).succeeded
    assert backend.send("admin", call("offerAdmin(address)", account("heir"))).succeeded
    assert backend.send("admin", call("setPaused(bool)", False)).succeeded
    assert not backend.send("stranger", call("acceptAdmin()")).succeeded
    assert backend.send("heir", call("acceptAdmin()")).succeeded
    assert not backend.send("admin", call("setPaused(bool)", True)).succeeded
    assert backend.send("heir", call("setPaused(bool)", False)).succeeded
    found = decode(["address", "address"], backend.read(call("admin()")))
    assert found == (account("heir").hex0x(), "0x" + "00" * 20)
