"""How a contract stands, from the deed to the word on the chain.

An executed contract is in force at once (its text: 成立并生效); here its word follows as
soon as its execution record is under a final checkpoint. Termination, supersession,
suspension and resumption are deeds of people: trail line, record leaf, state and the
wanted word are committed together, and that row is the intent. The pipeline then writes
the words in batches, each with the proof that its leaf is in the registry's head.

The chain's word is what packages show, dated; the state here never waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import chain

from contracts_chain.agreements.lifecycle import AgreementState, Deed, EvidenceState, advance_agreement
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CheckpointFile,
    StatusChangeFile,
    TransactionFile,
)
from contracts_chain.workflows.errors import NotExecutedError, SuccessorMissingError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.transactions import sign_and_store
from kernel.canonical_json import JsonValue
from kernel.errors import RefutedError, RejectedError
from kernel.sized_bytes import LeafHash

__all__ = [
    "StatusCourse",
    "StatusDeed",
    "change_status",
    "enter_into_force",
    "execution_record",
    "sign_statuses",
]

_LOG = logging.getLogger("contracts_chain.worker")
BATCH_WORDS = 64
"""Status words in one transaction at most."""
_LOOK_AT = 4 * BATCH_WORDS


class StatusDeed(Enum):
    """What may be done to the standing of a formed contract, and the word it leads to."""

    TERMINATE = "terminated"
    SUPERSEDE = "superseded"
    SUSPEND = "suspended"
    RESUME = "in_force"

    @property
    def deed(self) -> Deed:
        """The arrow in the agreement's life."""
        return Deed[self.name]


_WORDS = {
    AgreementState.SUSPENDED: RegistryStatus.SUSPENDED,
    AgreementState.TERMINATED: RegistryStatus.TERMINATED,
    AgreementState.SUPERSEDED: RegistryStatus.SUPERSEDED,
}
"""The word of a formed agreement's state; every other state is in force on the chain."""


def change_status(
    office: Office, number: str, deed: StatusDeed, *, reason: str, by: str, successor: str | None = None
) -> AgreementDossier:
    """Terminate, supersede, suspend or resume a formed contract.

    Args:
        office: Where time and records come from.
        number: The contract.
        deed: What is done.
        reason: Why, for the record and a court; a person wrote it.
        by: Who decided, as an id of the service.
        successor: Number of the executed contract that takes its place, with ``SUPERSEDE`` only.

    Raises:
        UnknownNumberError: No such agreement, or no such successor.
        NotExecutedError: The agreement or the successor was never executed.
        SuccessorMissingError: Supersession without a successor, the reverse, or by itself.
        TransitionRefusedError: The deed is not allowed in this state.
    """
    if (successor is not None) != (deed is StatusDeed.SUPERSEDE) or successor == number:
        raise SuccessorMissingError(number)
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        now = office.clock.now()
        executed = execution_record(work, dossier)
        if dossier.state is AgreementState.EXECUTED:
            dossier = _in_force(work, dossier, executed.leaf(), now)
        state = advance_agreement(dossier.state, deed.deed)
        follower = None if successor is None else _successor_leaf(work, successor)
        details: dict[str, JsonValue] = {"reason": reason, "status": deed.value}
        if successor is not None:
            details["successor"] = successor
        trail = note_event(work, number, TrailEventKind.STATUS_CHANGED, at=now, actor=by, details=details)
        append_record(
            work,
            RecordKind.AGREEMENT_STATUS,
            subject=number,
            document=executed.document,
            at=now,
            actor=by,
            details=details | {"trail": final_hash(trail).hex()},
        )
        word = _WORDS.get(state, RegistryStatus.IN_FORCE)
        if word is not _WORDS.get(dossier.state, RegistryStatus.IN_FORCE):
            _want(work, dossier, executed.leaf(), word, follower, now)
        moved = replace(dossier, state=state, evidence_state=EvidenceState.LOGGED)
        saved = work.agreements.save(moved)
        work.commit()
    return saved


def enter_into_force(office: Office, *, most: int = BATCH_WORDS) -> int:
    """Let executed contracts whose execution is final enter into force; return how many did.

    Two may try at once: the agreement's row is locked and read again.
    """
    with office.work() as work:
        due = work.status_changes.executed(final=True, most=most)
    return sum(_enter(office, number) for number in due)


def _enter(office: Office, number: str) -> bool:
    """One contract that cannot enter does not keep the others waiting."""
    try:
        with office.work() as work:
            dossier = work.agreements.load(number, lock=True)
            if dossier.state is not AgreementState.EXECUTED:
                return False
            executed = execution_record(work, dossier)
            work.agreements.save(_in_force(work, dossier, executed.leaf(), office.clock.now()))
            work.commit()
    except (RejectedError, RefutedError) as problem:
        _LOG.error("%s cannot enter into force: %s %s", number, problem.code, problem.en)
        return False
    return True


