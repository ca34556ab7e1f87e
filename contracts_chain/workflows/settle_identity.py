"""Learns how a check of identity came out, and keeps what was vouched for as evidence.

A callback only wakes us: the provider is asked, the attestation verified, compared with the very
request, kept, intended, handed to the activation process, and then recorded, the record once. Late,
doubled, replayed and lost callbacks change nothing; the sweep asks for what nobody told us. From the
intent on the provider is not asked again: it may have forgotten by then.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation.errors import AttestationRefusedError
from contracts_chain.agreements.identity.attestation import AttestationClaims
from contracts_chain.agreements.identity.signed_message import AttestationUnsoundError
from contracts_chain.agreements.terms.party import Party
from contracts_chain.evidence.strict_fields import Fields, parse_object
from contracts_chain.workflows.acting_party import acting_party
from contracts_chain.workflows.ceremony_view import Held, found
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, IntentRow
from contracts_chain.workflows.identify import changed, request_of, started
from contracts_chain.workflows.identity_files import CheckState, IdentityCheck
from contracts_chain.workflows.identity_ports import IdentityOutcome, IdentityRequest
from contracts_chain.workflows.identity_record import note_identified
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.withdraw import hold_with_links
from kernel.canonical_json import canonical_bytes
from kernel.digests import sha256
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

__all__ = ["settle_check", "settle_handed_over", "settle_identity", "sweep_checks", "take_callback"]

_LOG: Final = logging.getLogger("contracts_chain.worker")
_SWEEP_AFTER: Final = timedelta(seconds=30)
_GIVEN_UP_AFTER: Final = timedelta(hours=24)


def settle_identity(office: Office, token: str) -> IdentityCheck | None:
    """Ask how the newest check of a link stands; ``None`` if none was begun.

    Raises:
        UnknownNumberError: No such link.
        IdentityProviderDownError: No answer; ask again.
        AttestationRefusedError: The activation process does not take the attestation.
    """
    with office.work() as work:
        ceremony, _ = found(work, token)
        checks = work.identity_checks.of_ceremony(ceremony.id)
    return settle_check(office, checks[-1].key) if checks else None


def settle_handed_over(office: Office, token: str) -> bool:
    """Record whom a crash left enrolled and unrecorded; true if the link's signer is identified by it.

    Raises:
        UnknownNumberError: No such link.
        ActivationUnavailableError: Nobody knows; ask again.
        AttestationRefusedError: The activation process does not take the attestation.
    """
    with office.work() as work:
        ceremony, _ = found(work, token)
        left = [one for one in work.identity_checks.of_ceremony(ceremony.id) if one.is_open]
        left = [one for one in left if _handed_over(work, one) is not None]
    settled = [settle_check(office, one.key) for one in left]
    return any(one is not None and one.state is CheckState.PASSED for one in settled)


def take_callback(office: Office, body: bytes) -> None:
    """The provider says that a session has news: ask it. Repeated and unknown ones change nothing.

    Raises:
        CallbackRefusedError: Not the provider's message.
        IdentityProviderDownError: No answer; the sweep asks again.
    """
    session = office.identity.verify_callback(body)
    with office.work() as work:
        check = work.identity_checks.find_session(session)
    if check is not None:
        settle_check(office, check.key)


def settle_check(office: Office, key: str) -> IdentityCheck | None:
    """Ask how a check stands and write what follows; settled ones stay as they are.

    Raises:
        IdentityProviderDownError: No answer; ask again.
        AttestationRefusedError: The activation process does not take the attestation.
    """
    with office.work() as work:
        check = work.identity_checks.find(key)
        if check is None or not check.is_open:
            return check
        dossier = work.agreements.load(check.number)
        party = acting_party(work, dossier, check.role)
        intent = _handed_over(work, check)
    if intent is not None:
        return _accepted(office, check, party, _attestation(office, intent), intent.opened_utc)
    if check.state is CheckState.ASKED:
        check = started(office, check, party)
    return _settled(office, check, party, office.identity.settle(check.session))


def sweep_checks(office: Office) -> int:
    """Settle checks whose callback was lost; give up those a day old; return how many came to an end."""
    now = office.clock.now()
    with office.work() as work:
        waiting = work.identity_checks.unsettled(now - _SWEEP_AFTER)
    ended = 0
    for check in waiting:
        try:
            after = settle_check(office, check.key)
            if after is not None and after.is_open and now - check.asked_utc > _GIVEN_UP_AFTER:
                after = _end(office, after, CheckState.OVER, "lost")
        except ContractsChainError as problem:
            _LOG.warning("identity check of %s waits: %s %s", check.number, problem.code, problem.en)
            continue
        ended += after is not None and not after.is_open
    return ended


def _settled(office: Office, check: IdentityCheck, party: Party, outcome: IdentityOutcome) -> IdentityCheck:
    match outcome.state:
        case "pending":
            return check
        case "retake":
            return changed(
                office,
                check,
                lambda held: replace(held, reason=outcome.reason, tries_left=outcome.tries_left),
            )
        case "refused":
            return _end(office, check, CheckState.REFUSED, outcome.reason)
        case "lost":
            return _end(office, check, CheckState.OVER, "lost")
        case "passed":
            return _accepted(office, check, party, outcome.attestation or b"", office.clock.now())


def _accepted(
    office: Office, check: IdentityCheck, party: Party, attestation: bytes, at: datetime
) -> IdentityCheck:
    """Verify as of the moment it came, keep, intend, hand over, record: each repeatable, the record once."""
    try:
        claims = office.identity.verify_attestation(attestation, now=at)
    except AttestationUnsoundError:
        return _end(office, check, CheckState.OVER, "lost")
    if not _is_of(claims, request_of(office, check, party), check.session):
        return _end(office, check, CheckState.REFUSED, "mismatch")
    _intend(office, check, office.blobs.put(attestation), at)
    try:
        office.activation.enrol(attestation)
    except AttestationRefusedError:
        with office.work() as work:
            work.intents.close(_intent_key(check), canonical_bytes({"state": "refused"}))
            work.commit()
        raise
    return _recorded(office, check, attestation, claims)


def _intend(office: Office, check: IdentityCheck, attestation_sha256: Bytes32, at: datetime) -> None:
    """What the activation process is about to believe is to be recorded, come what may."""
    with office.work() as work:
        work.intents.open(
            IntentRow(
                key=_intent_key(check),
                kind="identity",
                subject=check.number,
                payload=canonical_bytes({"attestation_sha256": attestation_sha256.hex()}),
                opened_utc=at,
            )
        )
        work.commit()


def _handed_over(work: UnitOfWork, check: IdentityCheck) -> IntentRow | None:
    """The intent of an attestation that may be enrolled and is not recorded."""
    intent = work.intents.find(_intent_key(check))
    return None if intent is None or intent.done else intent


def _attestation(office: Office, intent: IntentRow) -> bytes:
    kept = Fields.of(parse_object(intent.payload, "intent"), "intent")
    return office.blobs.get(Bytes32.from_hex(kept.text("attestation_sha256")))


def _intent_key(check: IdentityCheck) -> str:
    return f"identity:{check.key}"


def _recorded(
    office: Office, check: IdentityCheck, attestation: bytes, claims: AttestationClaims
) -> IdentityCheck:
    """Trail, leaf and check in one transaction; a link that was closed meanwhile gets neither."""
    with office.work() as work:
        dossier = hold_with_links(work, check.number)
        held = work.identity_checks.find(check.key, lock=True)
        if held is None or not held.is_open:
            return held or check
        now = office.clock.now()
        settled = replace(held, state=CheckState.OVER, reason="lost", settled_utc=now)
        ceremony = _ceremony(work, dossier, check)
        if ceremony is not None and ceremony.state == "open":
            digest = sha256(attestation)
            note_identified(
                Held(work=work, ceremony=ceremony, dossier=dossier),
                now,
                method=check.method,
                attestation_sha256=digest,
                attestation=attestation,
                claims=claims,
            )
            settled = replace(held, state=CheckState.PASSED, attestation_sha256=digest, settled_utc=now)
        work.identity_checks.save(settled)
        work.intents.close(_intent_key(check), canonical_bytes({"state": settled.state.value}))
        work.commit()
    return settled


def _is_of(claims: AttestationClaims, request: IdentityRequest, session: str) -> bool:
    """Whether the attestation answers this very request."""
    return (
        claims.method,
        claims.name,
        claims.id_type,
        claims.id_no,
        claims.phone,
        claims.nonce,
        claims.session,
        claims.organisation,
    ) == (
        request.method,
        request.name,
        request.id_type,
        request.id_no,
        request.phone,
        request.nonce,
        session,
        request.organisation,
    )


def _ceremony(work: UnitOfWork, dossier: AgreementDossier, check: IdentityCheck) -> CeremonyFile | None:
    found = (one for one in work.ceremonies.of_agreement(dossier.number) if one.id == check.ceremony)
    return next(found, None)


def _end(office: Office, check: IdentityCheck, state: CheckState, reason: str) -> IdentityCheck:
    now = office.clock.now()
    return changed(
        office, check, lambda held: replace(held, state=state, reason=reason, tries_left=0, settled_utc=now)
    )
