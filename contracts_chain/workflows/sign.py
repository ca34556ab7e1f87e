"""Puts one signature or seal on an agreement: intent, signature, re-check, outcome.

The intent row is committed before a key is made. The signed revision is re-opened and
judged like a stranger's file before the state moves; only then are its digest, its
leaf and the new state committed together. Repeating the call after a crash signs
again from the same base; repeating it after success changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts_chain.agreements.lifecycle import (
    AgreementState,
    Deed,
    EvidenceState,
    advance_agreement,
    after_signature,
)
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import Trail, TrailEventKind, final_hash
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier, IntentRow, SlotFile
from contracts_chain.workflows.errors import SignatureTurnError, UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import canonical_bytes
from kernel.clock import beijing_text, utc_text
from kernel.digests import Digests, digests_of
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from pdfgen.seal import organisation_seal, person_signature
from signing.inspection import inspect_pdf
from signing.model import Credential, PdfFindings, SignatureFinding
from signing.pades import sign_pdf

__all__ = ["sign_slot"]

_RECORD = {"person": RecordKind.AGREEMENT_SIGNED, "seal": RecordKind.AGREEMENT_SEALED}
_EVENT = {"person": TrailEventKind.SIGNED, "seal": TrailEventKind.SEALED}


def sign_slot(office: Office, number: str, field: str, *, actor: str) -> AgreementDossier:
    """Sign or seal one field, if it is its turn.

    Args:
        office: Where keys, time and records come from.
        number: Contract number.
        field: Name of the signature field.
        actor: Who acts, as an id of the service; kept in trail and record.

    Raises:
        SignatureTurnError: Another field is due.
        TransitionRefusedError: The agreement cannot be signed in its state.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        TimestampUnavailableError: No timestamp now; nothing was signed, call again.
        UnsoundSignatureError: The new revision did not pass the re-check; nothing changed.
    """
    dossier = _intend(office, number, field)
    slot = dossier.slot(field)
    if slot.signed:
        return dossier
    base = _current(office, dossier)
    signed = _sign(office, dossier, slot, base)
    findings = inspect_pdf(signed, office.trust.signatures)
    finding = _sound(findings, dossier, field)
    digest = office.blobs.put(signed)
    return _commit(office, dossier, slot, finding, digest, signed, actor)


def _intend(office: Office, number: str, field: str) -> AgreementDossier:
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        if dossier.slot(field).signed:
            return dossier
        due = dossier.next_slot
        advance_agreement(dossier.state, Deed.SIGN)
        if due is None or due.field != field:
            raise SignatureTurnError(field, due.field if due else None)
        if due.kind == "person":  # the seal follows the hand that was empowered
            verify_authority(work, dossier, due.role, office.clock.now())
        payload = canonical_bytes(
            {"base_sha256": dossier.current_sha256.hex() if dossier.current_sha256 else ""}
        )
        work.intents.open(
            IntentRow(
                key=f"sign:{number}:{field}",
                kind="sign",
                subject=number,
                payload=payload,
                opened_utc=office.clock.now(),
            )
        )
        work.commit()
    return dossier


def _current(office: Office, dossier: AgreementDossier) -> bytes:
    if dossier.current_sha256 is None:
        raise SignatureTurnError(dossier.slots[0].field, None)
    return office.blobs.get(dossier.current_sha256)


def _sign(office: Office, dossier: AgreementDossier, slot: SlotFile, base: bytes) -> bytes:
    signed_at = office.clock.now()
    credential = _credential(office, slot)
    try:
        return sign_pdf(
            base,
            field=slot.field,
            credential=credential,
            authority=office.timestamps,
            revocation=office.ca,
            roots=(*office.trust.signatures.ca_roots, *office.trust.signatures.tsa_roots),
            appearance=_appearance(slot, signed_at, office.utility.stamp_mark),
            signed_at=signed_at,
            reason=f"签订合同 {dossier.number}",
            location="线上签署",
            certify=slot.ordinal == 0,
        )
    finally:
        credential.key.destroy()


def _credential(office: Office, slot: SlotFile) -> Credential:
    if slot.kind == "seal":
        return office.ca.issue_seal(
            organisation=slot.organisation, organisation_id=slot.organisation_id, seal_name=slot.seal_name
        )
    for_organisation = bool(slot.organisation_id)  # a natural person signs in its own name
    return office.ca.issue_person(
        name=slot.signer_name,
        organisation=slot.organisation if for_organisation else None,
        organisation_id=slot.organisation_id if for_organisation else None,
    )


def _appearance(slot: SlotFile, signed_at: datetime, mark: str) -> bytes:
    if slot.kind == "seal":
        return organisation_seal(slot.organisation, slot.seal_name, mark=mark)
    caption = f"电子签名\n{beijing_text(signed_at, seconds=True)}"
    return person_signature(slot.signer_name, caption=caption, mark=mark)


def _sound(findings: PdfFindings, dossier: AgreementDossier, field: str) -> SignatureFinding:
    due = [slot.field for slot in dossier.slots if slot.signed or slot.field == field]
    found = {finding.field: finding for finding in findings.signatures}
    for name in due:
        finding = found.get(name)
        if finding is None:
            raise UnsoundSignatureError(dossier.number, name, "missing")
        for verdict in (finding.integrity, finding.chain, finding.timestamp):
            if verdict is not Verdict.PROVEN:
                raise UnsoundSignatureError(dossier.number, name, finding.code)
    if findings.tail is not Verdict.PROVEN or len(found) != len(due):
        raise UnsoundSignatureError(dossier.number, field, findings.tail_code)
    return found[field]


def _commit(
    office: Office,
    dossier: AgreementDossier,
    slot: SlotFile,
    finding: SignatureFinding,
    digest: Bytes32,
    signed: bytes,
    actor: str,
) -> AgreementDossier:
    if finding.signer is None or finding.timestamp_utc is None:
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
        standing = work.agreements.load(dossier.number, lock=True)  # rows before the log: one lock order
        if standing.slot(slot.field).signed:
            return standing  # another request signed it meanwhile; ours is thrown away
        revision = digests_of(signed[: finding.covered_length])
        trail = _record_signature(work, moved, done, revision, actor, now)
        if moved.state is AgreementState.EXECUTED:
            moved = _record_execution(work, moved, trail, revision, now)
        saved = work.agreements.save(moved)
        work.intents.close(f"sign:{dossier.number}:{slot.field}", canonical_bytes({"sha256": digest.hex()}))
        work.outbox.put("agreement.signed", dossier.number, canonical_bytes({"field": slot.field}), now)
        work.commit()
    return saved


def _moved(dossier: AgreementDossier, done: SlotFile, digest: Bytes32) -> AgreementDossier:
    slots = tuple(done if held.field == done.field else held for held in dossier.slots)
    made = sum(held.signed for held in slots)
    state = after_signature(dossier.state, made=made, required=len(slots))
    return replace(
        dossier, slots=slots, state=state, current_sha256=digest, evidence_state=EvidenceState.LOGGED
    )


def _record_signature(
    work: UnitOfWork, dossier: AgreementDossier, slot: SlotFile, revision: Digests, actor: str, now: datetime
) -> Trail:
    certificate = slot.certificate_sha256.hex() if slot.certificate_sha256 else ""
    facts = {"certificate_sha256": certificate, "field": slot.field, "role": slot.role}
    trail = note_event(work, dossier.number, _EVENT[slot.kind], at=now, actor=actor, details=facts)
    append_record(
        work,
        _RECORD[slot.kind],
        subject=dossier.number,
        document=revision,
        at=now,
        actor=actor,
        details=facts | {"timestamp_utc": utc_text(slot.timestamp_utc) if slot.timestamp_utc else ""},
    )
    return trail


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
