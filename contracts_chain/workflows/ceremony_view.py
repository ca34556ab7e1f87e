"""A ceremony as its pages show it, and as a deed holds it while it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts_chain.agreements.signing_code import fingerprint
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, SlotFile
from contracts_chain.workflows.errors import SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject
from kernel.digests import sha256

__all__ = ["CeremonyView", "CodeSent", "Held", "found", "hold", "view_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyView:
    """What the signing pages show.

    Attributes:
        state: ``open``, ``confirmed`` (code given, signing under way), ``signed`` or ``closed``.
        pages_served: 1-based numbers of the pages the service has sent.
        fingerprint: Short form of the document's digest, ``7F3A-92C1``.
    """

    number: str
    kind: str
    title: str
    role: str
    organisation: str
    signer_name: str
    pages: int
    pages_served: tuple[int, ...]
    fingerprint: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way; the message shows the same fingerprint."""

    expires_utc: datetime
    fingerprint: str
    attempts_left: int


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
    def phone(self) -> str:
        """Registered phone of the person who signs."""
        terms = load_terms(self.dossier.terms)
        return terms.party(self.ceremony.role).signer.phone

    def note(self, event: TrailEventKind, details: JsonObject, at: datetime) -> None:
        """Add an event of this party to the agreement's trail."""
        role = self.ceremony.role
        whole: JsonObject = {**details, "role": role}
        note_event(
            self.work,
            self.dossier.number,
            event,
            at=at,
            actor=f"{role}:{self.signer.signer_name}",
            details=whole,
        )


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

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    ceremony = work.ceremonies.find(sha256(token.encode()), lock=True)
    if ceremony is None:
        raise UnknownNumberError("–")
    dossier = work.agreements.load(ceremony.number, lock=True)
    due = dossier.next_slot
    if ceremony.state not in {"open", "confirmed"} or due is None or due.role != ceremony.role:
        raise SignatureTurnError(ceremony.role, due.role if due else None)
    return Held(work=work, ceremony=ceremony, dossier=dossier)


def view_of(held: Held) -> CeremonyView:
    """What the pages show of it."""
    ceremony, dossier = held.ceremony, held.dossier
    return CeremonyView(
        number=dossier.number,
        kind=dossier.kind,
        title=load_terms(dossier.terms).KIND.zh,
        role=ceremony.role,
        organisation=held.signer.organisation,
        signer_name=held.signer.signer_name,
        pages=dossier.pages,
        pages_served=ceremony.pages_served,
        fingerprint=fingerprint(ceremony.document_sha256),
        state=ceremony.state,
    )
