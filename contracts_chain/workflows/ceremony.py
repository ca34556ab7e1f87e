"""One party's way from the link to the signature, as the service itself saw it.

The link shows, a POST starts; what is read is for ``reading``, what is asked for ``questions``,
the look for ``mark``, the will for ``will``. Here a ceremony opens, begins, is consented to and
ends with the signatures of its party. The token is not stored, only its hash.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import replace
from datetime import datetime

from contracts_chain.activation.errors import ActivationFaultError, ActivationUnavailableError
from contracts_chain.activation.port import CodeFactor, WillFactor
from contracts_chain.agreements.ceremony.consent import Consent, consent_to
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.ceremony_errors import IdentityMissingError
from contracts_chain.workflows.ceremony_view import CeremonyView, Held, found, hold, view_of
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.identify import identify_standing
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reading import clauses_of
from contracts_chain.workflows.settle_identity import settle_handed_over
from contracts_chain.workflows.sign import sign_slot
from contracts_chain.workflows.will import confirm_will, verify_ready
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.ids import new_id

__all__ = [
    "begin",
    "consent",
    "consent_words",
    "finish",
    "new_ceremony",
    "note_consent",
    "open_link",
    "sign_with",
    "sign_with_code",
]


def new_ceremony(
    dossier: AgreementDossier,
    role: str,
    now: datetime,
    *,
    token: str | None = None,
    set_id: str | None = None,
) -> tuple[CeremonyFile, str]:
    """A ceremony for one party over the approved bytes, and the secret token of its link.

    Args:
        dossier: The agreement.
        role: The party.
        now: Moment of opening.
        token: The secret, where the link of a set gives it; drawn otherwise.
        set_id: The set it belongs to, if any.

    Raises:
        UnknownNumberError: Nothing is approved yet.
    """
    if dossier.approved_sha256 is None:
        raise UnknownNumberError(dossier.number)
    secret = token or secrets.token_urlsafe(32)
    ceremony = CeremonyFile(
        id=new_id(),
        number=dossier.number,
        role=role,
        token_sha256=sha256(secret.encode()),
        document_sha256=dossier.approved_sha256,
        state="open",
        opened_utc=now,
        set_id=set_id,
    )
    return ceremony, secret


def open_link(office: Office, token: str) -> CeremonyView:
    """What the link leads to; changes nothing, since previewers fetch links.

    Raises:
        UnknownNumberError: No such link.
    """
    with office.work() as work:
        ceremony, dossier = found(work, token)
        return view_of(Held(work=work, ceremony=ceremony, dossier=dossier))


def begin(office: Office, token: str) -> CeremonyView:
    """Start: the person whom a provider or two clerks vouched for goes ahead.

    Raises:
        UnknownNumberError: No such link.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        IdentityMissingError: Nobody vouched for the person, or too long ago.
        AttestationRefusedError: What a crash left half recorded was not taken; begin again.
        ActivationUnavailableError: Nobody knows; ask again.
    """
    now = office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        verify_offer_stands(held.dossier, now)
        verify_authority(work, held.dossier, held.ceremony.role, now)
        view = view_of(held)
    if view.progress.identified:
        return view
    if not (settle_handed_over(office, token) or identify_standing(office, token)):
        raise IdentityMissingError
    return open_link(office, token)


def consent_words(office: Office, number: str) -> Consent:
    """The exact words of the consent to an agreement, as the page shows them.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        return consent_to(clauses_of(work, work.agreements.load(number)))


def consent(office: Office, token: str) -> Consent:
    """Take the consent; its words' digest goes on the trail. Repeating it changes nothing.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        RejectedError: Something is unread, unasked or not chosen (``will.verify_ready``).
    """
    now = office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        words = consent_to(clauses_of(work, held.dossier))
        verify_ready(held, now)
        if held.ceremony.consented_utc is None:
            note_consent(held, words, now)
            work.commit()
    return words


def note_consent(held: Held, words: Consent, now: datetime) -> None:
    """Write a consent down; the caller proved that everything before it is done, and commits."""
    held.work.ceremonies.save(replace(held.ceremony, consented_utc=now))
    details: JsonObject = {
        "document_sha256": held.ceremony.document_sha256.hex(),
        "text_sha256": words.sha256.hex(),
        "words": words.zh,
    }
    held.note(TrailEventKind.CONSENTED, details, now)


def sign_with(office: Office, token: str, factor: WillFactor) -> AgreementDossier:
    """Have the will checked and sign all fields of this party: the person, then the seal.

    A ceremony whose will was confirmed before a crash goes on without a second factor.

    Raises:
        RejectedError: As ``will.confirm_will``; nothing was signed.
        ContractsChainError: As ``sign.sign_slot``; what was signed stays, call again.
    """
    confirm_will(office, token, factor)
    with office.work() as work:
        ceremony, _ = found(work, token)
    return finish(office, ceremony.id)


def sign_with_code(office: Office, token: str, code: str) -> AgreementDossier:
    """As ``sign_with``, with the six digits of the text message."""
    return sign_with(office, token, CodeFactor(code=code.strip()))


def finish(office: Office, ceremony_id: str) -> AgreementDossier:
    """Sign what a confirmed ceremony still owes; called again by the sweep after a crash.

    Raises:
        UnknownNumberError: The will of this ceremony was never confirmed.
        ContractsChainError: As ``sign.sign_slot``; what was signed stays, call again.
    """
    with office.work() as work:
        ceremony = work.ceremonies.load(ceremony_id)
        if ceremony.state not in {"confirmed", "signed"}:
            raise UnknownNumberError("–")
        dossier = work.agreements.load(ceremony.number)
    for slot in dossier.slots:
        if slot.role == ceremony.role:
            dossier = sign_slot(office, dossier.number, slot.field, actor=f"{slot.role}:{slot.signer_name}")
    if ceremony.state == "confirmed":
        _end_signed(office, ceremony)
    return dossier


def _end_signed(office: Office, ceremony: CeremonyFile) -> None:
    """All is stored: the activation process may give its copies up; then the ceremony is over."""
    with contextlib.suppress(ActivationUnavailableError, ActivationFaultError):  # then it keeps its copies
        office.activation.settled(ceremony.will_id, ceremony.number)
    with office.work() as work:
        held = work.ceremonies.load(ceremony.id, lock=True)
        if held.state == "confirmed":
            work.ceremonies.save(replace(held, state="signed"))
            work.commit()
