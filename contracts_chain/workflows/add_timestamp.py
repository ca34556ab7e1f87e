"""Appends one revision with a document timestamp to an agreement: intent, timestamp, re-check, outcome.

The intent is committed before the authority is asked. The new revision is judged like a stranger's
file before it takes the old one's place; only then are its digest, its leaf and its line on the
trail committed together. A crash leaves the intent, and the next turn does the same again; what was
appended to a revision that somebody has meanwhile signed is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.domestic import evidence_of
from contracts_chain.workflows.dossier import AgreementDossier, IntentRow, SlotFile
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import moves
from contracts_chain.workflows.signature_events import failure_told
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import utc_text
from kernel.digests import digests_of
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.model import PdfFindings

__all__ = ["Extend", "add_timestamp"]

Extend = Callable[[bytes], bytes]
"""From a revision to the next, which begins with it."""

_ACTOR = "service"


def add_timestamp(office: Office, number: str, extend: Extend, *, purpose: str) -> AgreementDossier:
    """Extend the newest revision of an agreement and put the result in its place.

    Args:
        office: Where files and records come from.
        number: Contract number.
        extend: ``signing.archive_timestamps.upgrade`` or ``renew``.
        purpose: ``upgrade`` or ``renewal``; kept in record and trail.

    Returns:
        The agreement as it stands, whether we extended it or somebody was faster.

    Raises:
        TimestampUnavailableError: No token now; call again.
        RevocationUnavailableError: A chain can no longer be proven.
        UnsoundSignatureError: The new revision did not pass the re-check; nothing changed.
    """
    dossier, base = _intend(office, number, purpose)
    extended = extend(office.blobs.get(base))
    findings = inspect_pdf(extended, office.trust.signatures)
    with failure_told(office, dossier, {"purpose": purpose}, UnsoundSignatureError):
        _verify_sound(findings, dossier)
    return _commit(office, base, extended, findings, number, purpose)


def _intend(office: Office, number: str, purpose: str) -> tuple[AgreementDossier, Bytes32]:
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        base = dossier.current_sha256
        if base is None:
            raise UnsoundSignatureError(number, "", "no_document")
        work.intents.open(
            IntentRow(
                key=_key(number, base),
                kind="timestamp",
                subject=number,
                payload=canonical_bytes({"base_sha256": base.hex(), "purpose": purpose}),
                opened_utc=office.clock.now(),
            )
        )
        work.commit()
    return dossier, base


def _verify_sound(findings: PdfFindings, dossier: AgreementDossier) -> None:
    """Every signature made so far is proven, time included, and nothing but archive data follows."""
    found = {one.field: one for one in findings.signatures}
    signed = [slot.field for slot in dossier.slots if slot.signed]
    for name in signed:
        finding = found.get(name)
        if finding is None:
            raise UnsoundSignatureError(dossier.number, name, "missing")
        for verdict in (finding.integrity, finding.chain, finding.timestamp):
            if verdict is not Verdict.PROVEN:
                raise UnsoundSignatureError(dossier.number, name, finding.code)
    stamps = findings.document_timestamps
    if findings.tail is not Verdict.PROVEN or len(found) != len(signed):
        raise UnsoundSignatureError(dossier.number, "", findings.tail_code)
    if not stamps or stamps[-1].verdict is not Verdict.PROVEN:
        raise UnsoundSignatureError(dossier.number, "", stamps[-1].code if stamps else "no_timestamp")


def _commit(
    office: Office, base: Bytes32, extended: bytes, findings: PdfFindings, number: str, purpose: str
) -> AgreementDossier:
    digest, now = office.blobs.put(extended), office.clock.now()
    times = {one.field: one.timestamp_utc for one in findings.signatures}
    with office.work() as work:
        standing = work.agreements.load(number, lock=True)  # rows before the log: one lock order
        if standing.current_sha256 != base:
            work.intents.close(_key(number, base), canonical_bytes({"overtaken": True}))
            work.commit()
            return standing
        moved = replace(
            standing,
            slots=tuple(_timed(slot, times) for slot in standing.slots),
            current_sha256=digest,
        )
        moved = replace(moved, evidence_state=evidence_of(work, moved))
        _record(work, standing, moved, extended, findings, now, purpose)
        saved = work.agreements.save(moved)
        work.intents.close(_key(number, base), canonical_bytes({"sha256": digest.hex()}))
        work.commit()
    return saved


def _timed(slot: SlotFile, times: dict[str, datetime | None]) -> SlotFile:
    """The proven time of a slot that had none; a proven time never changes."""
    if not slot.signed or slot.timestamp_utc is not None:
        return slot
    return replace(slot, timestamp_utc=times[slot.field])


def _record(
    work: UnitOfWork,
    standing: AgreementDossier,
    extended_to: AgreementDossier,
    extended: bytes,
    findings: PdfFindings,
    now: datetime,
    purpose: str,
) -> None:
    number, moved = standing.number, moves(standing, extended_to)
    stamped = findings.document_timestamps[-1].time_utc
    details: JsonObject = {
        "purpose": purpose,
        "timestamp_utc": utc_text(stamped) if stamped else "",
    }
    trail = note_event(
        work, number, TrailEventKind.TIMESTAMPED, at=now, actor=_ACTOR, details=details, moved=moved
    )
    append_record(
        work,
        RecordKind.TIMESTAMP_ADDED,
        subject=number,
        document=digests_of(extended),
        at=now,
        actor=_ACTOR,
        details={**details, "trail": final_hash(trail).hex()},
    )


def _key(number: str, base: Bytes32) -> str:
    return f"timestamp:{number}:{base.hex()}"
