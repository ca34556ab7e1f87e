"""Reminds a party that has not signed, by the working-day calendar; never on a day off.

Decides who is due from the trail alone: the turn began with the offer or the last signature, the
first reminder comes after so many working days, the next ones as far apart, three at most. While
a question waits for the staff nobody is reminded. The link is not repeated: only its hash is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.evidence.trail import Trail, TrailEventKind, verify_trail
from contracts_chain.workflows.acting_party import acting_party
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import canonical_bytes
from kernel.clock import BEIJING
from kernel.errors import ContractsChainError

__all__ = ["MOST_REMINDERS", "remind_signers"]

_LOG = logging.getLogger("contracts_chain.worker")
MOST_REMINDERS: Final = 3
_SIGNABLE: Final = (AgreementState.OFFERED, AgreementState.PARTLY_SIGNED)
_TURN: Final = frozenset({TrailEventKind.OFFERED, TrailEventKind.SIGNED, TrailEventKind.SEALED})


def remind_signers(office: Office, *, after_working_days: int) -> int:
    """Remind every party that is due today and return how many were.

    One agreement that cannot be looked at or written to does not keep the others waiting.

    Args:
        office: Clock and storage.
        after_working_days: Working days from the turn, and between two reminders; at least 1.
    """
    today = _day(office.clock.now())
    if not house_calendar().is_working_day(today):
        return 0
    with office.work() as work:
        open_ones = [one for one in work.agreements.list() if one.state in _SIGNABLE]
        due = [one.number for one in open_ones if _looks_due(work, one, today, after_working_days)]
    return sum(_attempt(office, number, today, after_working_days) for number in due)


def _looks_due(work: UnitOfWork, dossier: AgreementDossier, today: date, after_working_days: int) -> bool:
    try:
        return _is_due(work, dossier, today, after_working_days)
    except ContractsChainError as problem:
        _LOG.error("whose turn it is on %s is unknown: %s %s", dossier.number, problem.code, problem.en)
        return False


def _attempt(office: Office, number: str, today: date, after_working_days: int) -> bool:
    try:
        return _reminded(office, number, today, after_working_days)
    except ContractsChainError as problem:
        _LOG.error("nobody of %s can be reminded: %s %s", number, problem.code, problem.en)
        return False


def _is_due(work: UnitOfWork, dossier: AgreementDossier, today: date, after_working_days: int) -> bool:
    slot = dossier.next_slot
    over = dossier.offer_until is not None and today > dossier.offer_until
    if slot is None or over or dossier.state not in _SIGNABLE:
        return False
    if any(one.answer is None for one in work.questions.of_agreement(dossier.number)):
        return False
    trail = verify_trail(work.trails.lines(dossier.number))
    began = _turn_began(trail)
    if began is None:
        return False  # its lines are lost: ``fsck`` tells that
    reminders = _reminders(trail, slot.role, began)
    last = max([began, *reminders])
    waited = house_calendar().working_days_between(_day(last), today)
    return len(reminders) < MOST_REMINDERS and waited >= after_working_days


def _turn_began(trail: Trail) -> datetime | None:
    return max((event.occurred_utc for event in trail if event.event in _TURN), default=None)


def _reminders(trail: Trail, role: str, began: datetime) -> Sequence[datetime]:
    return [
        event.occurred_utc
        for event in trail
        if event.event is TrailEventKind.REMINDED
        and event.details.get("role") == role
        and event.occurred_utc >= began
    ]


def _reminded(office: Office, number: str, today: date, after_working_days: int) -> bool:
    now = office.clock.now()
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        slot = dossier.next_slot
        if slot is None or not _is_due(work, dossier, today, after_working_days):
            return False  # another worker was first, or the party signed
        details = {"role": slot.role}
        note_event(work, number, TrailEventKind.REMINDED, at=now, actor="service", details=details)
        phone = acting_party(work, dossier, slot.role).signer.phone
        last = dossier.offer_until
        until = f"，{last.month}月{last.day}日前有效" if last else ""
        text = f"合同 {number} 等待您签署{until}。请通过原签署链接办理；如有疑问请致电 95598。"
        work.outbox.put(SMS, number, canonical_bytes({"phone": phone, "text": text}), now)
        work.commit()
    return True


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
