"""Begins the check of a signer's identity by a provider, or finds that the signer is known already.

The intent is committed before the provider is asked, and carries the idempotency key; separate
consent comes before any face (个人信息保护法 arts 28–29). What came of it is ``settle_identity``'s.
Must never log a document number or a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from contracts_chain.activation.port import SignerStanding
from contracts_chain.agreements.asked_documents import AskedDocument
from contracts_chain.agreements.identity.attestation import AttestedOrganisation
from contracts_chain.agreements.identity.face_consent import FaceConsentMissingError, face_consent_sha256
from contracts_chain.agreements.identity.methods import (
    IdentityMethod,
    MethodNotAllowedError,
    customer_kind,
    find_method,
    methods_for,
    papers_for,
    verify_method,
)
from contracts_chain.agreements.identity.outcomes import MOST_CHECKS, IdentityTriesUsedError
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.agreements.terms.party import Party
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.acting_party import acting_party, signer_ref, signing_phone
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.ceremony_view import Held, found, hold
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.identity_files import CheckState, FaceConsent, IdentityCheck
from contracts_chain.workflows.identity_ports import IdentityRequest
from contracts_chain.workflows.identity_record import note_identified
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.ids import new_id

__all__ = [
    "IdentityView",
    "changed",
    "identify",
    "identify_standing",
    "identity_view",
    "request_of",
    "started",
]

STANDING: Final = "standing"
_WITH_ORGANISATION: Final = frozenset({IdentityMethod.BANK_ACCOUNT, IdentityMethod.E_LICENCE_FACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView:
    """What the identity page shows.

    Attributes:
        methods: Ways that suffice, the easiest first.
        papers: What the hall may ask for.
        newest: The check begun last, if any.
        standing: What the activation process knows of the signer.
        checks_left: How many more may be begun online.
    """

    number: str
    role: str
    organisation: str
    signer_name: str
    methods: tuple[IdentityMethod, ...]
    papers: tuple[AskedDocument, ...]
    consent: FaceConsent | None
    newest: IdentityCheck | None
    standing: SignerStanding
    checks_left: int


def identity_view(office: Office, token: str) -> IdentityView:
    """The signer's ways; changes nothing.

    Raises:
        UnknownNumberError: No such link.
        ActivationUnavailableError: Ask again.
    """
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
        checks = work.identity_checks.of_ceremony(ceremony.id)
        consent = work.identity_checks.consent_of(ceremony.id)
    kind = customer_kind(party)
    return IdentityView(
        number=dossier.number,
        role=ceremony.role,
        organisation=party.name,
        signer_name=party.signer.name,
        methods=methods_for(kind, load_terms(dossier.terms).KIND),
        papers=papers_for(kind, IdentityMethod.HALL_REVIEW),
        consent=consent,
        newest=checks[-1] if checks else None,
        standing=office.activation.standing(signer_ref(party.signer)),
        checks_left=max(MOST_CHECKS - len(checks), 0),
    )


def identify_standing(office: Office, token: str) -> bool:
    """Identify a signer whom the activation process knows from before; false if it does not.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
    """
    with office.work() as work:
        held = _held(work, token, office.clock.now())
        person = acting_party(work, held.dossier, held.ceremony.role).signer
    standing = office.activation.standing(signer_ref(person))
    if standing.attested_utc is None or standing.attestation_sha256 is None:
        return False
    with office.work() as work:
        held = _held(work, token, office.clock.now())
        note_identified(
            held,
            office.clock.now(),
            method=STANDING,
            attestation_sha256=standing.attestation_sha256,
        )
        work.commit()
    return True


def identify(
    office: Office, token: str, method: IdentityMethod, *, face_consent: bool | None = None
) -> IdentityCheck:
    """Begin a check at the provider; the person goes to its ``redirect_url``.

    Args:
        office: Where records, provider and time come from.
        token: The party's link.
        method: One of the view's that a provider does.
        face_consent: The separate answer about face data; ``None`` if it was not asked.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        MethodNotAllowedError: The method does not suffice, or is the hall's.
        FaceConsentMissingError: A face is used and the separate consent was not given.
        IdentityTriesUsedError: Too many checks were begun; the hall remains.
        IdentityProviderDownError: No answer; the check stays and is taken up again.
    """
    now = office.clock.now()
    with office.work() as work:
        held = _held(work, token, now)
        party = acting_party(work, held.dossier, held.ceremony.role)
        _verify_online(method, party, load_terms(held.dossier.terms).KIND)
        if face_consent is not None:
            _log_consent(work, held.ceremony, given=face_consent, at=now)
        consent = work.identity_checks.consent_of(held.ceremony.id)
        refused = method.uses_face and (consent is None or not consent.given)
        check = None if refused else _opened(work, held.ceremony, method, now)
        work.commit()  # a refused consent is logged, too
    if check is None:
        raise FaceConsentMissingError
    return started(office, check, party)


def _held(work: UnitOfWork, token: str, now: datetime) -> Held:
    held = hold(work, token)
    verify_offer_stands(held.dossier, now)
    verify_authority(work, held.dossier, held.ceremony.role, now)
    return held


def _verify_online(method: IdentityMethod, party: Party, agreement: AgreementKind) -> None:
    """The method suffices, and a provider does it: a hall's review begins at the hall."""
    kind = customer_kind(party)
    verify_method(method, kind, agreement)
    if not method.by_provider:
        online = tuple(one for one in methods_for(kind, agreement) if one.by_provider)
        raise MethodNotAllowedError(method, online)