def execution_record(work: UnitOfWork, dossier: AgreementDossier) -> Record:
    """The record whose leaf is the contract's key on the chain.

    Raises:
        NotExecutedError: Not every party has signed.
    """
    if dossier.executed_utc is None:
        raise NotExecutedError(dossier.number)
    taken_in = (row.record for row in work.log.waiting() if row.subject == dossier.number)
    in_order = (leaf.record for leaf in work.log.leaves_of(dossier.number))
    for content in chain(in_order, taken_in):
        record = Record.parse(content)
        if record.kind is RecordKind.AGREEMENT_EXECUTED:
            return record
    raise NotExecutedError(dossier.number)


def sign_statuses(office: Office, work: UnitOfWork) -> bool:
    """Sign a batch of words that wait; the caller holds the chain's lock and commits.

    A word whose leaf is not under the registry's head yet waits, and so do later words of
    that contract. A word that was in a failed batch goes alone.
    """
    head = work.checkpoints.newest_final()
    if head is None:
        return False
    waiting = work.status_changes.waiting(_LOOK_AT)
    fresh = [change for change in waiting if change.attempts == 0]
    retried = sorted((one for one in waiting if one.attempts), key=lambda one: (one.attempts, one.id))
    held = {one.number for one in waiting if one.attempts}
    batch = list(_provable(work, head, [one for one in fresh if one.number not in held]))[:BATCH_WORDS]
    if not batch:
        again = [one for one in _first_of_each(retried) if _may_go_again(office, work, one)]
        batch = list(_provable(work, head, again))[:1]
    if not batch:
        return False
    stored = sign_and_store(
        office,
        work,
        "status",
        None,
        lambda nonce: office.chain.sign_statuses([change for _, change in batch], nonce),
    )
    for row, _ in batch:
        work.status_changes.save(replace(row, state="signed", nonce=stored.nonce))
    return True


class StatusCourse:
    """A ``status`` transaction moves the words of its batch."""

    def capture(self, office: Office, transaction: TransactionFile) -> bytes | None:
        """Nothing is kept: a word is proven afresh from storage whenever a package is handed out."""
        del office, transaction
        return None

    def moved(self, work: UnitOfWork, transaction: TransactionFile, proof: bytes | None) -> None:
        """Finish the batch, or let its words wait again, each alone."""
        del proof
        if transaction.state == "final":
            for row in work.status_changes.of_batch(transaction.nonce):
                work.status_changes.save(replace(row, state="final"))
        elif transaction.state == "failed":
            for row in work.status_changes.of_batch(transaction.nonce):
                work.status_changes.save(replace(row, state="waiting", attempts=row.attempts + 1))


def _in_force(work: UnitOfWork, dossier: AgreementDossier, key: LeafHash, now: datetime) -> AgreementDossier:
    _want(work, dossier, key, RegistryStatus.IN_FORCE, None, now)
    return replace(dossier, state=advance_agreement(dossier.state, Deed.ENTER_INTO_FORCE))


def _want(
    work: UnitOfWork,
    dossier: AgreementDossier,
    key: LeafHash,
    word: RegistryStatus,
    successor: LeafHash | None,
    now: datetime,
) -> None:
    change = StatusChangeFile(number=dossier.number, key=key, status=word, successor=successor, asked_utc=now)
    work.status_changes.add(change)


def _successor_leaf(work: UnitOfWork, number: str) -> LeafHash:
    return execution_record(work, work.agreements.load(number)).leaf()


def _may_go_again(office: Office, work: UnitOfWork, row: StatusChangeFile) -> bool:
    """Whether a minute for each failure has passed since the last one."""
    if row.nonce is None:
        return True
    tried = work.transactions.load(row.nonce).signed_utc
    return office.clock.now() - tried >= row.attempts * timedelta(minutes=1)


def _first_of_each(waiting: list[StatusChangeFile]) -> list[StatusChangeFile]:
    """The oldest word of each contract: a later one may only follow it."""
    oldest: dict[str, StatusChangeFile] = {}
    for one in sorted(waiting, key=lambda one: one.id):
        oldest.setdefault(one.number, one)
    return [one for one in waiting if oldest[one.number] is one]


def _provable(
    work: UnitOfWork, head: CheckpointFile, waiting: list[StatusChangeFile]
) -> Iterator[tuple[StatusChangeFile, StatusChange]]:
    """Words whose leaves are under the head, with their paths; none of a contract after a gap."""
    held_back: set[str] = set()
    for row in waiting:
        change = None if row.number in held_back else _proven(work, head.size, row)
        if change is None:
            held_back.add(row.number)
        else:
            yield row, change


def _proven(work: UnitOfWork, size: int, row: StatusChangeFile) -> StatusChange | None:
    index = work.status_changes.place(row.key)
    if index is None or index >= size:
        return None
    path = work.log.inclusion(index, size).path
    if row.successor is None:
        return StatusChange(key=row.key, status=row.status, successor=None, index=index, path=path)
    place = work.status_changes.place(row.successor)
    if place is None or place >= size:
        return None
    return StatusChange(
        key=row.key,
        status=row.status,
        successor=row.successor,
        index=index,
        path=path,
        successor_index=place,
        successor_path=work.log.inclusion(place, size).path,
    )
