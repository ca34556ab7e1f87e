"""A checkpoint from the moment the order of its leaves is fixed until its proofs are stored.

``closed → cosigned → signed → sent → mined → final``. The note with the witnesses'
cosignatures is stored before anything is signed for the chain, and one checkpoint is
under way at a time. With the witnesses away it waits, closed; nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.evidence.checkpoint import Checkpoint, sign_checkpoint
from contracts_chain.ledger.verify_anchor import verify_anchor
from contracts_chain.workflows.dossier import CheckpointFile, TransactionFile
from contracts_chain.workflows.errors import AnchoredElsewhereError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_covered
from contracts_chain.workflows.transactions import may_try_again, raise_alarm, sign_and_store
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.sized_bytes import Bytes32

__all__ = ["BATCH_LEAVES", "AnchorCourse", "close_checkpoint", "cosign_newest", "sign_newest"]

BATCH_LEAVES = 4096
"""Leaves that one checkpoint brings into order at most, unless the caller says otherwise."""


def close_checkpoint(office: Office, *, most: int = BATCH_LEAVES) -> CheckpointFile | None:
    """Fix the order of what was taken in, and size and root of the log with it.

    Args:
        office: Where log and key come from.
        most: Leaves to bring into order at most; the rest waits for the next checkpoint.

    Returns:
        The checkpoint under way: a new one, the unfinished one, or ``None`` if the
        last one covers every leaf.
    """
    with office.work() as work:
        work.log.lock()
        newest = work.checkpoints.newest()
        if newest is not None and newest.state != "final":
            return newest
        size = work.log.sequence_pending(most)
        if size == (newest.size if newest else 0):
            return None
        statement = Checkpoint(origin=office.trust.log_origin, size=size, root=work.log.root(size))
        checkpoint = CheckpointFile(
            sequence=newest.sequence + 1 if newest else 1,
            size=size,
            root=statement.root,
            note=sign_checkpoint(statement, office.log_key),
            state="closed",
            closed_utc=office.clock.now(),
        )
        work.checkpoints.add(checkpoint)
        work.commit()
    return checkpoint


def cosign_newest(office: Office) -> bool:
    """Have the closed checkpoint cosigned, if there is one.

    Returns:
        Whether a checkpoint moved on.

    Raises:
        WitnessQuorumError: Too few witnesses answered; it stays closed, call again.
        WitnessForkError: A witness holds another history of this log: an alarm.
    """
    with office.work() as work:
        newest = work.checkpoints.newest()
    if newest is None or newest.state != "closed":
        return False
    size = newest.size

    def consistency(old: int) -> Sequence[Bytes32]:
        with office.work() as work:
            return work.log.consistency(old, size)

    note = office.witnesses.cosign(newest.note, size, consistency)
    with office.work() as work:
        work.transactions.lock()
        if work.checkpoints.load(newest.sequence).state == "closed":
            work.checkpoints.save(replace(newest, note=note, state="cosigned"))
            work.commit()
    return True


def sign_newest(office: Office, work: UnitOfWork) -> bool:
    """Sign the transaction of the cosigned checkpoint; the caller holds the chain's lock and commits.

    Raises:
        AnchoredElsewhereError: The registry holds this sequence by a transaction that is not ours.
    """
    newest = work.checkpoints.newest()
    if newest is None or newest.state != "cosigned":
        return False
    if work.transactions.newest_of("anchor", newest.sequence) is not None:  # one failed: look first
        if not may_try_again(office, work, "anchor", newest.sequence):
            return False
        _verify_not_anchored(office, newest)
    before = work.checkpoints.load(newest.sequence - 1).size if newest.sequence > 1 else 0
    proof = work.log.consistency(before, newest.size) if before else ()
    sign_and_store(
        office,
        work,
        "anchor",
        newest.sequence,
        lambda nonce: office.chain.sign_anchor(newest.sequence, newest.size, newest.root, proof, nonce),
    )
    work.checkpoints.save(replace(newest, state="signed"))
    return True


def _verify_not_anchored(office: Office, checkpoint: CheckpointFile) -> None:
    """Look by the business key: whoever else anchored this sequence is never adopted."""
    head = office.chain.head()
    if head.sequence < checkpoint.sequence:
        return
    problem = AnchoredElsewhereError(checkpoint.sequence)
    with office.work() as work:
        raise_alarm(
            office, work, problem.code, f"checkpoint {checkpoint.sequence}", en=problem.en, zh=problem.zh
        )
        work.commit()
    raise problem


class AnchorCourse:
    """An ``anchor`` transaction moves its checkpoint and the evidence it covers."""

    def capture(self, office: Office, transaction: TransactionFile) -> bytes | None:
        """Header, receipt, transaction and account proofs, verified against our own trust."""
        proof = office.chain.capture(transaction.transaction_hash)
        verify_anchor(proof, office.trust.chain)
        return canonical_bytes(proof.to_json())

    def moved(
        self, work: UnitOfWork, transaction: TransactionFile, proof: bytes | None, at: datetime
    ) -> None:
        """Take the checkpoint along; once mined, mark what it added."""
        checkpoint = work.checkpoints.load(transaction.ref)
        first = work.checkpoints.load(checkpoint.sequence - 1).size if checkpoint.sequence > 1 else 0
        match transaction.state:
            case "signed" | "sent":
                work.checkpoints.save(replace(checkpoint, state=transaction.state))
            case "mined":
                work.checkpoints.save(replace(checkpoint, state="mined"))
                _mark(work, transaction, (first, checkpoint.size), EvidenceState.ANCHORED, at)
            case "final":
                work.checkpoints.save(replace(checkpoint, state="final", proof=proof))
                _mark(work, transaction, (first, checkpoint.size), EvidenceState.FINAL, at)
            case "failed":
                work.checkpoints.save(replace(checkpoint, state="cosigned"))
            case _:
                assert_never(transaction.state)


def _mark(
    work: UnitOfWork,
    transaction: TransactionFile,
    leaves: tuple[int, int],
    state: EvidenceState,
    at: datetime,
) -> None:
    """Move the papers whose newest leaf is one of these, and tell of it; the second bound is not included."""
    change: JsonObject = {"checkpoint": transaction.ref, "transaction": transaction.transaction_hash.hex0x()}
    note_covered(work, work.checkpoints.mark_covered(*leaves, state), state, at=at, change=change)
