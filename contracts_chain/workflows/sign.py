"""Puts one signature or seal on an agreement: intent, signature, re-check, outcome.

The intent row is committed before anybody signs, and with it the number of a use of our own seal.
The signed revision is re-opened and judged like a stranger's file before the state moves, and so is
the seal signature under SM2 beside it; only then are digests, leaf and the new state committed
together. Repeating the call after a crash gives the signature that was made; repeating it after
success changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from contracts_chain.activation.port import SignedField
from contracts_chain.agreements.lifecycle import (
    AgreementState,
    Deed,
    advance_agreement,
    after_signature,
)
from contracts_chain.agreements.seals.use import SealUse
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import Trail, final_hash
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.domestic import evidence_of, keep_ses, own_ses, ses_details, verify_ses
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, IntentRow, SlotFile
from contracts_chain.workflows.errors import SignatureTurnError, StaleDossierError, UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.seal_use import is_own_seal, note_use, take_use
from contracts_chain.workflows.signature_events import failure_told, note_signature
from contracts_chain.workflows.slot_signing import sign_own_seal, sign_released
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import utc_text
from kernel.digests import Digests, digests_of
from kernel.errors import RefutedError, RejectedError
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import PdfFindings, SignatureFinding, SignerIdentity

__all__ = ["commit_revision", "sign_slot"]

TIMESTAMP_PENDING: Final = "timestamp_pending"
_MOST_OVERTAKEN: Final = 3
"""How often a signature is made anew because the agreement was changed while it was made."""
_RECORD = {"person": RecordKind.AGREEMENT_SIGNED, "seal": RecordKind.AGREEMENT_SEALED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intended:
    """What is about to be signed: by whose will, or under which number of our own seal's ledger."""

    dossier: AgreementDossier
    slot: SlotFile
    ceremony: CeremonyFile | None
    use: SealUse | None


def sign_slot(office: Office, number: str, field: str, *, actor: str) -> AgreementDossier:
    """Sign or seal one field, if it is its turn.

    Args:
        office: Where keys, time and records come from.
        number: Contract number.
        field: Name of the signature field.
        actor: Who acts, as an id of the service; kept in trail and record.

    Raises:
        SignatureTurnError: Another field is due, or its party has not confirmed its will.
        TransitionRefusedError: The agreement cannot be signed in its state.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SealUnapprovedError: The custodian has not approved this use of our seal.
        SealNotInForceError: Our seal is not in use today.
        ActivationUnavailableError: Nobody knows whether it was signed; call again.
        UnsoundSignatureError: The new revision did not pass the re-check; nothing changed.
        StaleDossierError: The agreement was changed each time while the signature was made; call again.
    """
    overtaken = 0
    while True:
        intended = _intend(office, number, field)
        if intended is None:
            with office.work() as work:
                return work.agreements.load(number)
        told = {"field": field, "role": intended.slot.role}
        with failure_told(office, intended.dossier, told, RejectedError, RefutedError):
            made = _sign(office, intended, _current(office, intended.dossier))
        try:
            return commit_revision(office, intended.dossier, field, made, use=intended.use, actor=actor)
        except StaleDossierError:  # another deed came between, e.g. the time of an earlier signature
            overtaken += 1
            if overtaken == _MOST_OVERTAKEN:
                raise


def _intend(office: Office, number: str, field: str) -> _Intended | None:
    """Prove that it is this field's turn and write the intent; ``None`` if it is signed already."""
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        slot = dossier.slot(field)
        if slot.signed:
            return None
        due, now = dossier.next_slot, office.clock.now()
        advance_agreement(dossier.state, Deed.SIGN)
        if due is None or due.field != field:
            raise SignatureTurnError(field, due.field if due else None)
        if due.kind == "person":  # the seal follows the hand that was empowered
            verify_authority(work, dossier, due.role, now)
        own = is_own_seal(office, slot)
        use = take_use(office, work, dossier, slot, now) if own else None
        ceremony = None if own else _confirmed(work, dossier, slot)
        work.intents.open(_intent_row(dossier, field, now))
        work.commit()
    return _Intended(dossier=dossier, slot=slot, ceremony=ceremony, use=use)


