"""Writes what happened: one line on the agreement's trail, one leaf in the log, one event for others.

All stand in the caller's transaction, together with the change they tell of, so that
no state exists without its record and no record without its state (DESIGN decision 6).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import Trail, TrailEventKind, append, read_line
from contracts_chain.evidence.trail_again import verify_again
from contracts_chain.workflows.errors import ClockWentBackError
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event
from contracts_chain.workflows.trail_telling import change_of, telling_of
from kernel.canonical_json import JsonObject
from kernel.digests import Digests
from kernel.sized_bytes import Salt

__all__ = ["BEHIND", "append_record", "moment_on", "note_event", "note_line"]

BEHIND: Final = timedelta(seconds=60)
"""How far an honest clock may stand behind the newest line: two machines, or a wait for the row."""


def moment_on(trail: Trail, number: str, at: datetime) -> datetime:
    """The moment under which a deed is written: its own, or the newest line's if that is a little later.

    Lines stand in the order of their commits. Of two deeds at once the one that read its clock first
    may come second, and service, worker and activation process have clocks of their own; neither is a
    reason to refuse a person. Whoever measures time between lines measures it by this moment.

    Args:
        trail: The agreement's, read under the lock of its row.
        number: Contract number.
        at: The clock's moment.

    Raises:
        ClockWentBackError: The newest line is more than ``BEHIND`` later: this clock is wrong.
    """
    if not trail or at.replace(microsecond=0) >= trail[-1].occurred_utc:
        return at
    early = trail[-1].occurred_utc - at.replace(microsecond=0)
    if early > BEHIND:
        raise ClockWentBackError(number, early.total_seconds())
    return trail[-1].occurred_utc


def note_event(
    work: UnitOfWork,
    number: str,
    event: TrailEventKind,
    *,
    at: datetime,
    actor: str,
    details: JsonObject,
    moved: JsonObject | None = None,
) -> Trail:
    """Add one event to the trail of an agreement, tell other systems of it, and return the whole trail.

    Args:
        work: The transaction of the change.
        number: Contract number.
        event: What happened.
        at: When.
        actor: Who, as an id of the service.
        details: Facts proper to the event; ``trail_telling`` says which of them others are told.
        moved: Where state and evidence moved by it (``process_events.moves``).

    Raises:
        BrokenTrailError: The stored trail does not hold; nothing is added to a broken one.
        ClockWentBackError: The last event is much later than ``at`` (``moment_on``).
    """
    trail = note_line(work, number, event, at=at, actor=actor, details=details)
    telling = telling_of(event)
    if telling is not None:
        change = {**change_of(telling, details), **(moved or {})}
        note_process_event(work, number, telling.kind, at=trail[-1].occurred_utc, change=change)
    return trail


def note_line(
    work: UnitOfWork, subject: str, event: TrailEventKind, *, at: datetime, actor: str, details: JsonObject
) -> Trail:
    """Add one event to the trail of an agreement or a seal, and tell nobody; return the whole trail.

    Raises:
        BrokenTrailError: The stored trail does not hold; nothing is added to a broken one.
        ClockWentBackError: The last event is much later than ``at`` (``moment_on``).
    """
    so_far = verify_again(work.trails.lines(subject))
    moment = moment_on(so_far, subject, at)
    whole = append(so_far, event, occurred_utc=moment, actor=actor, details=details)
    work.trails.append(subject, whole[-1].line())
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
    the order of ``previous``; nobody else is kept waiting. The leaf's index is fixed later. The
    record is never earlier than the subject's newest line, which was written in the same order.
    """
    work.log.lock_subject(subject)
    record = Record(
        kind=kind,
        subject=subject,
        document=document,
        occurred_utc=max((at.replace(microsecond=0), *_newest_line(work, subject))),
        actor=actor,
        previous=work.log.last_of(subject),
        details=details,
        salt=Salt(secrets.token_bytes(32)),
    )
    work.log.append(subject, record.leaf(), record.canonical(), at)
    return record


def _newest_line(work: UnitOfWork, subject: str) -> tuple[datetime, ...]:
    """When the newest line of a subject was written, if it has a trail."""
    lines = work.trails.lines(subject)
    return (read_line(lines[-1], len(lines)).event.occurred_utc,) if lines else ()
