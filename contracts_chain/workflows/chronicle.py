"""Writes what happened: one line on the agreement's trail, one leaf in the log.

Both stand in the caller's transaction, together with the change they tell of, so that
no state exists without its record and no record without its state (DESIGN decision 6).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import Trail, TrailEventKind, append
from contracts_chain.evidence.trail_again import verify_again
from contracts_chain.workflows.errors import ClockWentBackError
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject
from kernel.digests import Digests
from kernel.sized_bytes import Salt

__all__ = ["append_record", "note_event"]


def note_event(
    work: UnitOfWork, number: str, event: TrailEventKind, *, at: datetime, actor: str, details: JsonObject
) -> Trail:
    """Add one event to the trail of an agreement and return the whole trail.

    Raises:
        BrokenTrailError: The stored trail does not hold; nothing is added to a broken one.
        ClockWentBackError: The last event is later than ``at``; a line written now would break the trail.
    """
    so_far = verify_again(work.trails.lines(number))
    early = so_far[-1].occurred_utc - at.replace(microsecond=0) if so_far else timedelta(0)
    if early > timedelta(0):
        raise ClockWentBackError(number, early.total_seconds())
    whole = append(so_far, event, occurred_utc=at, actor=actor, details=details)
    work.trails.append(number, whole[-1].line())
    return whole


def append_record(
    work: UnitOfWork,
    kind: RecordKind,
    *,
    subject: str,
    document: Digests,
    at: datetime,
    actor: str,
    details: JsonObject,
) -> Record:
    """Append one salted record to the log, chained to the subject's last one.

    Holds the subject until the transaction ends, so that within it the order of the log is
    the order of ``previous``; nobody else is kept waiting. The leaf's index is fixed later.
    """
    work.log.lock_subject(subject)
    record = Record(
        kind=kind,
        subject=subject,
        document=document,
        occurred_utc=at.replace(microsecond=0),
        actor=actor,
        previous=work.log.last_of(subject),
        details=details,
        salt=Salt(secrets.token_bytes(32)),
    )
    work.log.append(subject, record.leaf(), record.canonical(), at)
    return record