def _confirmed(work: UnitOfWork, dossier: AgreementDossier, slot: SlotFile) -> CeremonyFile:
    for ceremony in work.ceremonies.of_agreement(dossier.number):
        if ceremony.role == slot.role and ceremony.state == "confirmed":
            return ceremony
    raise SignatureTurnError(slot.field, None)


def _intent_row(dossier: AgreementDossier, field: str, now: datetime) -> IntentRow:
    base = dossier.current_sha256.hex() if dossier.current_sha256 else ""
    return IntentRow(
        key=f"sign:{dossier.number}:{field}",
        kind="sign",
        subject=dossier.number,
        payload=canonical_bytes({"base_sha256": base}),
        opened_utc=now,
    )


def _current(office: Office, dossier: AgreementDossier) -> bytes:
    if dossier.current_sha256 is None:
        raise SignatureTurnError(dossier.slots[0].field, None)
    return office.blobs.get(dossier.current_sha256)


def _sign(office: Office, intended: _Intended, base: bytes) -> SignedField:
    if intended.use is not None:
        return sign_own_seal(office, intended.dossier, intended.slot, base, intended.use)
    if intended.ceremony is None:
        raise TypeError("a party's field is signed by its ceremony")
    return sign_released(office, intended.dossier, intended.slot, base, intended.ceremony)


def commit_revision(
    office: Office,
    dossier: AgreementDossier,
    field: str,
    made: SignedField,
    *,
    use: SealUse | None,
    actor: str,
    will: Callable[[UnitOfWork], None] | None = None,
) -> AgreementDossier:
    """Re-open a signed revision, judge it like a stranger's, and only then let it count.

    Args:
        office: Where records are kept, and whose trust is asked.
        dossier: The agreement as the revision was made from it.
        field: What was signed.
        made: The revision.
        use: The line of our own seal's ledger, if it is our seal.
        actor: Who acted.
        will: Notes the will that this very signature shows, first in the transaction that counts it;
            what it raises undoes all of it. ``None`` where the will was confirmed before.

    Raises:
        UnsoundSignatureError: It or its seal signature under SM2 did not pass; nothing changed.
    """
    slot = dossier.slot(field)
    with failure_told(office, dossier, {"field": field, "role": slot.role}, UnsoundSignatureError):
        finding = _sound(inspect_pdf(made.pdf, office.trust.signatures), dossier, slot)
        revision = made.pdf[: finding.covered_length]
        if use is not None:
            made = replace(made, ses=own_ses(office, slot, revision, office.blobs.get(use.drawing_sha256)))
        if made.ses is not None:
            verify_ses(office, dossier.number, field, made.ses, revision)
    digest = office.blobs.put(made.pdf)
    return _commit(office, dossier, slot, finding, digest, made, use=use, actor=actor, will=will)


def _sound(findings: PdfFindings, dossier: AgreementDossier, slot: SlotFile) -> SignatureFinding:
    """Every signature so far holds; a timestamp may be pending, and nothing else may be open."""
    due = [held.field for held in dossier.slots if held.signed or held.field == slot.field]
    found = {finding.field: finding for finding in findings.signatures}
    for name in due:
        finding = found.get(name)
        if finding is None:
            raise UnsoundSignatureError(dossier.number, name, "missing")
        _verify_sound(dossier.number, finding)
    if findings.tail is not Verdict.PROVEN or len(found) != len(due):
        raise UnsoundSignatureError(dossier.number, slot.field, findings.tail_code)
    return found[slot.field]


def _verify_sound(number: str, finding: SignatureFinding) -> None:
    pending = finding.code == TIMESTAMP_PENDING
    judged = (finding.integrity,) if pending else (finding.integrity, finding.chain, finding.timestamp)
    if any(verdict is not Verdict.PROVEN for verdict in judged):
        raise UnsoundSignatureError(number, finding.field, finding.code)


