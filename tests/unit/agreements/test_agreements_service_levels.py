"""Clocks: when each starts, when it is due, what stops it, and that a wait moves the due day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.process_steps import (
    MILESTONES,
    PRESUPPOSED,
    GridProjectType,
    ProcessStep,
    Step,
    VoltageGroup,
    group_of_kind,
)
from contracts_chain.agreements.rules.finding import Confidence
from contracts_chain.agreements.service_levels import (
    Clock,
    ClockState,
    DayUnit,
    OnWhom,
    clocks_of,
    service_levels,
)
from contracts_chain.agreements.working_days import house_calendar

CALENDAR = house_calendar()
ORDER = "ORDER-1"
NUMBER = "SGZJMZ00YXGY2600001"
MONDAY = date(2026, 11, 16)
WEIHAI = service_levels("SD")
FIGURES = {
    GridProjectType.PRE_METER_LINE: 5,
    GridProjectType.LV_BRANCH: 5,
    GridProjectType.TRANSFORMER_AREA_UPRATE: 8,
    GridProjectType.TRANSFORMER_AREA_NEW: 15,
    GridProjectType.KV10: 20,
    GridProjectType.KV10_CIVIL: 30,
    GridProjectType.KV35_110: None,
}


def step(kind: ProcessStep, day: date, *, subject: str = ORDER, happened_on: date | None = None) -> Step:
    """One step at 10:00 in Beijing."""
    at = datetime.combine(day, time(2), UTC)
    return Step(kind=kind, at=at, subject=subject, actor="drafter", happened_on=happened_on)


def clocks(
    *steps: Step,
    today: date = MONDAY,
    works: GridProjectType | None = None,
    completes_on: date | None = None,
) -> dict[str, Clock]:
    ordered = sorted(steps, key=lambda one: one.at)
    found = clocks_of(
        WEIHAI.levels,
        ordered,
        today=today,
        calendar=CALENDAR,
        works=works,
        customer_completes_on=completes_on,
    )
    return {clock.level.id: clock for clock in found}


def test_the_scheme_is_due_five_working_days_after_the_application() -> None:
    clock = clocks(step(ProcessStep.APPLICATION_RECEIVED, MONDAY))["SL-SCHEME"]
    assert clock.due == date(2026, 11, 23)
    assert (clock.state, clock.overdue_days, clock.provisional) == (ClockState.RUNNING, 0, False)


def test_a_day_that_the_caller_states_moves_no_clock() -> None:
    told = step(ProcessStep.APPLICATION_RECEIVED, MONDAY, happened_on=MONDAY + timedelta(days=30))
    assert clocks(told)["SL-SCHEME"].due == date(2026, 11, 23)


def test_the_day_counts_in_beijing_not_in_utc() -> None:
    late = Step(
        kind=ProcessStep.APPLICATION_RECEIVED,
        at=datetime(2026, 11, 16, 16, 30, tzinfo=UTC),
        subject=ORDER,
        actor="drafter",
    )
    assert late.day == date(2026, 11, 17)
    assert clocks(late)["SL-SCHEME"].due == date(2026, 11, 24)


def test_an_open_clock_is_overdue_by_the_working_days_since_its_due_day() -> None:
    clock = clocks(step(ProcessStep.APPLICATION_RECEIVED, MONDAY), today=date(2026, 11, 26))["SL-SCHEME"]
    assert (clock.state, clock.overdue_days) == (ClockState.OVERDUE, 3)


def test_what_was_done_late_stays_late_however_long_ago_it_was() -> None:
    done = (
        step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
        step(ProcessStep.SCHEME_REPLIED, date(2026, 11, 25)),
    )
    for today in (date(2026, 11, 25), date(2027, 3, 1)):
        clock = clocks(*done, today=today)["SL-SCHEME"]
        assert (clock.state, clock.overdue_days) == (ClockState.DONE_LATE, 2)


@pytest.mark.parametrize(("works", "days"), FIGURES.items(), ids=str)
def test_the_works_last_as_long_as_the_paper_says(works: GridProjectType, days: int | None) -> None:
    assert WEIHAI.works_days(works) == days
    found = clocks(step(ProcessStep.ADMIN_APPROVED, MONDAY), works=works)
    (clock,) = (clock for name, clock in found.items() if name.startswith("SL-WORKS"))
    assert clock.due == (None if days is None else CALENDAR.add_working_days(MONDAY, days))


def test_35_kv_works_are_due_on_the_day_the_customer_completes() -> None:
    started = step(ProcessStep.ADMIN_APPROVED, MONDAY)
    unknown = clocks(started, works=GridProjectType.KV35_110)["SL-WORKS-KV35"]
    assert (unknown.state, unknown.due) == (ClockState.UNDATED, None)
    known = clocks(started, works=GridProjectType.KV35_110, completes_on=date(2026, 12, 18))["SL-WORKS-KV35"]
    assert (known.state, known.due) == (ClockState.RUNNING, date(2026, 12, 18))


def test_a_signed_compact_replaces_the_days_of_the_works_and_is_named_as_the_source() -> None:
    (works,) = (
        clock
        for clock in clocks_of(
            WEIHAI.levels,
            [step(ProcessStep.ADMIN_APPROVED, MONDAY)],
            today=MONDAY,
            calendar=CALENDAR,
            works=GridProjectType.KV10,
            works_days=12,
        )
        if clock.level.project_types
    )
    assert works.due == CALENDAR.add_working_days(MONDAY, 12)
    assert works.level.shown_source == "已签订的服务契约"


def test_the_works_start_on_the_day_of_the_approval_or_they_are_late() -> None:
    approved = step(ProcessStep.ADMIN_APPROVED, MONDAY)
    same_day = clocks(approved, step(ProcessStep.GRID_WORKS_STARTED, MONDAY))["SL-START"]
    assert same_day.state is ClockState.DONE
    next_day = clocks(approved, step(ProcessStep.GRID_WORKS_STARTED, date(2026, 11, 17)))["SL-START"]
    assert (next_day.state, next_day.overdue_days) == (ClockState.DONE_LATE, 1)


def test_acceptance_has_three_and_the_power_two_working_days() -> None:
    found = clocks(step(ProcessStep.ACCEPTANCE_ASKED, MONDAY), step(ProcessStep.ACCEPTED, date(2026, 11, 17)))
    assert found["SL-ACCEPT"].due == date(2026, 11, 19)
    assert found["SL-ENERGISE"].due == date(2026, 11, 19)


def test_a_second_request_after_a_failed_acceptance_starts_no_second_clock_while_one_runs() -> None:
    asked = [step(ProcessStep.ACCEPTANCE_ASKED, day) for day in (MONDAY, date(2026, 11, 18))]
    assert clocks(*asked)["SL-ACCEPT"].started.day == MONDAY


def test_waiting_for_the_customer_moves_the_due_day_by_the_working_days_waited() -> None:
    clock = clocks(
        step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
        step(ProcessStep.WAITING_FOR_CUSTOMER, date(2026, 11, 18)),
        step(ProcessStep.CUSTOMER_ANSWERED, date(2026, 11, 24)),
        today=date(2026, 11, 24),
    )["SL-SCHEME"]
    assert (clock.paused_days, clock.due) == (4, date(2026, 11, 27))


def test_a_clock_that_stands_still_says_so_and_never_becomes_overdue() -> None:
    waiting = (
        step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
        step(ProcessStep.WAITING_FOR_CUSTOMER, date(2026, 11, 18)),
    )
    clock = clocks(*waiting, today=date(2026, 12, 23))["SL-SCHEME"]
    assert (clock.state, clock.overdue_days) == (ClockState.PAUSED, 0)


def test_a_wait_that_begins_after_the_due_day_does_not_make_up_for_it() -> None:
    clock = clocks(
        step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
        step(ProcessStep.WAITING_FOR_CUSTOMER, date(2026, 11, 25)),
        today=date(2026, 11, 27),
    )["SL-SCHEME"]
    assert (clock.state, clock.due, clock.overdue_days) == (ClockState.OVERDUE, date(2026, 11, 23), 4)


def test_a_question_on_the_contract_stops_the_customers_clock_and_starts_ours() -> None:
    found = clocks(
        step(ProcessStep.CONTRACT_OFFERED, MONDAY, subject=NUMBER),
        step(ProcessStep.QUESTION_ASKED, date(2026, 11, 18), subject=NUMBER),
        today=date(2026, 11, 24),
    )
    assert found["SL-CUSTOMER-SIGNS"].state is ClockState.PAUSED
    assert found["SL-CUSTOMER-SIGNS"].level.on_whom is OnWhom.CUSTOMER
    assert (found["SL-ANSWER"].due, found["SL-ANSWER"].overdue_days) == (date(2026, 11, 23), 1)


def test_two_open_questions_are_two_clocks_and_one_wait() -> None:
    steps = [
        step(ProcessStep.CONTRACT_OFFERED, MONDAY, subject=NUMBER),
        step(ProcessStep.QUESTION_ASKED, date(2026, 11, 17), subject=NUMBER),
        step(ProcessStep.QUESTION_ASKED, date(2026, 11, 18), subject=NUMBER),
        step(ProcessStep.QUESTION_ANSWERED, date(2026, 11, 19), subject=NUMBER),
    ]
    found = clocks_of(WEIHAI.levels, steps, today=date(2026, 11, 20), calendar=CALENDAR)
    assert [clock.state for clock in found if clock.level.id == "SL-ANSWER"] == [
        ClockState.DONE,
        ClockState.RUNNING,
    ]
    (customer,) = (clock for clock in found if clock.level.id == "SL-CUSTOMER-SIGNS")
    assert (customer.state, customer.paused_days) == (ClockState.PAUSED, 3)


def test_each_agreement_of_an_order_has_its_own_clock() -> None:
    steps = [step(ProcessStep.CONTRACT_OFFERED, MONDAY, subject=number) for number in ("A", "B")]
    steps.append(step(ProcessStep.OTHERS_SIGNED, date(2026, 11, 17), subject="A"))
    found = clocks_of(WEIHAI.levels, steps, today=MONDAY, calendar=CALENDAR)
    assert [(clock.level.id, clock.subject, clock.done is not None) for clock in found] == [
        ("SL-CUSTOMER-SIGNS", "A", True),
        ("SL-CUSTOMER-SIGNS", "B", False),
        ("SL-UTILITY-SIGNS", "A", False),
    ]


def test_an_order_that_is_closed_has_no_running_clock() -> None:
    assert (
        clocks(
            step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
            step(ProcessStep.CONTRACT_OFFERED, MONDAY, subject=NUMBER),
            step(ProcessStep.ORDER_CLOSED, date(2026, 11, 17)),
        )
        == {}
    )


def test_a_withdrawn_contract_ends_its_own_clocks_and_not_those_of_the_order() -> None:
    found = clocks(
        step(ProcessStep.APPLICATION_RECEIVED, MONDAY),
        step(ProcessStep.CONTRACT_OFFERED, MONDAY, subject=NUMBER),
        step(ProcessStep.CONTRACT_ENDED, date(2026, 11, 17), subject=NUMBER),
    )
    assert list(found) == ["SL-SCHEME"]


def test_a_due_day_in_a_year_without_a_decree_is_provisional() -> None:
    december = date(2026, 12, 24)
    assert clocks(step(ProcessStep.APPLICATION_RECEIVED, december), today=december)["SL-SCHEME"].provisional


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 60))
def test_a_wait_never_brings_a_due_day_forward(wait_after: int, wait_for: int, today_after: int) -> None:
    applied = step(ProcessStep.APPLICATION_RECEIVED, MONDAY)
    begins = step(ProcessStep.WAITING_FOR_CUSTOMER, MONDAY + timedelta(days=wait_after))
    ends = step(ProcessStep.CUSTOMER_ANSWERED, begins.day + timedelta(days=wait_for))
    today = MONDAY + timedelta(days=today_after)
    plain = clocks(applied, today=today)["SL-SCHEME"]
    waited = clocks(applied, begins, ends, today=max(today, ends.day))["SL-SCHEME"]
    assert plain.due is not None
    assert waited.due is not None
    assert waited.due >= plain.due
    assert CALENDAR.working_days_between(plain.due, waited.due) == waited.paused_days


def test_the_targets_are_those_of_the_papers_in_their_own_units() -> None:
    promised = {
        (levels.province, target.group): (target.days, target.unit)
        for levels in (service_levels("ZJ"), WEIHAI)
        for target in levels.targets
    }
    assert promised == {
        ("ZJ", VoltageGroup.HV): (50, DayUnit.CALENDAR),
        ("ZJ", VoltageGroup.LV): (10, DayUnit.CALENDAR),
        ("SD", VoltageGroup.HV): (42, DayUnit.WORKING),
        ("SD", VoltageGroup.LV): (7, DayUnit.WORKING),
    }


def test_a_figure_that_nobody_established_never_shows_a_source() -> None:
    for levels in (service_levels("ZJ"), WEIHAI):
        for level in levels.levels:
            unverified = level.confidence is Confidence.UNVERIFIED
            assert (level.shown_source == "待核实") is unverified
    assert all(level.confidence is Confidence.UNVERIFIED for level in service_levels("ZJ").levels)


def test_a_province_without_a_file_has_the_house_levels() -> None:
    assert service_levels("XX") is not WEIHAI
    assert service_levels("XX").province == "ZJ"


def test_only_milestones_can_be_recorded_and_what_they_presuppose_exists() -> None:
    assert ProcessStep.CONTRACT_EXECUTED not in MILESTONES
    assert set(PRESUPPOSED) | set(PRESUPPOSED.values()) <= set(ProcessStep)


def test_the_kind_of_a_supply_contract_tells_its_voltage() -> None:
    assert group_of_kind("HV_SUPPLY") is VoltageGroup.HV
    assert group_of_kind("LV_RES_SUPPLY") is VoltageGroup.LV
    assert group_of_kind("GRID_DISPATCH") is None
