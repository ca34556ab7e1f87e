"""Contracts in force, and the office at another moment.

Most are *planted*: row, terms, execution record and term are those of a signed contract, and
nobody drew or signed its PDF, which takes seconds. Where a package is to be proven, or the
signing itself matters, ask for a whole ceremony.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workflows_desk import (
    anchor_all,
    completed,
    drafted,
    fresh_order_no,
    passed,
    records_of,
    reloaded,
    sample_order,
)

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.notices import NoticeKind, ServiceManner
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import open_draft
from contracts_chain.workflows.life_files import NoticeFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.process_events import tell_events
from contracts_chain.workflows.standing import beijing_day
from contracts_chain.workflows.status import enter
from kernel.canonical_json import JsonObject, JsonValue
from kernel.clock import FixedClock
from kernel.digests import digests_of


def later(office: Office, **by: float) -> Office:
    """The same office, its clock moved on and standing still."""
    return replace(office, clock=FixedClock(office.clock.now() + timedelta(**by)))


def formed(office: Office, number: str) -> AgreementDossier:
    """A draft made a signed contract without its signatures."""
    now = office.clock.now()
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        drawn = dossier.current_sha256
        content = b"planted" if drawn is None else office.blobs.get(drawn)
        trail = note_event(work, number, TrailEventKind.SEALED, at=now, actor="test", details={})
        append_record(
            work,
            RecordKind.AGREEMENT_EXECUTED,
            subject=number,
            document=digests_of(content),
            at=now,
            actor="test",
            details={"trail": final_hash(trail).hex()},
        )
        executed = replace(
            dossier, state=AgreementState.EXECUTED, evidence_state=EvidenceState.LOGGED, executed_utc=now
        )
        saved = work.agreements.save(executed)
        work.commit()
    return saved


def planted(office: Office, **changes: Any) -> AgreementDossier:
    """A signed contract, with fields of its terms changed."""
    order = sample_order(fresh_order_no())
    terms = replace(order.agreements[0], **changes)
    block = office.chain.latest_block()
    with office.work() as work:
        dossier = open_draft(office, work, terms, order_no=order.order_no, drafted_by="drafter", block=block)
        work.commit()
    return formed(office, dossier.number)


def in_force(office: Office, *, ceremony: bool = False) -> AgreementDossier:
    """A contract in force that no other test uses."""
    if ceremony:
        number = completed(office, passed(office, drafted(office))).number
        anchor_all(office)
        return reloaded(office, number)
    number = planted(office).number
    assert enter(office, number)
    return reloaded(office, number)


def ending(office: Office, days: int) -> str:
    """Number of a contract in force whose term ends so many days from now."""
    number = in_force(office).number
    with office.work() as work:
        span = work.life.find_span(number)
        assert span is not None
        end = beijing_day(office.clock.now()) + timedelta(days=days)
        work.life.save_span(replace(span, ends_on=end))
        work.commit()
    return number


def served_notice(office: Office, number: str) -> str:
    """Number of a notice of this contract that was served long ago, the customer called two hours ago."""
    now = office.clock.now()
    notice = NoticeFile(
        number=f"TZ-{number}",
        agreement_number=number,
        kind=NoticeKind.CUT_OFF.value,
        facts=b"{}",
        pdf_sha256=office.blobs.put(b"planted notice"),
        planned_on=beijing_day(now),
        drafted_by="desk",
        drafted_utc=now - timedelta(days=20),
        reviewed_by="legal",
        served_on=beijing_day(now - timedelta(days=19)),
        manner=ServiceManner.HAND.value,
        final_notice_utc=now - timedelta(hours=2),
    )
    with office.work() as work:
        if work.notices.find(notice.number) is None:
            work.notices.add(notice)
            work.commit()
    return notice.number


def sent(office: Office, subject: str) -> list[dict[str, str]]:
    """Text messages that wait in the outbox for a subject: telephone and text."""
    with office.work() as work:
        return [json.loads(one.payload) for one in work.outbox.waiting(10_000) if one.subject == subject]


def told(office: Office, kind: ProcessEventKind, subject: str) -> list[JsonObject]:
    """What other systems are told of a subject by events of this kind, in their order."""
    tell_events(office)
    with office.work() as work:
        return [event.change for event in work.callbacks.events_of(subject) if event.kind is kind]


def newest_status(office: Office, number: str) -> Mapping[str, JsonValue]:
    """Details of the newest record."""
    return dict(records_of(office, number)[-1].details)
