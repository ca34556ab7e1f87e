"""A package held against the audited chain: whoever stated two things is named with both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from evidence_case import ANCHOR_TIME, BLOCK, Case, cosigned_note

from contracts_chain.evidence.audit_errors import ForkError, NodeAnswerError, NotOnChainError
from contracts_chain.evidence.audit_headers import SealedHeader
from contracts_chain.evidence.audit_log import roots_at
from contracts_chain.evidence.audit_package import check_package
from contracts_chain.evidence.checkpoint import Checkpoint, CheckpointSignatureError
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, verify_anchor
from kernel.errors import ContractsChainError, RefutedError
from kernel.sized_bytes import Bytes32, LeafHash


def held(
    case: Case,
    package: bytes,
    *,
    checkpoints: Sequence[AnchoredCheckpoint] | None = None,
    header: bytes | None = None,
    last_block: int = BLOCK,
) -> AnchoredCheckpoint:
    """The package against a chain that holds the honest case's checkpoint and block."""
    known = [verify_anchor(case.evidence.anchor, case.trust.chain)] if checkpoints is None else checkpoints
    return check_package(
        package,
        known,
        case.trust,
        last_block=last_block,
        block=lambda _: SealedHeader.of(header or case.evidence.anchor.header),
    )


def test_an_honest_package_rests_on_the_chain_s_checkpoint(case: Case) -> None:
    assert held(case, case.package()).block_number == BLOCK


def test_a_package_whose_note_contradicts_the_chain_is_a_fork_by_the_log(case: Case) -> None:
    records = [logged.record for logged in case.evidence.records]
    records[0] = replace(records[0], actor="person:99")
    other = case.relogged(records)
    with pytest.raises(ForkError) as caught:
        held(case, other.package())
    assert caught.value.statements["signed_note"] == other.evidence.checkpoint.note
    assert caught.value.expected == case.evidence.checkpoint.root.hex()


def test_a_package_on_another_block_of_the_same_height_is_a_fork_by_its_validators(case: Case) -> None:
    other = case.chain.header(number=BLOCK, at=ANCHOR_TIME)
    with pytest.raises(ForkError) as caught:
        held(case, case.package(), header=other)
    assert caught.value.statements["kind"] == "two_sealed_blocks"
    assert caught.value.statements["known_header"] == "0x" + other.hex()


def test_a_package_on_a_block_above_the_audited_ones_is_undecided(case: Case) -> None:
    with pytest.raises(NodeAnswerError):
        held(case, case.package(), last_block=BLOCK - 1)


def test_a_package_on_a_checkpoint_the_chain_does_not_hold_is_refuted(case: Case) -> None:
    with pytest.raises(NotOnChainError):
        held(case, case.package(), checkpoints=())


def test_a_package_signed_by_another_log_is_refuted_but_no_fork(case: Case) -> None:
    known = case.evidence.checkpoint
    note = cosigned_note(Checkpoint(origin="other.test/log", size=known.size, root=known.root))
    forged = case.with_evidence(checkpoint=replace(known, note=note))
    with pytest.raises(CheckpointSignatureError):
        held(case, forged.package())


def test_a_package_sealed_by_another_chain_is_refuted(case: Case) -> None:
    records = [logged.record for logged in case.evidence.records]
    foreign = case.relogged(records, replace(case.chain, secret=b"another chain"))
    with pytest.raises(RefutedError):
        held(case, foreign.package())


def test_a_file_that_is_no_package_is_unreadable(case: Case) -> None:
    with pytest.raises(ContractsChainError) as caught:
        held(case, b"no package")
    assert not isinstance(caught.value, RefutedError)
    with pytest.raises(MalformedEvidenceError):
        held(case, case.close(replace(case.contents(), evidence=b"{}")))


def test_roots_from_one_pass_over_the_leaves_are_those_of_the_log() -> None:
    leaves = [LeafHash(Bytes32(hashlib.sha256(bytes([n])).digest())) for n in range(70)]
    computed = roots_at(iter(leaves), set(range(71)))
    assert [computed[size] for size in range(71)] == [MerkleLog(leaves[:size]).root() for size in range(71)]
