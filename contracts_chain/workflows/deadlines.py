"""The clocks of an order, what is overdue, what bears a mark, and reminders.

Reads; changes nothing but the list of reminders. A reminder goes out through the outbox, one a
day for a clock at most, however many people press the button.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from contracts_chain.agreements.process_steps import Step
from contracts_chain.agreements.service_levels import (
    Clock,
    ClockState,
    OnWhom,
    clocks_of,
    service_levels,
)
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.deadline_ports import MilestoneFile, ReminderFile
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.order_steps import Mark, OrderFacts, facts_of, marks_of, steps_of
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import canonical_bytes
from kernel.clock import BEIJING
from kernel.errors import RejectedError

__all__ = [
    "AlreadyRemindedError",
    "ClockNotRunningError",
    "OrderProgress",
    "deadlines_of",
    "orders_in_progress",
    "progress_of",
    "remind",
]

_FINISHED_SHOWN: Final = timedelta(days=90)
"""An order that is done is watched this long, so that what was skipped on the way still shows."""
_OPEN: Final = frozenset({ClockState.RUNNING, ClockState.OVERDUE, ClockState.UNDATED})
_WEEKDAYS: Final = "一二三四五六日"


class ClockNotRunningError(RejectedError):
    """Nobody is to be reminded: the clock has ended, stands still, or never started."""

    code = "clock_not_running"

    def __init__(self, order_no: str, level: str) -> None:
        """Keep order and level."""
        super().__init__(
            f"no clock {level} of order {order_no} is running; look at the list again",
            f"业务单 {order_no} 没有正在计时的“{level}”；请刷新列表后再看",
        )
        self.order_no = order_no
        self.level = level


class AlreadyRemindedError(RejectedError):
    """The clock had its reminder of today."""

    code = "already_reminded"

    def __init__(self, order_no: str, level: str) -> None:
        """Keep order and level."""
        super().__init__(
            f"order {order_no} was reminded of {level} today already; the next reminder is possible tomorrow",
            f"业务单 {order_no} 今天已催办过；同一事项每天最多催办一次，请明天再催",
        )
        self.order_no = order_no
        self.level = level


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProgress:
    """Everything about the time an order takes.

    Attributes:
        milestones: As recorded, stated days included.
        steps: Milestones and contract events, oldest first.
        clocks: Every clock, running or ended.
        marks: Signs of work outside the system (reference K6).
    """

    order_no: str
    facts: OrderFacts
    milestones: tuple[MilestoneFile, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]
    marks: tuple[Mark, ...]
    reminders: tuple[ReminderFile, ...]

    @property
    def overdue(self) -> tuple[Clock, ...]:
        """Clocks that have run out and still run, the longest overdue first."""
        found = [clock for clock in self.clocks if clock.state is ClockState.OVERDUE]
        return tuple(sorted(found, key=lambda clock: -clock.overdue_days))

    def last_reminded(self, clock: Clock) -> ReminderFile | None:
        """The newest reminder of a clock."""
        own = (clock.level.id, clock.subject)
        found = [one for one in self.reminders if (one.level, one.subject) == own]
        return found[-1] if found else None


def deadlines_of(office: Office, order_no: str) -> tuple[Clock, ...]:
    """Every clock of an order: started when, due when, done when, overdue by how much.

    Raises:
        UnknownNumberError: Neither milestone nor agreement of this order.
    """
    return progress_of(office, order_no).clocks


def progress_of(office: Office, order_no: str) -> OrderProgress:
    """All of one order.

    Raises:
        UnknownNumberError: Neither milestone nor agreement of this order.
    """
    with office.work() as work:
        (progress,) = _progress(work, (order_no,), _today(office))
    if not progress.steps:
        raise UnknownNumberError(order_no)
    return progress


def orders_in_progress(
    office: Office, *, finished_within: timedelta = _FINISHED_SHOWN
) -> tuple[OrderProgress, ...]:
    """All orders whose clocks may run, and those energised or closed lately, by order number."""
    with office.work() as work:
        orders = work.deadlines.live_orders(office.clock.now() - finished_within)
        return _progress(work, orders, _today(office))


def remind(office: Office, order_no: str, level: str, subject: str, *, by: str) -> ReminderFile:
    """Remind whoever's turn it is, once a day at most.

    Args:
        office: Clock and storage.
        order_no: The order.
        level: Id of the service level.
        subject: Order or agreement the clock belongs to.
        by: Who asks.

    Raises:
        UnknownNumberError: No such order.
        ClockNotRunningError: Nothing to remind of.
        AlreadyRemindedError: Done today already.
    """
    now, today = office.clock.now().replace(microsecond=0), _today(office)
    with office.work() as work:
        (progress,) = _progress(work, (order_no,), today)
        clock = _open_clock(progress, level, subject)
        reminder = ReminderFile(
            order_no=order_no, level=level, subject=subject, on_day=today, asked_utc=now, asked_by=by
        )
        if not work.deadlines.remind_once(reminder):
            raise AlreadyRemindedError(order_no, clock.level.zh)
        message = canonical_bytes({"phone": _address(work, clock), "text": _text(order_no, clock)})
        work.outbox.put(SMS, subject, message, now)
        work.commit()
    return reminder


def _today(office: Office) -> date:
    return office.clock.now().astimezone(BEIJING).date()


def _progress(work: UnitOfWork, orders: Sequence[str], today: date) -> tuple[OrderProgress, ...]:
    milestones, agreements, reminders = defaultdict(list), defaultdict(list), defaultdict(list)
    for milestone in work.deadlines.milestones_of(orders):
        milestones[milestone.order_no].append(milestone)
    for agreement in work.deadlines.agreements_of(orders):
        agreements[agreement.order_no].append(agreement)
    for reminder in work.deadlines.reminders_of(orders):
        reminders[reminder.order_no].append(reminder)
    calendar = house_calendar()
    found: list[OrderProgress] = []
    for order_no in orders:
        steps = steps_of(milestones[order_no], agreements[order_no])
        facts = facts_of(milestones[order_no], agreements[order_no])
        clocks = clocks_of(
            service_levels(facts.province).levels,
            steps,
            today=today,
            calendar=calendar,
            works=facts.works,
            works_days=facts.works_days,
            customer_completes_on=facts.customer_completes_on,
        )
        found.append(
            OrderProgress(
                order_no=order_no,
                facts=facts,
                milestones=tuple(milestones[order_no]),
                steps=steps,
                clocks=clocks,
                marks=marks_of(steps, calendar),
                reminders=tuple(reminders[order_no]),
            )
        )
    return tuple(found)


def _open_clock(progress: OrderProgress, level: str, subject: str) -> Clock:
    if not progress.steps:
        raise UnknownNumberError(progress.order_no)
    for clock in progress.clocks:
        if (clock.level.id, clock.subject) == (level, subject) and clock.state in _OPEN:
            return clock
    raise ClockNotRunningError(progress.order_no, level)


def _address(work: UnitOfWork, clock: Clock) -> str:
    """The signer's phone where the customer's side is due, else ``duty:NAME`` of the staff."""
    if not clock.level.by_agreement:
        return "duty:drafter"
    if clock.level.on_whom is OnWhom.SUPPLIER:
        return "duty:supplier-desk"
    dossier = work.agreements.load(clock.subject)
    slot = dossier.next_slot
    if slot is None:
        raise ClockNotRunningError(dossier.order_no, clock.level.id)
    return load_terms(dossier.terms).party(slot.role).signer.phone


def _text(order_no: str, clock: Clock) -> str:
    due = "期限待定" if clock.due is None else f"期限 {_day_zh(clock.due)}"
    late = f"，已超期 {clock.overdue_days} 个工作日" if clock.overdue_days else ""
    if clock.level.on_whom is OnWhom.CUSTOMER:
        ask = "请通过原签署链接办理；如有疑问请致电 95598"
        return f"合同 {clock.subject} 等待您签署，{due}{late}。{ask}。"
    return f"催办：业务单 {order_no}，{clock.level.zh}，{due}{late}。请尽快办理。"


def _day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"
