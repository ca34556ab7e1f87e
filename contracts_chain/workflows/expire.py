"""The end of a term: reminders 90, 60 and 30 days before, continuation once, expiry, archiving.

What the text says happens: 「期满前任何一方均未提出异议的，按原条件续期一次」 continues once for as long as
the first term, unless a party objected on record; everything else expires when its last day is
over in Beijing. Each reminder of an end goes out once, to other systems. All of it is read
from the store, so a job may run twice, late or in several workers.
"""

from __future__ import annotations

import logging
from calendar import isleap
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from contracts_chain.agreements.lifecycle import Deed, advance_agreement, allowed_deeds
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_files import LifeSpan
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event, state_move
from contracts_chain.workflows.standing import beijing_day, note_standing, verify_not_held
from contracts_chain.workflows.status import end_supplements
from kernel.canonical_json import JsonObject
from kernel.errors import ContractsChainError

__all__ = ["REMINDER_DAYS", "archive_agreement", "expire_when_due", "remind_of_expiry"]

_LOG = logging.getLogger("contracts_chain.worker")
REMINDER_DAYS: Final = (90, 60, 30)
_ROUNDS: Final = ((-1, 30), (30, 60), (60, 90))
"""Of each reminder the days it is for: more than, up to."""
_BATCH: Final = 200


def remind_of_expiry(office: Office, *, most: int = _BATCH) -> int:
    """Send the reminders that are due and return how many went out.

    A contract met late gets the closest reminder only; the wider ones count as passed.
    """
    now = office.clock.now()
    with office.work() as work:
        sent = sum(_remind(work, nearer, days, now, most) for nearer, days in _ROUNDS)
        work.commit()
    return sent


def expire_when_due(office: Office, *, most: int = _BATCH) -> int:
    """Continue or end the terms that are over and return how many."""
    with office.work() as work:
        due = work.life.due_to_expire(beijing_day(office.clock.now()), most)
    return sum(_expire(office, number) for number in due)


def archive_agreement(office: Office, number: str, *, by: str) -> AgreementDossier:
    """Put an ended agreement into the archive.

    Raises:
        UnknownNumberError: No such agreement.
        DisputeHoldError: A dispute holds it.
        TransitionRefusedError: It has not ended.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        verify_not_held(work, number)
        now = office.clock.now()
        archived = replace(dossier, state=advance_agreement(dossier.state, Deed.ARCHIVE))
        if dossier.executed_utc is not None:
            details = {"status": "archived", "reason": dossier.state.zh}
            evidence = note_standing(work, dossier, to=archived.state, at=now, actor=by, details=details)
            archived = replace(archived, evidence_state=evidence)
        else:
            moved = state_move(dossier.state, archived.state)
            note_process_event(work, number, ProcessEventKind.STATUS_CHANGED, at=now, change=moved)
        saved = work.agreements.save(archived)
        work.commit()
    return saved


def _remind(work: UnitOfWork, nearer: int, days: int, now: datetime, most: int) -> int:
    """Ends more than ``nearer`` days away and at most ``days`` that had no such reminder."""
    today, sent = beijing_day(now), 0
    first, last = today + timedelta(days=nearer + 1), today + timedelta(days=days)
    for span in work.life.unreminded(first, last, days, most):
        if span.ends_on is None:
            continue
        passed = [one for one in REMINDER_DAYS if one >= days]
        new = [one for one in passed if work.life.remind_once(span.number, span.ends_on, one, now)]
        if days in new:  # else another worker was first
            change = _reminder(span, span.ends_on, days)
            note_process_event(work, span.number, ProcessEventKind.EXPIRING, at=now, change=change)
            sent += 1
    return sent


def _reminder(span: LifeSpan, ends_on: date, days: int) -> JsonObject:
    continues = span.auto_renew and span.renewals == 0 and span.objected_by is None
    return {"auto_renew": continues, "days": days, "ends_on": ends_on.isoformat()}


def _expire(office: Office, number: str) -> bool:
    """One agreement that cannot end does not keep the others waiting."""
    try:
        with office.work() as work:
            dossier = work.agreements.load(number, lock=True)
            span, today = work.life.find_span(number), beijing_day(office.clock.now())
            if span is None or span.ends_on is None or span.ends_on >= today:
                return False
            if Deed.EXPIRE not in allowed_deeds(dossier.state) or work.life.hold_of(number) is not None:
                return False
            _end_or_continue(office, work, dossier, span, span.ends_on)
            work.commit()
    except ContractsChainError as problem:
        _LOG.error("%s cannot expire: %s %s", number, problem.code, problem.en)
        return False
    return True


def _end_or_continue(
    office: Office, work: UnitOfWork, dossier: AgreementDossier, span: LifeSpan, ends_on: date
) -> None:
    now = office.clock.now()
    if span.auto_renew and span.renewals == 0 and span.objected_by is None:
        until = _continued(dossier, ends_on)
        work.life.save_span(replace(span, ends_on=until, renewals=1))
        details = {"status": "extended", "reason": "期满无异议，按约定续期一次", "until": until.isoformat()}
        state = dossier.state
    else:
        details = {"status": "expired", "reason": "合同期限届满", "ended": ends_on.isoformat()}
        state = advance_agreement(dossier.state, Deed.EXPIRE)
    evidence = note_standing(work, dossier, to=state, at=now, actor="service", details=details)
    saved = work.agreements.save(replace(dossier, state=state, evidence_state=evidence))
    if state is not dossier.state:
        end_supplements(work, saved, at=now)


def _continued(dossier: AgreementDossier, ends_on: date) -> date:
    """As long again as the first term, from the day after its end."""
    first = load_terms(dossier.terms).valid_from
    following, years = ends_on + timedelta(days=1), 0
    while _years_after(first, years + 1) <= following:
        years += 1
    rest = following - _years_after(first, years)
    return _years_after(following, years) + rest - timedelta(days=1)


def _years_after(day: date, years: int) -> date:
    year = day.year + years
    lacks_the_day = (day.month, day.day) == (2, 29) and not isleap(year)
    return day.replace(year=year, day=28 if lacks_the_day else day.day)
