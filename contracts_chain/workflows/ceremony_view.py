"""A ceremony as its pages show it, and as a deed holds it while it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.agreements.ceremony.steps import CeremonyProgress
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.agreements.terms.party import Person
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.reading_plan import ReadingPlan
from contracts_chain.evidence.trail import Trail, TrailEventKind
from contracts_chain.evidence.trail_again import verify_again
from contracts_chain.workflows.acting_party import acting_party
from contracts_chain.workflows.ceremony_errors import ReadingPlanLostError
from contracts_chain.workflows.ceremony_ports import TEXT, ReadingFile, clause_item, page_item
from contracts_chain.workflows.chronicle import moment_on, note_event
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, SlotFile
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = [
    "CeremonyView",
    "Held",
    "found",
    "hold",
    "hold_file",
    "is_identified",
    "plan_of",
    "progress_of",
    "view_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyView:
    """What the signing pages show.

    Attributes:
        state: ``open``, ``confirmed`` (will confirmed, signing under way), ``signed`` or ``closed``.
        plan: Pages and conspicuous clauses that are to be served.
        progress: How far this party has come.
        served: Items that were served, as ``ceremony_ports`` names them.
        fingerprint: Short form of the document's digest, ``7F3A-92C1``.
    """

    id: str
    number: str
    kind: str
    title: str
    role: str
    organisation: str
    signer_name: str
    document_sha256: Bytes32
    fingerprint: str
    state: str
    plan: ReadingPlan
    progress: CeremonyProgress
    served: tuple[str, ...]
    set_id: str | None

    @property
    def pages(self) -> int:
        """Pages of the document."""
        return self.plan.pages

    @property
    def confirmed(self) -> tuple[int, ...]:
        """Positions of the conspicuous clauses that are confirmed."""
        due = self.progress.clauses_due
        return tuple(at for at in range(1, len(self.plan.clauses) + 1) if at not in due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A ceremony and its agreement, both locked by the unit of work."""

    work: UnitOfWork
    ceremony: CeremonyFile
    dossier: AgreementDossier

    @property
    def signer(self) -> SlotFile:
        """The first slot of this party: who signs in person."""
        return next(slot for slot in self.dossier.slots if slot.role == self.ceremony.role)

    @property
    def person(self) -> Person:
        """Who signs, delegate or not, with the identity document that the activation process knows."""
        return acting_party(self.work, self.dossier, self.ceremony.role).signer

    @property
    def actor(self) -> str:
        """Who acts, as the trail names it."""
        return f"{self.ceremony.role}:{self.person.name}"

    def trail(self) -> Trail:
        """The agreement's trail, proven unbroken."""
        return verify_again(self.work.trails.lines(self.dossier.number))

    def moment(self, now: datetime) -> datetime:
        """When what happens now is written down (``chronicle.moment_on``)."""
        return moment_on(self.trail(), self.dossier.number, now)

    def note(self, event: TrailEventKind, details: JsonObject, at: datetime) -> None:
        """Add an event of this party and ceremony to the agreement's trail."""
        whole: JsonObject = {**details, "ceremony": self.ceremony.id, "role": self.ceremony.role}
        note_event(self.work, self.dossier.number, event, at=at, actor=self.actor, details=whole)


def found(work: UnitOfWork, token: str) -> tuple[CeremonyFile, AgreementDossier]:
    """The ceremony of a link and its agreement.

    Raises:
        UnknownNumberError: No such link.
    """
    ceremony = work.ceremonies.find(sha256(token.encode()))
    if ceremony is None:
        raise UnknownNumberError("–")
    return ceremony, work.agreements.load(ceremony.number)


