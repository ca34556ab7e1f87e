"""Forced reading: what the service served to a party, when, and what the party confirmed.

Every page or the whole text, and each conspicuous clause alone for its time, by the clock of this
service. The browser's word counts for nothing. A clause that stands in several documents of a set
is read once and noted in each. Must never shorten the time that the offer recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from contracts_chain.agreements.ceremony.dwell import begun_reading, seconds_left
from contracts_chain.agreements.ceremony.key_clauses import KeyClause, key_clauses
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.templates.template import template_named
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.reading_plan import ClauseDue, ReadingPlan
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony_errors import (
    IdentityMissingError,
    ReadingPlanLostError,
    TooEarlyError,
    UnknownClauseError,
)
from contracts_chain.workflows.ceremony_ports import (
    TEXT,
    QuestionFile,
    ReadingFile,
    clause_item,
    page_item,
)
from contracts_chain.workflows.ceremony_view import (
    CeremonyView,
    Held,
    found,
    hold,
    hold_file,
    is_identified,
    plan_of,
    progress_of,
    view_of,
)
from contracts_chain.workflows.compare import Twin, twin_of
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_ports import DraftVersion
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event
from kernel.canonical_json import JsonObject
from pdfgen.page_images import page_png

__all__ = [
    "ClauseShown",
    "clauses_of",
    "confirm_clause",
    "page_image",
    "reading_plan",
    "serve_clause",
    "serve_text",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseShown:
    """One conspicuous clause before its reader.

    Attributes:
        seconds_due: As the offer recorded it.
        seconds_left: Still to be read; 0 when it may be confirmed.
        confirmed: Whether it is already.
        questions: Of this party on this clause, oldest first.
    """

    clause: KeyClause
    view: CeremonyView
    seconds_due: int
    seconds_left: int
    confirmed: bool
    questions: tuple[QuestionFile, ...]

    @property
    def waits(self) -> bool:
        """Whether a question on it is not answered and cleared yet."""
        return any(question.cleared_utc is None for question in self.questions)


def clauses_of(work: UnitOfWork, dossier: AgreementDossier) -> tuple[KeyClause, ...]:
    """Every conspicuous clause of the agreement as it stands.

    Raises:
        ReadingPlanLostError: The version that was drawn is gone.
    """
    version = work.drafts.find(dossier.number, dossier.draft_version)
    if version is None:
        raise ReadingPlanLostError(dossier.number)
    return _clauses_of(version)


@lru_cache(maxsize=256)
def _clauses_of(version: DraftVersion) -> tuple[KeyClause, ...]:
    """Composed from the version alone; no clause depends on what is printed at head or foot."""
    document = compose(
        load_terms(version.terms),
        template_named(version.template),
        number=version.number,
        not_before=None,
        qr_text="",
        created_utc=version.saved_utc,
        mark="",
    )
    return key_clauses(document)


def reading_plan(office: Office, work: UnitOfWork, dossier: AgreementDossier) -> ReadingPlan:
    """What whoever signs this agreement must be served; fixed when it is offered."""
    return ReadingPlan(
        pages=dossier.pages,
        clauses=tuple(
            ClauseDue(clause=one.heading, sha256=one.sha256, seconds=office.reading.seconds(one.text))
            for one in clauses_of(work, dossier)
        ),
    )


def page_image(office: Office, token: str, page: int, width_px: int) -> bytes:
    """One page of the document as PNG, and the fact that it was served.

    Raises:
        UnknownNumberError: No such link.
        PageMissingError: No such page.
    """
    with office.work() as work:
        ceremony, _ = found(work, token)
    image = page_png(office.blobs.get(ceremony.document_sha256), page, width_px)
    _note_served(office, token, page_item(page))
    return image


def serve_text(office: Office, token: str) -> Twin:
    """The whole text as one page for readers, and the fact that it was served.

    Raises:
        UnknownNumberError: No such link.
        ReadingPlanLostError: The text at hand is not of the approved document.
    """
    with office.work() as work:
        ceremony, _ = found(work, token)
    twin = twin_of(office, ceremony.number)
    if twin.facts.pdf_sha256 != ceremony.document_sha256.hex():
        raise ReadingPlanLostError(ceremony.number)
    _note_served(office, token, TEXT)
    return twin


def serve_clause(office: Office, token: str, position: int) -> ClauseShown:
    """One conspicuous clause; the first serving starts its time.

    Args:
        office: Clock and storage.
        token: The party's link.
        position: From 1, in the order of the document.

    Raises:
        UnknownNumberError: No such link.
        UnknownClauseError: No such clause.
        IdentityMissingError: The party is not identified.
        SignatureTurnError: Another party is to sign first.
    """
    with office.work() as work:
        _hold_fellows(work, token)
        held, plan = _reader(work, token)
        clause, due = _clause_at(held, plan, position)
        now = held.moment(office.clock.now())
        if held.ceremony.state == "open":
            for each in (held, *_fellows(work, held, due)):
                _note_clause_served(each, due, held, each.moment(now))
        shown = _shown(held, clause, due, now)
        work.commit()
    return shown


def confirm_clause(office: Office, token: str, position: int) -> ClauseShown:
    """The party says that it has understood one clause, after its time.

    Raises:
        UnknownNumberError: No such link.
        UnknownClauseError: No such clause.
        IdentityMissingError: The party is not identified.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        TooEarlyError: Its time is not over; says how long it is still to be read.
    """
    with office.work() as work:
        _hold_fellows(work, token)
        held, plan = _reader(work, token)
        clause, due = _clause_at(held, plan, position)
        now = held.moment(office.clock.now())
        left = _left(held, due, now)
        if left is None:
            raise TooEarlyError(due.seconds)
        if left:
            raise TooEarlyError(left)
        for each in (held, *_fellows(work, held, due)):
            _note_clause_confirmed(each, due, held, each.moment(now))
        shown = _shown(held, clause, due, now)
        work.commit()
    return shown


def _reader(work: UnitOfWork, token: str) -> tuple[Held, ReadingPlan]:
    held = hold(work, token)
    trail = held.trail()
    if not is_identified(trail, held.ceremony):
        raise IdentityMissingError
    return held, plan_of(trail, held.dossier.number)


def _clause_at(held: Held, plan: ReadingPlan, position: int) -> tuple[KeyClause, ClauseDue]:
    if not 1 <= position <= len(plan.clauses):
        raise UnknownClauseError(position, len(plan.clauses))
    due = plan.clauses[position - 1]
    clauses = clauses_of(held.work, held.dossier)
    if len(clauses) != len(plan.clauses) or clauses[position - 1].sha256 != due.sha256:
        raise ReadingPlanLostError(held.dossier.number)
    return clauses[position - 1], due


def _note_served(office: Office, token: str, item: str) -> None:
    """Count what was served to an identified reader, once; the last item completes the showing."""
    with office.work() as work:
        try:
            held, _ = _reader(work, token)
        except (IdentityMissingError, SignatureTurnError):
            return  # looked at, before or after the reading
        now = held.moment(office.clock.now())
        if held.ceremony.state != "open" or not _add(held, item, "served", now):
            return
        _note_shown(held, item, now)
        work.commit()


def _note_shown(held: Held, item: str, now: datetime) -> None:
    trail = held.trail()
    plan = plan_of(trail, held.dossier.number)
    own = [event for event in trail if event.details.get("ceremony") == held.ceremony.id]
    if any(event.event is TrailEventKind.SHOWN for event in own):
        return
    if not progress_of(held, trail, plan).pages_due:
        details: JsonObject = {
            "document_sha256": held.ceremony.document_sha256.hex(),
            "form": "text" if item == TEXT else "pages",
            "pages": plan.pages,
        }
        held.note(TrailEventKind.SHOWN, details, now)


def _add(held: Held, item: str, act: Literal["served", "confirmed"], now: datetime) -> bool:
    """Note one item, once; other systems are told of the first one, and of the one that ends the reading."""
    work, trail = held.work, held.trail()
    plan = plan_of(trail, held.dossier.number)
    is_first, was_read = (
        not work.readings.of(held.ceremony.id),
        progress_of(held, trail, plan).is_read_through,
    )
    if not work.readings.note(ReadingFile(ceremony=held.ceremony.id, item=item, act=act, at_utc=now)):
        return False
    if is_first:
        _tell(held, ProcessEventKind.VIEWED, now)
    if not was_read and progress_of(held, trail, plan).is_read_through:
        _tell(held, ProcessEventKind.READ_COMPLETE, now)
    return True


def _tell(held: Held, kind: ProcessEventKind, now: datetime) -> None:
    change = {
        "ceremony": held.ceremony.id,
        "document_sha256": held.ceremony.document_sha256.hex(),
        "role": held.ceremony.role,
    }
    note_process_event(held.work, held.dossier.number, kind, at=now, change=change)


def _note_clause_served(held: Held, due: ClauseDue, reader: Held, now: datetime) -> None:
    if _add(held, clause_item(due.sha256), "served", now):
        held.note(TrailEventKind.CLAUSE_SHOWN, _details(due, held, reader), now)


def _note_clause_confirmed(held: Held, due: ClauseDue, reader: Held, now: datetime) -> None:
    begun = _begun(held, due)
    if begun is None or seconds_left(begun, due.seconds, now):
        return  # a fellow that was not there when the clause was opened
    if _add(held, clause_item(due.sha256), "confirmed", now):
        read = int((now - begun).total_seconds())
        details: JsonObject = {
            **_details(due, held, reader),
            "seconds_due": due.seconds,
            "seconds_read": read,
        }
        held.note(TrailEventKind.CLAUSE_CONFIRMED, details, now)


def _details(due: ClauseDue, held: Held, reader: Held) -> JsonObject:
    said: JsonObject = {"clause": due.clause, "clause_sha256": due.sha256.hex()}
    return said if held is reader else {**said, "read_in": reader.dossier.number}


def _begun(held: Held, due: ClauseDue) -> datetime | None:
    """When the reading of a clause began, or ``None`` if it was never served."""
    rows, item = held.work.readings.of(held.ceremony.id), clause_item(due.sha256)
    served = next((row.at_utc for row in rows if (row.item, row.act) == (item, "served")), None)
    if served is None:
        return None
    before = [row.at_utc for row in rows if row.act == "confirmed" and row.item != item]
    return begun_reading(served, max(before, default=None))


def _left(held: Held, due: ClauseDue, now: datetime) -> int | None:
    begun = _begun(held, due)
    return None if begun is None else seconds_left(begun, due.seconds, now)


def _shown(held: Held, clause: KeyClause, due: ClauseDue, now: datetime) -> ClauseShown:
    view = view_of(held)
    confirmed = clause.position in view.confirmed
    asked = held.work.questions.of_agreement(held.dossier.number)
    left = None if confirmed else _left(held, due, now)
    return ClauseShown(
        clause=clause,
        view=view,
        seconds_due=due.seconds,
        seconds_left=left or 0,
        confirmed=confirmed,
        questions=tuple(one for one in asked if (one.role, one.clause) == (held.ceremony.role, due.sha256)),
    )


def _hold_fellows(work: UnitOfWork, token: str) -> None:
    """A clause may be noted in every document of the set: all are locked before any, by number."""
    ceremony, _ = found(work, token)
    if ceremony.set_id is not None:
        work.signing_sets.hold(ceremony.set_id)


def _fellows(work: UnitOfWork, held: Held, due: ClauseDue) -> Iterator[Held]:
    """Other documents of the set that hold the very same clause and wait for the same person."""
    if held.ceremony.set_id is None:
        return
    for member in work.signing_sets.members(held.ceremony.set_id):
        ceremony = work.ceremonies.load(member.ceremony)
        if ceremony.id == held.ceremony.id or ceremony.state != "open":
            continue
        try:
            fellow = hold_file(work, ceremony)
        except SignatureTurnError:
            continue
        plan = plan_of(fellow.trail(), fellow.dossier.number)
        if any(one.sha256 == due.sha256 for one in plan.clauses):
            yield fellow