def _log_consent(work: UnitOfWork, ceremony: CeremonyFile, *, given: bool, at: datetime) -> None:
    answer = FaceConsent(
        ceremony=ceremony.id, given=given, text_sha256=face_consent_sha256(), answered_utc=at
    )
    work.identity_checks.answer_consent(answer)


def _opened(work: UnitOfWork, ceremony: CeremonyFile, method: IdentityMethod, now: datetime) -> IdentityCheck:
    """The intent: a new check, or the one of this method that is under way."""
    checks = work.identity_checks.of_ceremony(ceremony.id)
    if checks and checks[-1].is_open and checks[-1].method == method.value:
        return checks[-1]
    if len(checks) >= MOST_CHECKS:
        raise IdentityTriesUsedError
    check = IdentityCheck(
        key=new_id(),
        nonce=new_id(),
        ceremony=ceremony.id,
        number=ceremony.number,
        role=ceremony.role,
        method=str(method.value),
        state=CheckState.ASKED,
        asked_utc=now,
    )
    work.identity_checks.add(check)
    return check


def started(office: Office, check: IdentityCheck, party: Party) -> IdentityCheck:
    """Open the provider's session; the same key opens the same one after a crash."""
    if check.state is CheckState.STARTED:
        return check
    session = office.identity.start(request_of(office, check, party))
    return changed(
        office,
        check,
        lambda held: replace(
            held, state=CheckState.STARTED, session=session.id, redirect_url=session.redirect_url
        ),
    )


def request_of(office: Office, check: IdentityCheck, party: Party) -> IdentityRequest:
    """What the provider is asked; the same check always asks the same."""
    person, ours = party.signer, office.utility.verify_url
    return IdentityRequest(
        key=check.key,
        nonce=check.nonce,
        method=check.method,
        name=person.name,
        id_type=str(person.id_type.value),
        id_no=person.id_no.strip().upper(),
        phone=signing_phone(party),
        organisation=_organisation(party, check.method),
        return_url=f"{ours}/identity/return?check={check.key}",
        callback_url=f"{ours}/identity/callback",
    )


def _organisation(party: Party, method: str) -> AttestedOrganisation | None:
    if not party.is_organisation or find_method(method) not in _WITH_ORGANISATION:
        return None
    return AttestedOrganisation(name=party.name, uscc=party.id_no)


def changed(
    office: Office, check: IdentityCheck, change: Callable[[IdentityCheck], IdentityCheck]
) -> IdentityCheck:
    """Apply a change to the check as it stands; one that came to an end meanwhile stays."""
    with office.work() as work:
        held = work.identity_checks.find(check.key, lock=True)
        if held is None or not held.is_open:
            return check if held is None else held
        changed = change(held)
        work.identity_checks.save(changed)
        work.commit()
    return changed
