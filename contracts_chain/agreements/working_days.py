"""Which days are working days, and how periods in working days are counted.

Decides: a day is a working day if the State Council's holiday decree says so, make-up days
(调休上班) included; where no decree is known yet it is Monday to Friday, and the day is
*provisional*. The decree of a year also moves the days around its New Year, so the last week
of the newest decreed year is provisional too (29 December 2018 was made a working day by the
decree for 2019). Whoever counts says whether a provisional day was counted.

Counting: the day of the event is not counted, counting begins on the next day, and a period never
ends on a day of rest: a period of no days ends on the day itself, or on the next working day.

Pure. It must never read a clock, and must never guess a decree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import chinese_calendar

__all__ = ["WorkingCalendar", "house_calendar"]

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_OPEN_FROM: Final = (12, 25)
"""From here on the decree for the following year may still move days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Holidays and make-up days of the decreed years.

    Attributes:
        rest: Days decreed to be days of rest, weekends within a holiday included.
        made_up: Saturdays and Sundays decreed to be working days.
        first_year: First year whose decree is known.
        last_year: Last year whose decree is known; the years between are all known.
    """

    rest: frozenset[date]
    made_up: frozenset[date]
    first_year: int
    last_year: int

    def is_working_day(self, day: date) -> bool:
        """Whether the day is a working day, by decree or, where there is none, Monday to Friday."""
        return day in self.made_up or (day.weekday() < _SATURDAY and day not in self.rest)

    @property
    def provisional_from(self) -> date:
        """The first day after the known decrees that a coming one may still change."""
        return date(self.last_year, *_OPEN_FROM)

    def is_provisional(self, day: date) -> bool:
        """Whether no decree has settled this day, so that it may still change."""
        return day.year < self.first_year or day >= self.provisional_from

    def any_provisional(self, first: date, last: date) -> bool:
        """Whether a day of ``first`` … ``last``, both included, is provisional; in either order."""
        return self.is_provisional(min(first, last)) or self.is_provisional(max(first, last))

    def add_working_days(self, day: date, count: int) -> date:
        """The last day of a period of ``count`` working days that an event of ``day`` begins.

        Args:
            day: The day of the event; not counted.
            count: Working days, 0 or more.

        Returns:
            The ``count``-th working day after ``day``; for 0 the day itself, or the next working day.

        Raises:
            ValueError: A negative count; a fault of the caller.
        """
        if count < 0:
            raise ValueError(f"a period of {count} working days cannot be")
        last = day
        if count == 0:
            while not self.is_working_day(last):
                last += _DAY
        for _ in range(count):
            last += _DAY
            while not self.is_working_day(last):
                last += _DAY
        return last

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and including ``last``; negative if ``last`` is earlier.

        The inverse of ``add_working_days`` for 1 or more: what was added is counted again.
        """
        if last < first:
            return -self.working_days_between(last, first)
        return sum(1 for day in _after(first, last) if self.is_working_day(day))

    def working_days(self, first: date, last: date) -> tuple[date, ...]:
        """Every working day of ``first`` … ``last``, both included, ascending."""
        days = _after(first - _DAY, last)
        return tuple(day for day in days if self.is_working_day(day))


@cache
def house_calendar() -> WorkingCalendar:
    """The calendar of mainland China as the installed ``chinesecalendar`` knows it."""
    rest, made_up = frozenset(chinese_calendar.holidays), frozenset(chinese_calendar.workdays)
    return WorkingCalendar(
        rest=rest,
        made_up=made_up,
        first_year=min(rest).year,
        last_year=max(rest).year,
    )


def _after(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
