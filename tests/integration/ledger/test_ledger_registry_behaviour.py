"""What the registry does and refuses, the same on py-evm and on anvil."""

from __future__ import annotations

import itertools

import pytest
from eth_abi.abi import decode
from ledger_rfc9162 import consistency, log, node, root
from registry_backends import Backend, account, call
from registry_changes import IN_FORCE, change, set_statuses

from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC
from contracts_chain.ledger.registry_calls import HEAD_CALL, anchor_call, twin_call
from kernel.sized_bytes import Bytes32, RootHash

LOG = log("leaf", 140)
SIZES = (1, 2, 3, 4, 7, 8, 9, 64, 100, 129, 140)
TWIN = Bytes32(b"\x77" * 32)
ANCHOR, STATUS = 1, 2


def _extend(backend: Backend, sequence: int, old: int, new: int) -> bytes:
    proof = consistency(old, LOG[:new]) if old else []
    return anchor_call(sequence, new, root(LOG[:new]), proof)


def _head(backend: Backend) -> tuple[int, int, bytes]:
    return decode(["uint64", "uint64", "bytes32"], backend.read(HEAD_CALL))


def _filled(backend: Backend, size: int) -> None:
    assert backend.send("anchorer", _extend(backend, 1, 0, size)).succeeded


def _in_force(index: int = 0) -> bytes:
    """The leaf at ``index`` of the log of seven comes into force."""
    return set_statuses(change(LOG[:7], index, IN_FORCE))


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
    _filled(backend, 7)
    refused = call("RoleError(address,uint8)", account(name), STATUS)
    assert backend.send(name, _in_force()).revert == refused


def test_a_pause_stops_writing_and_not_reading(backend: Backend) -> None:
    _filled(backend, 7)
    assert backend.send("stranger", call("setPaused(bool)", True)).revert == call(
        "AdminError(address)", account("stranger")
    )
    assert backend.send("admin", call("setPaused(bool)", True)).succeeded
    assert backend.send("anchorer", _extend(backend, 2, 7, 9)).revert == call("PausedError()")
    assert backend.send("keeper", _in_force()).revert == call("PausedError()")
    assert backend.send("anchorer", twin_call(1, TWIN)).revert == call("PausedError()")
    assert _head(backend) == (1, 7, root(LOG[:7]))
    assert decode(["bool"], backend.read(call("paused()"))) == (True,)
    resumed = backend.send("admin", call("setPaused(bool)", False))
    assert resumed.topics == (keccak256(b"PauseChanged(bool)"),)
    assert backend.send("keeper", _in_force()).succeeded
    assert backend.send("anchorer", twin_call(1, TWIN)).succeeded
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


def test_a_role_and_its_loss_are_told_by_events_and_read_back(backend: Backend) -> None:
    asked = call("hasRole(uint8,address)", ANCHOR, account("next"))
    granted = backend.send("admin", call("grant(uint8,address)", ANCHOR, account("next")))
    words = (ANCHOR.to_bytes(32), bytes(12) + account("next"))
    assert granted.topics == (keccak256(b"RoleGranted(uint8,address)"), *words)
    assert decode(["bool"], backend.read(asked)) == (True,)
    revoked = backend.send("admin", call("revoke(uint8,address)", ANCHOR, account("next")))
    assert revoked.topics == (keccak256(b"RoleRevoked(uint8,address)"), *words)
    assert decode(["bool"], backend.read(asked)) == (False,)


def test_who_holds_both_roles_loses_only_the_one_that_is_revoked(backend: Backend) -> None:
    backend.send("admin", call("grant(uint8,address)", ANCHOR, account("keeper")))
    backend.send("admin", call("revoke(uint8,address)", ANCHOR, account("keeper")))
    assert not backend.send("keeper", _extend(backend, 1, 0, 7)).succeeded
    _filled(backend, 7)
    assert backend.send("keeper", _in_force()).succeeded


def test_an_offer_of_the_administration_is_withdrawn_by_offering_it_to_nobody(backend: Backend) -> None:
    offered = backend.send("admin", call("offerAdmin(address)", account("heir")))
    assert offered.topics[0] == keccak256(b"AdminOffered(address,address)")
    backend.send("admin", call("offerAdmin(address)", bytes(20)))
    outcome = backend.send("heir", call("acceptAdmin()"))
    assert outcome.revert == call("AdminError(address)", account("heir"))