def _commit(
    office: Office,
    dossier: AgreementDossier,
    slot: SlotFile,
    finding: SignatureFinding,
    digest: Bytes32,
    made: SignedField,
    *,
    use: SealUse | None,
    actor: str,
    will: Callable[[UnitOfWork], None] | None,
) -> AgreementDossier:
    if finding.signer is None:
        raise UnsoundSignatureError(dossier.number, slot.field, "no_signer")
    now = office.clock.now()
    done = replace(
        slot,
        certificate_sha256=finding.signer.certificate_sha256,
        signed_utc=now,
        timestamp_utc=finding.timestamp_utc,
    )
    moved = _moved(dossier, done, digest)
    with office.work() as work:
        if will is not None:
            will(work)
        standing = work.agreements.load(dossier.number, lock=True)  # rows before the log: one lock order
        if standing.slot(slot.field).signed:
            return standing  # another request signed it meanwhile; ours is thrown away
        revision = digests_of(made.pdf[: finding.covered_length])
        if made.ses is not None:
            keep_ses(work, office.blobs, dossier.number, slot.field, made.ses)
        moved = replace(moved, evidence_state=evidence_of(work, moved))
        trail = _record_signature(
            work, standing, moved, done, finding.signer, revision, ses=made.ses, use=use, actor=actor, now=now
        )
        if moved.state is AgreementState.EXECUTED:
            moved = _record_execution(work, moved, trail, revision, now)
        saved = work.agreements.save(moved)
        work.intents.close(f"sign:{dossier.number}:{slot.field}", canonical_bytes({"sha256": digest.hex()}))
        work.commit()
    return saved


def _moved(dossier: AgreementDossier, done: SlotFile, digest: Bytes32) -> AgreementDossier:
    slots = tuple(done if held.field == done.field else held for held in dossier.slots)
    made = sum(held.signed for held in slots)
    state = after_signature(dossier.state, made=made, required=len(slots))
    return replace(dossier, slots=slots, state=state, current_sha256=digest)


def _record_signature(
    work: UnitOfWork,
    before: AgreementDossier,
    dossier: AgreementDossier,
    slot: SlotFile,
    signer: SignerIdentity,
    revision: Digests,
    *,
    ses: bytes | None,
    use: SealUse | None,
    actor: str,
    now: datetime,
) -> Trail:
    facts = _facts(slot, signer, use)
    trail = note_signature(work, before, dossier, slot, revision, at=now, actor=actor, facts=facts)
    append_record(
        work,
        _RECORD[slot.kind],
        subject=dossier.number,
        document=revision,
        at=now,
        actor=actor,
        details={
            **facts,
            **ses_details(ses),
            "timestamp_utc": utc_text(slot.timestamp_utc) if slot.timestamp_utc else "",
        },
    )
    if use is not None:
        note_use(
            work, use, document=revision, certificate_sha256=signer.certificate_sha256, at=now, actor=actor
        )
    return trail


def _facts(slot: SlotFile, signer: SignerIdentity, use: SealUse | None) -> JsonObject:
    """What trail and record say alike: certificate, level of control, and of our seal its ledger line."""
    level = signer.sole_control.value if signer.sole_control is not None else ""
    facts: JsonObject = {
        "certificate_sha256": signer.certificate_sha256.hex(),
        "field": slot.field,
        "role": slot.role,
        "sole_control": level,
    }
    return facts if use is None else {**facts, **use.facts()}


def _record_execution(
    work: UnitOfWork, dossier: AgreementDossier, trail: Trail, revision: Digests, now: datetime
) -> AgreementDossier:
    append_record(
        work,
        RecordKind.AGREEMENT_EXECUTED,
        subject=dossier.number,
        document=revision,
        at=now,
        actor="service",
        details={"trail": final_hash(trail).hex()},
    )
    return replace(dossier, executed_utc=now)
