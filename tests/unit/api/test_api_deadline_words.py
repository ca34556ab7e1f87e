"""The overdue list in words: count and date together, the longest first, provisional days named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from api.deadline_words import (
    MARKS_HEAD,
    OVERDUE_HEAD,
    clock_json,
    due_soon,
    mark_cells,
    mark_lines,
    overdue_cells,
    overdue_lines,
)
from contracts_chain.agreements.process_steps import ProcessStep, Step
from contracts_chain.agreements.service_levels import clocks_of, service_levels
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.deadline_ports import ReminderFile
from contracts_chain.workflows.deadlines import OrderProgress
from contracts_chain.workflows.order_steps import OrderFacts, marks_of

TODAY = date(2026, 11, 20)
CALENDAR = house_calendar()
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def order(
    order_no: str, applied: date, *, happened_on: date | None = None, reminded_at: datetime | None = None
) -> OrderProgress:
    """An order that was applied for and nothing else, seen today."""
    at = datetime(applied.year, applied.month, applied.day, 2, tzinfo=UTC)
    steps = (
        Step(
            kind=ProcessStep.APPLICATION_RECEIVED,
            at=at,
            subject=order_no,
            actor="drafter",
            channel="ZLB",
            happened_on=happened_on,
        ),
    )
    reminder = ReminderFile(
        order_no=order_no,
        level="SL-SCHEME",
        subject=order_no,
        on_day=TODAY,
        asked_utc=reminded_at or NOW,
        asked_by="reviewer",
    )
    return OrderProgress(
        order_no=order_no,
        facts=OrderFacts(province="SD", district="环翠区", works=None, customer_completes_on=None),
        milestones=(),
        steps=steps,
        clocks=clocks_of(service_levels("SD").levels, steps, today=max(TODAY, applied), calendar=CALENDAR),
        marks=marks_of(steps, CALENDAR),
        reminders=(reminder,) if reminded_at else (),
    )


def test_the_longest_overdue_stands_first_and_what_is_in_time_is_not_listed() -> None:
    orders = (
        order("LATE", date(2026, 11, 9)),
        order("LATER", date(2026, 11, 2)),
        order("IN-TIME", date(2026, 11, 19)),
    )
    found = overdue_lines(orders, TODAY)
    assert [(line.order_no, line.clock.overdue_days) for line in found] == [("LATER", 9), ("LATE", 4)]


def test_a_day_due_today_or_within_two_working_days_is_due_soon() -> None:
    orders = tuple(order(f"{day}", date(2026, 11, day)) for day in (12, 13, 16, 17, 18))
    soon = due_soon(orders, TODAY, CALENDAR)
    assert [line.clock.due for line in soon] == [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)]


def test_a_row_gives_count_and_date_source_and_the_last_reminder() -> None:
    (line,) = overdue_lines((order("LATE", date(2026, 11, 9), reminded_at=NOW),), TODAY)
    assert line.due_zh == "2026年11月16日 周一"
    assert line.reminded_today
    row = dict(zip(OVERDUE_HEAD, overdue_cells(line), strict=True))
    assert (row["期限"], row["超期工作日"], row["含暂定日"]) == ("2026-11-16", 4, "否")
    assert row["最近催办"] == "2026年11月20日 14:00"
    assert "威海" in str(row["时限来源"])


def test_yesterdays_reminder_is_not_todays() -> None:
    late = order("LATE", date(2026, 11, 9), reminded_at=NOW - timedelta(days=1))
    (line,) = overdue_lines((late,), TODAY)
    assert not line.reminded_today
    assert line.reminded_zh


def test_a_due_day_without_a_decree_is_called_provisional() -> None:
    (clock,) = order("X", date(2026, 12, 24)).clocks
    assert clock_json(clock)["provisional"] is True
    (line,) = due_soon((order("X", date(2026, 12, 24)),), date(2026, 12, 29), CALENDAR)
    assert line.due_zh.endswith("（暂定）")


def test_a_mark_says_by_how_much_the_recording_came_late() -> None:
    (line,) = mark_lines((order("LATE", date(2026, 11, 9), happened_on=date(2026, 11, 2)),))
    row = dict(zip(MARKS_HEAD, mark_cells(line), strict=True))
    assert (row["线索"], row["填报发生日期"], row["受理渠道"]) == ("事后补录", "2026-11-02", "ZLB")
    assert row["说明"] == "填报发生于 2026年11月2日 周一，晚 5 个工作日才登记"
