"""Gives pending seal signatures of the domestic track their time, once the PDF beside them has its own.

The two tracks ask for their tokens one after the other, so the authority can die in between: then the
PDF is stamped and its seal signature waits alone. The row that says so is the standing intent;
token, check and outcome may be repeated until the outcome is committed. The PDF goes first: step 10
bounds a pending signature by the first ``timestamp.added`` after it, which must be that of the PDF.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.domestic import evidence_of, keep_ses, verify_ses
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import moves
from kernel.canonical_json import JsonObject
from kernel.clock import utc_text
from kernel.digests import digests_of
from signing.inspection import inspect_pdf
from signing.ses.making import with_timestamp
from signing.ses.reading import SesFile, read_ses
from signing.token_proof import verify_token

__all__ = ["is_timed", "stamp_seal"]

_ACTOR = "service"


def is_timed(dossier: AgreementDossier) -> bool:
    """Whether every signature in the PDF has its time."""
    return all(slot.timestamp_utc is not None for slot in dossier.slots if slot.signed)


def stamp_seal(office: Office, number: str, field: str) -> None:
    """Stamp one seal signature that waits: one leaf and one line on the trail.

    Args:
        office: Where files, tokens and records come from.
        number: Contract number; nothing is done while its PDF waits too.
        field: Of a seal signature that is kept.

    Raises:
        TimestampUnavailableError: No token now.
        RevocationUnavailableError: The authority's own certificate cannot be proven now.
        UnsoundSignatureError: The stamped one did not pass its re-check; it is as it was.
        BlobCorruptError: The stored one was changed.
        BlobMissingError: It is gone.
    """
    with office.work() as work:
        dossier = work.agreements.load(number)
        held = dict(work.domestic_seals.of_agreement(number))
    if is_timed(dossier):
        _stamp(office, dossier, field, office.blobs.get(held[field]))


def _stamp(office: Office, dossier: AgreementDossier, field: str, ses: bytes) -> None:
    if read_ses(ses).token is not None:  # stamped before the row could tell (migration 0017)
        with office.work() as work:
            keep_ses(work, office.blobs, dossier.number, field, ses)
            work.commit()
        return
    stamped = with_timestamp(ses, office.timestamps, office.ca)
    verify_ses(office, dossier.number, field, stamped, _revision(office, dossier, field))
    _commit(office, dossier.number, field, stamped)


def _revision(office: Office, dossier: AgreementDossier, field: str) -> bytes:
    """The bytes that the seal covers, as the PDF's own signature of that field says."""
    if dossier.current_sha256 is None:
        raise UnsoundSignatureError(dossier.number, field, "no_document")
    pdf = office.blobs.get(dossier.current_sha256)
    for finding in inspect_pdf(pdf, office.trust.signatures).signatures:
        if finding.field == field:
            return pdf[: finding.covered_length]
    raise UnsoundSignatureError(dossier.number, field, "missing")


def _commit(office: Office, number: str, field: str, stamped: bytes) -> None:
    now, ses = office.clock.now(), read_ses(stamped)
    with office.work() as work:
        standing = work.agreements.load(number, lock=True)  # rows before the log: one lock order
        if field not in work.domestic_seals.unstamped_of(number) or not is_timed(standing):
            return  # another was faster, or a new signature waits for its PDF; the next turn sees to it
        keep_ses(work, office.blobs, number, field, stamped)
        moved = replace(standing, evidence_state=evidence_of(work, standing))
        _record(office, work, standing, field, ses, now, moves(standing, moved))
        work.agreements.save(moved)
        work.commit()


def _record(
    office: Office,
    work: UnitOfWork,
    standing: AgreementDossier,
    field: str,
    ses: SesFile,
    now: datetime,
    moved: JsonObject,
) -> None:
    """The leaf holds the whole file as it stands, as that of every added timestamp does."""
    if ses.token is None or standing.current_sha256 is None:
        raise TypeError("a stamped seal signature of a signed agreement is recorded")
    trust = office.trust
    stamped = verify_token(ses.signature, ses.token, trust.signatures, skew=trust.skew)
    details: JsonObject = {"field": field, "purpose": "seal", "timestamp_utc": utc_text(stamped)}
    trail = note_event(
        work,
        standing.number,
        TrailEventKind.TIMESTAMPED,
        at=now,
        actor=_ACTOR,
        details=details,
        moved=moved,
    )
    append_record(
        work,
        RecordKind.TIMESTAMP_ADDED,
        subject=standing.number,
        document=digests_of(office.blobs.get(standing.current_sha256)),
        at=now,
        actor=_ACTOR,
        details={**details, "trail": final_hash(trail).hex()},
    )
