"""How a contract stands, from the deed to the word on the chain.

An executed contract binds at once (its text: 成立并生效), so its word ``in_force`` follows as
soon as its execution record is under a final checkpoint; its state turns ``in_force`` (执行中)
then, or on the agreed first day if that is later. Termination, supersession, suspension and
resumption are deeds of people: trail line, record leaf, state and the wanted word are
committed together, and that row is the intent. The pipeline then writes the words in
batches, each with the proof that its leaf is in the registry's head.

The chain's word is what packages show, dated; the state here never waits for it. Supply is
suspended only on a notice that was served on paper, its period passed (``notices``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from contracts_chain.agreements.lifecycle import AgreementState, Deed, advance_agreement, allowed_deeds
from contracts_chain.agreements.notices import NoticeKind, PaperServiceRequiredError
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.terms.supply_terms import SupplyTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CheckpointFile,
    StatusChangeFile,
    TransactionFile,
)
from contracts_chain.workflows.errors import SuccessorMissingError
from contracts_chain.workflows.life_errors import ChangeOpenError
from contracts_chain.workflows.notices import use_notice
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event, state_move
from contracts_chain.workflows.standing import (
    beijing_day,
    execution_record,
    note_standing,
    span_of,
    verify_not_held,
)
from contracts_chain.workflows.transactions import sign_and_store
from kernel.canonical_json import JsonValue
from kernel.errors import ContractsChainError
from kernel.sized_bytes import LeafHash

__all__ = [
    "StatusCourse",
    "StatusDeed",
    "change_status",
    "end_supplements",
    "enter",
    "enter_into_force",
    "move_standing",
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
_ENDED = (AgreementState.TERMINATED, AgreementState.SUPERSEDED)
_NOTICES = {StatusDeed.SUSPEND: NoticeKind.CUT_OFF, StatusDeed.TERMINATE: NoticeKind.ENDING}


def change_status(
    office: Office,
    number: str,
    deed: StatusDeed,
    *,
    reason: str,
    by: str,
    successor: str | None = None,
    notice: str | None = None,
) -> AgreementDossier:
    """Terminate, supersede, suspend or resume a formed contract.

    Args:
        office: Where time and records come from.
        number: The contract.
        deed: What is done.
        reason: Why, for the record and a court; a person wrote it.
        by: Who decided, as an id of the service.
        successor: Number of the executed contract that takes its place, with ``SUPERSEDE`` only.
        notice: Number of the notice served on paper that allows it: due to suspend a supply
            contract, and to terminate one against the customer's will.

    Raises:
        UnknownNumberError: No such agreement, or no such successor.
        NotExecutedError: The agreement or the successor was never executed.
        SuccessorMissingError: Supersession without a successor, the reverse, or by itself.
        DisputeHoldError: A dispute holds it.
        TransitionRefusedError: The deed is not allowed in this state.
        ChangeOpenError: It is to resume from a change whose paper is still on its way.
        PaperServiceRequiredError: Supply is to be suspended without a notice served on paper.
        NoticeRefusedError: The notice was not served, or its period runs.
    """
    if (successor is not None) != (deed is StatusDeed.SUPERSEDE) or successor == number:
        raise SuccessorMissingError(number)
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        now = office.clock.now()
        execution_record(work, dossier)
        verify_not_held(work, number)
        if dossier.state is AgreementState.EXECUTED:
            dossier = _scheduled(work, dossier, now)
        advance_agreement(dossier.state, deed.deed)
        if deed is StatusDeed.RESUME:
            _verify_nothing_open(work, dossier)
        details: dict[str, JsonValue] = {"reason": reason}
        if successor is not None:
            details["successor"] = successor
        if (allowed_by := _notice(work, dossier, deed, notice, now)) is not None:
            details["notice"] = allowed_by
        saved = move_standing(work, dossier, deed, at=now, actor=by, details=details)
        work.commit()
    return saved


def move_standing(
    work: UnitOfWork,
    dossier: AgreementDossier,
    deed: StatusDeed,
    *,
    at: datetime,
    actor: str,
    details: dict[str, JsonValue],
) -> AgreementDossier:
    """Take the arrow, write line and leaf and want the word; the caller locked the row and commits.

    Raises:
        NotExecutedError: The agreement, or the successor that ``details`` names, was never executed.
        TransitionRefusedError: The deed is not allowed in this state.
    """
    executed = execution_record(work, dossier)
    state = advance_agreement(dossier.state, deed.deed)
    successor = details.get("successor")
    follower = _successor_leaf(work, successor) if isinstance(successor, str) else None
    told = {"status": deed.value} | details
    evidence = note_standing(work, dossier, to=state, at=at, actor=actor, details=told)
    word = _WORDS.get(state, RegistryStatus.IN_FORCE)
    if word is not _WORDS.get(dossier.state, RegistryStatus.IN_FORCE):
        follower = follower if word is RegistryStatus.SUPERSEDED else None
        _want(work, dossier.number, executed.leaf(), word, follower, at)
    saved = work.agreements.save(replace(dossier, state=state, evidence_state=evidence))
    if state in _ENDED:
        end_supplements(work, saved, at=at)
    return saved


def end_supplements(work: UnitOfWork, main: AgreementDossier, *, at: datetime) -> None:
    """Terminate the supplements of a contract that has ended, as their text says; the caller commits."""
    for change in work.life.changes_of(main.number):
        if change.kind != "supplement" or change.state != "done" or change.follower is None:
            continue
        paper = work.agreements.load(change.follower, lock=True)
        if paper.state is AgreementState.EXECUTED:
            paper = _scheduled(work, paper, at)
        if Deed.TERMINATE in allowed_deeds(paper.state) and work.life.hold_of(paper.number) is None:
            details: dict[str, JsonValue] = {"main": main.number, "reason": f"原合同{main.state.zh}"}
            move_standing(work, paper, StatusDeed.TERMINATE, at=at, actor="service", details=details)


def enter_into_force(office: Office, *, most: int = BATCH_WORDS) -> int:
    """Schedule contracts whose execution is final and begin those whose day has come; return how many moved.

    Two may try at once: the agreement's row is locked and read again.
    """
    today = beijing_day(office.clock.now())
    with office.work() as work:
        final = work.status_changes.executed(final=True, most=most)
        due = work.life.due_to_enter(today, most)
    return sum(enter(office, number) for number in dict.fromkeys((*final, *due)))


def enter(office: Office, number: str) -> bool:
    """Schedule one executed contract, and begin it if its day has come; true if it moved.

    One that cannot enter does not keep the others waiting: that is logged.
    """
    try:
        with office.work() as work:
            dossier = work.agreements.load(number, lock=True)
            if dossier.state is not AgreementState.EXECUTED:
                return False
            known = work.life.find_span(number) is not None
            moved = _scheduled(work, dossier, office.clock.now())
            if known and moved == dossier:
                return False
            work.agreements.save(moved)
            work.commit()
    except ContractsChainError as problem:
        _LOG.error("%s cannot enter into force: %s %s", number, problem.code, problem.en)
        return False
    return True


def _scheduled(work: UnitOfWork, dossier: AgreementDossier, now: datetime) -> AgreementDossier:
    """Give an executed contract its span and its first word; in force if its first day has come."""
    span = work.life.find_span(dossier.number)
    if span is None:
        span = span_of(dossier)
        key = execution_record(work, dossier).leaf()
        work.life.add_span(span)
        _want(work, dossier.number, key, RegistryStatus.IN_FORCE, None, now)
    if beijing_day(now) < span.starts_on:
        return dossier
    begun = replace(dossier, state=advance_agreement(dossier.state, Deed.ENTER_INTO_FORCE))
    change = {"status": "in_force", **state_move(dossier.state, begun.state)}
    note_process_event(work, dossier.number, ProcessEventKind.STATUS_CHANGED, at=now, change=change)
    return begun


def _verify_nothing_open(work: UnitOfWork, dossier: AgreementDossier) -> None:
    for change in work.life.changes_of(dossier.number):
        if change.state == "open" and dossier.state is not AgreementState.SUSPENDED:
            raise ChangeOpenError(change)


def _notice(
    work: UnitOfWork, dossier: AgreementDossier, deed: StatusDeed, notice: str | None, now: datetime
) -> str | None:
    """Use up the notice that allows the deed; 条例 art. 39 asks for one before supply is cut."""
    if notice is not None:
        return use_notice(work, notice, dossier.number, _NOTICES.get(deed), now).number
    if deed is StatusDeed.SUSPEND and isinstance(load_terms(dossier.terms), SupplyTerms):
        raise PaperServiceRequiredError(dossier.number)
    return None


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

    def moved(
        self, work: UnitOfWork, transaction: TransactionFile, proof: bytes | None, at: datetime
    ) -> None:
        """Finish the batch, or let its words wait again, each alone."""
        del proof, at
        if transaction.state == "final":
            for row in work.status_changes.of_batch(transaction.nonce):
                work.status_changes.save(replace(row, state="final"))
        elif transaction.state == "failed":
            for row in work.status_changes.of_batch(transaction.nonce):
                work.status_changes.save(replace(row, state="waiting", attempts=row.attempts + 1))


def _want(
    work: UnitOfWork,
    number: str,
    key: LeafHash,
    word: RegistryStatus,
    successor: LeafHash | None,
    now: datetime,
) -> None:
    change = StatusChangeFile(number=number, key=key, status=word, successor=successor, asked_utc=now)
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
