"""Clocks, steps and marks as people and machines read them: words, dates, JSON, CSV rows.

Days are given with their weekday, a deadline always with count and date (WEB §1); a day of an
undecreed year is called 暂定, a figure nobody established 待核实.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from contracts_chain.agreements.process_steps import Step
from contracts_chain.agreements.service_levels import Clock, ClockState
from contracts_chain.agreements.working_days import WorkingCalendar
from contracts_chain.workflows.deadline_ports import ReminderFile
from contracts_chain.workflows.deadlines import OrderProgress
from contracts_chain.workflows.order_steps import Mark, MarkKind
from kernel.clock import BEIJING, beijing_text, utc_text

__all__ = [
    "MARKS_HEAD",
    "OVERDUE_HEAD",
    "ClockLine",
    "MarkLine",
    "clock_json",
    "day_zh",
    "due_soon",
    "mark_cells",
    "mark_json",
    "mark_lines",
    "overdue_cells",
    "overdue_lines",
    "step_json",
]

_WEEKDAYS: Final = "一二三四五六日"
_SOON_DAYS: Final = 2
OVERDUE_HEAD: Final = (
    "业务单",
    "编号",
    "县区",
    "环节",
    "起算日",
    "期限",
    "超期工作日",
    "暂停工作日",
    "责任方",
    "含暂定日",
    "时限来源",
    "最近催办",
)

MARKS_HEAD: Final = ("业务单", "环节", "线索", "说明", "登记时间", "登记人", "填报发生日期", "受理渠道")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One row of the list."""

    order_no: str
    district: str
    clock: Clock
    reminded: ReminderFile | None
    reminded_today: bool

    @property
    def due_zh(self) -> str:
        """期限 with weekday, marked if provisional."""
        if self.clock.due is None:
            return "待定"
        return day_zh(self.clock.due) + ("（暂定）" if self.clock.provisional else "")

    @property
    def started_zh(self) -> str:
        """The day counting began from."""
        return day_zh(self.clock.started.day)

    @property
    def reminded_zh(self) -> str:
        """When somebody was reminded last; empty if never."""
        return beijing_text(self.reminded.asked_utc) if self.reminded else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLine:
    """One sign of work outside the system."""

    order_no: str
    mark: Mark

    @property
    def zh(self) -> str:
        """What is conspicuous about the step."""
        mark = self.mark
        if mark.kind is MarkKind.RECORDED_LATE and mark.step.happened_on is not None:
            return f"填报发生于 {day_zh(mark.step.happened_on)}，晚 {mark.days} 个工作日才登记"
        if mark.kind is MarkKind.SKIPPED and mark.missing is not None:
            return f"此前没有“{mark.missing.zh}”的记录"
        return "办理人登记：发现体外流转"

    @property
    def en(self) -> str:
        """The same in English."""
        mark = self.mark
        if mark.kind is MarkKind.RECORDED_LATE:
            return f"recorded {mark.days} working days after the stated day"
        if mark.kind is MarkKind.SKIPPED and mark.missing is not None:
            return f"no step “{mark.missing.value}” recorded before it"
        return "found to be taken outside the system"


def day_zh(day: date) -> str:
    """``2026年11月25日 周三``."""
    return f"{day.year}年{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def overdue_lines(orders: Sequence[OrderProgress], today: date) -> tuple[ClockLine, ...]:
    """Every overdue clock, the longest overdue first."""
    lines = [line for order in orders for line in _lines(order, order.overdue, today)]
    return tuple(sorted(lines, key=lambda line: (-line.clock.overdue_days, line.order_no)))


def due_soon(
    orders: Sequence[OrderProgress], today: date, calendar: WorkingCalendar
) -> tuple[ClockLine, ...]:
    """Running clocks due today or within two working days, the earliest first."""
    lines = [
        line
        for order in orders
        for line in _lines(order, order.clocks, today)
        if line.clock.state is ClockState.RUNNING
        and line.clock.due is not None
        and calendar.working_days_between(today, line.clock.due) <= _SOON_DAYS
    ]
    return tuple(sorted(lines, key=lambda line: (line.clock.due or today, line.order_no)))


def mark_lines(orders: Sequence[OrderProgress]) -> tuple[MarkLine, ...]:
    """All marks, the newest step first."""
    lines = [MarkLine(order_no=order.order_no, mark=mark) for order in orders for mark in order.marks]
    return tuple(sorted(lines, key=lambda line: line.mark.step.at, reverse=True))


def overdue_cells(line: ClockLine) -> tuple[object, ...]:
    """One CSV row under ``OVERDUE_HEAD``."""
    clock = line.clock
    return (
        line.order_no,
        clock.subject,
        line.district,
        clock.level.zh,
        clock.started.day.isoformat(),
        clock.due.isoformat() if clock.due else "",
        clock.overdue_days,
        clock.paused_days,
        clock.level.on_whom.zh,
        "是" if clock.provisional else "否",
        clock.level.shown_source,
        line.reminded_zh,
    )


def mark_cells(line: MarkLine) -> tuple[object, ...]:
    """One CSV row under ``MARKS_HEAD``."""
    mark, step = line.mark, line.mark.step
    return (
        line.order_no,
        step.kind.zh,
        mark.kind.zh,
        line.zh,
        beijing_text(step.at, seconds=True),
        step.actor,
        step.happened_on.isoformat() if step.happened_on else "",
        step.channel,
    )


def clock_json(clock: Clock) -> dict[str, object]:
    """A clock as machines read it; days in Beijing, times in UTC."""
    level = clock.level
    return {
        "level": level.id,
        "zh": level.zh,
        "en": level.en,
        "subject": clock.subject,
        "on_whom": level.on_whom.value,
        "working_days": level.working_days,
        "state": clock.state.value,
        "started_utc": utc_text(clock.started.at),
        "due": clock.due.isoformat() if clock.due else None,
        "done_utc": utc_text(clock.done.at) if clock.done else None,
        "overdue_working_days": clock.overdue_days,
        "paused_working_days": clock.paused_days,
        "provisional": clock.provisional,
        "source": level.shown_source,
        "confidence": level.confidence.value,
    }


def step_json(step: Step) -> dict[str, object]:
    """A step with the server's time and, beside it, the stated day and its distance."""
    behind = (step.day - step.happened_on).days if step.happened_on else None
    return {
        "kind": step.kind.value,
        "zh": step.kind.zh,
        "at_utc": utc_text(step.at),
        "subject": step.subject,
        "actor": step.actor,
        "channel": step.channel,
        "happened_on": step.happened_on.isoformat() if step.happened_on else None,
        "recorded_days_later": behind,
    }


def mark_json(line: MarkLine) -> dict[str, object]:
    """A mark as machines read it."""
    mark = line.mark
    return {
        "kind": mark.kind.value,
        "step": mark.step.kind.value,
        "at_utc": utc_text(mark.step.at),
        "working_days": mark.days,
        "missing": mark.missing.value if mark.missing else None,
        "zh": f"{mark.kind.zh}：{mark.step.kind.zh}，{line.zh}",
        "en": line.en,
    }


def _lines(order: OrderProgress, clocks: Sequence[Clock], today: date) -> Iterator[ClockLine]:
    for clock in clocks:
        reminded = order.last_reminded(clock)
        yield ClockLine(
            order_no=order.order_no,
            district=order.facts.district,
            clock=clock,
            reminded=reminded,
            reminded_today=reminded is not None and reminded.asked_utc.astimezone(BEIJING).date() == today,
        )