def hold(work: UnitOfWork, token: str) -> Held:
    """Lock ceremony and agreement for a change by the party whose turn it is.

    The lock of a set comes before those of its members.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    token_sha256 = sha256(token.encode())
    ceremony = work.ceremonies.find(token_sha256)
    if ceremony is None:
        raise UnknownNumberError("–")
    if ceremony.set_id is not None:
        work.signing_sets.load(ceremony.set_id, lock=True)
    return hold_file(work, work.ceremonies.load(ceremony.id, lock=True))


def hold_file(work: UnitOfWork, ceremony: CeremonyFile) -> Held:
    """As ``hold``, for a ceremony that is locked already.

    Raises:
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    dossier = work.agreements.load(ceremony.number, lock=True)
    due = dossier.next_slot
    if ceremony.state not in {"open", "confirmed"} or due is None or due.role != ceremony.role:
        raise SignatureTurnError(ceremony.role, due.role if due else None)
    return Held(work=work, ceremony=ceremony, dossier=dossier)


def plan_of(trail: Trail, number: str) -> ReadingPlan:
    """What the newest offer demands of the reader.

    Raises:
        ReadingPlanLostError: The trail holds no offer with a plan.
    """
    for event in reversed(trail):
        if event.event is TrailEventKind.OFFERED and "reading" in event.details:
            return ReadingPlan.of_offer(event.details, "trail.offered")
    raise ReadingPlanLostError(number)


def progress_of(held: Held, trail: Trail, plan: ReadingPlan) -> CeremonyProgress:
    """How far the party has come, from the store alone."""
    return _progress(held, trail, plan, held.work.readings.of(held.ceremony.id))


def _progress(held: Held, trail: Trail, plan: ReadingPlan, rows: tuple[ReadingFile, ...]) -> CeremonyProgress:
    ceremony = held.ceremony
    served, confirmed = _items(rows, "served"), _items(rows, "confirmed")
    pages = () if TEXT in served else tuple(
        page for page in range(1, plan.pages + 1) if page_item(page) not in served
    )  # fmt: skip
    open_questions = [
        one
        for one in held.work.questions.of_agreement(ceremony.number)
        if one.role == ceremony.role and one.cleared_utc is None
    ]
    waiting = {one.clause for one in open_questions if one.answer is None}
    answered = {one.clause for one in open_questions} - waiting
    return CeremonyProgress(
        identified=is_identified(trail, ceremony),
        pages_due=pages,
        clauses_due=_positions(plan, lambda digest: clause_item(digest) not in confirmed),
        unanswered=_positions(plan, lambda digest: digest in waiting),
        unclear=_positions(plan, lambda digest: digest in answered),
        has_mark=ceremony.mark_sha256 is not None,
        consented=ceremony.consented_utc is not None,
    )


def view_of(held: Held) -> CeremonyView:
    """What the pages show of it."""
    ceremony, dossier, trail = held.ceremony, held.dossier, held.trail()
    plan, rows = plan_of(trail, dossier.number), held.work.readings.of(ceremony.id)
    return CeremonyView(
        id=ceremony.id,
        number=dossier.number,
        kind=dossier.kind,
        title=load_terms(dossier.terms).KIND.zh,
        role=ceremony.role,
        organisation=held.signer.organisation,
        signer_name=held.person.name,
        document_sha256=ceremony.document_sha256,
        fingerprint=fingerprint(ceremony.document_sha256),
        state=ceremony.state,
        plan=plan,
        progress=_progress(held, trail, plan, rows),
        served=tuple(sorted(_items(rows, "served"))),
        set_id=ceremony.set_id,
    )


def _items(rows: tuple[ReadingFile, ...], act: str) -> frozenset[str]:
    return frozenset(row.item for row in rows if row.act == act)


def is_identified(trail: Trail, ceremony: CeremonyFile) -> bool:
    """In this very ceremony: whoever has a new link, a delegate above all, is identified anew."""
    return any(
        event.event is TrailEventKind.IDENTIFIED and event.details.get("ceremony") == ceremony.id
        for event in trail
    )


def _positions(plan: ReadingPlan, is_due: Callable[[Bytes32], bool]) -> tuple[int, ...]:
    return tuple(at for at, due in enumerate(plan.clauses, start=1) if is_due(due.sha256))
