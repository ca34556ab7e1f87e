"""Working days: decreed days as decreed, unknown years flagged, counting that can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.working_days import WorkingCalendar, house_calendar

CALENDAR = house_calendar()
DAYS = st.dates(date(2004, 1, 1), date(2030, 12, 31))
COUNTS = st.integers(0, 80)


@pytest.mark.parametrize("day", range(1, 8))
def test_national_day_2026_is_a_week_of_rest(day: int) -> None:
    assert not CALENDAR.is_working_day(date(2026, 10, day))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ],
)
def test_the_make_up_days_of_2026_are_working_days_though_they_are_weekends(day: date) -> None:
    assert day.weekday() >= 5
    assert CALENDAR.is_working_day(day)


def test_a_plain_saturday_is_no_working_day() -> None:
    assert not CALENDAR.is_working_day(date(2026, 11, 21))


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_every_decreed_day_is_as_the_library_says(day: date) -> None:
    assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day)


def test_a_year_without_a_decree_is_monday_to_friday_and_provisional() -> None:
    national_day = date(CALENDAR.last_year + 1, 10, 1)
    assert CALENDAR.is_provisional(national_day)
    assert CALENDAR.is_working_day(national_day) == (national_day.weekday() < 5)
    assert CALENDAR.is_provisional(date(2003, 12, 31))


def test_a_day_well_inside_a_decreed_year_is_settled() -> None:
    assert not CALENDAR.is_provisional(date(2026, 10, 1))
    assert not CALENDAR.is_provisional(date(2025, 12, 31))


def test_the_last_week_of_the_newest_decreed_year_is_provisional_because_the_next_decree_moves_it() -> None:
    """The decree for 2019 made Saturday 29 December 2018 a working day and Monday 31 a day of rest."""
    assert CALENDAR.is_working_day(date(2018, 12, 29))
    assert not CALENDAR.is_working_day(date(2018, 12, 31))
    assert CALENDAR.is_provisional(date(CALENDAR.last_year, 12, 25))
    assert not CALENDAR.is_provisional(date(CALENDAR.last_year, 12, 24))


def test_five_working_days_across_national_day_2026_end_on_the_make_up_saturday() -> None:
    """30 September is not counted; 8, 9, 10 (a Saturday made up) are; 12 and 13 October follow."""
    assert CALENDAR.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.add_working_days(date(2026, 9, 30), 5) == date(2026, 10, 13)


def test_a_period_of_no_days_ends_on_the_day_itself_or_the_next_working_day() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 20), 0) == date(2026, 11, 20)
    assert CALENDAR.add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 23)


@given(DAYS, COUNTS)
def test_a_period_never_ends_on_a_day_of_rest(day: date, count: int) -> None:
    assert CALENDAR.is_working_day(CALENDAR.add_working_days(day, count))


@given(DAYS, st.integers(1, 80))
def test_what_was_added_is_counted_again(day: date, count: int) -> None:
    assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, count)) == count


@given(DAYS, DAYS, COUNTS)
def test_a_later_event_never_ends_earlier(one: date, other: date, count: int) -> None:
    first, last = sorted((one, other))
    assert CALENDAR.add_working_days(first, count) <= CALENDAR.add_working_days(last, count)


@given(DAYS, st.integers(1, 80))
def test_one_more_working_day_is_a_later_day(day: date, count: int) -> None:
    assert CALENDAR.add_working_days(day, count) < CALENDAR.add_working_days(day, count + 1)


@given(DAYS, DAYS)
def test_counting_back_is_counting_forth_with_a_minus(one: date, other: date) -> None:
    assert CALENDAR.working_days_between(one, other) == -CALENDAR.working_days_between(other, one)


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_two_stretches_count_as_one(day: date, first: int, second: int) -> None:
    middle, last = day + timedelta(days=first), day + timedelta(days=first + second)
    parts = CALENDAR.working_days_between(day, middle) + CALENDAR.working_days_between(middle, last)
    assert parts == CALENDAR.working_days_between(day, last)


@given(DAYS, st.integers(0, 200))
def test_the_list_of_working_days_is_the_count(day: date, length: int) -> None:
    last = day + timedelta(days=length)
    listed = CALENDAR.working_days(day + timedelta(days=1), last)
    assert len(listed) == CALENDAR.working_days_between(day, last)
    assert list(listed) == sorted(set(listed))


def test_a_stretch_that_reaches_an_undecreed_day_is_provisional() -> None:
    assert CALENDAR.any_provisional(date(2026, 12, 20), date(2027, 1, 4))
    assert not CALENDAR.any_provisional(date(2026, 3, 1), date(2026, 6, 1))


def test_a_negative_period_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        CALENDAR.add_working_days(date(2026, 11, 20), -1)


def test_a_house_may_hold_a_decree_of_its_own() -> None:
    monday = date(2027, 1, 4)
    calendar = WorkingCalendar(
        rest=frozenset({monday}), made_up=frozenset({date(2027, 1, 9)}), first_year=2027, last_year=2027
    )
    assert not calendar.is_working_day(monday)
    assert calendar.is_working_day(date(2027, 1, 9))
    assert not calendar.is_provisional(monday)
