"""The conditions of a change that dates and figures decide, one function each.

Every answer names the earliest day, the greatest figure or the other business that would do.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.change_request import Asked, Unmet
from contracts_chain.agreements.change_triggers import Condition

__all__ = ["COMPUTED", "LEAST_SUSPENSION_DAYS", "MOST_SUSPENSION_DAYS", "suspended_days"]

LEAST_SUSPENSION_DAYS: Final = 15
MOST_SUSPENSION_DAYS: Final = 184
"""Six months counted in days: the longest six consecutive months, so never to the customer's harm."""


def suspended_days(spans: tuple[tuple[date, date], ...], year: int) -> int:
    """Days of suspension that fall into a calendar year, first and last days included."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return sum(max(0, (min(end, last) - max(start, first)).days + 1) for start, end in spans)


def _notice(condition: Condition, asked: Asked, days: int) -> Iterator[Unmet]:
    earliest = asked.calendar.add_working_days(asked.request.applied_on, days)
    if asked.request.effective_on < earliest:
        yield Unmet(
            condition=condition.id,
            en=f"{days} working days' notice are due; {earliest} is the earliest day",
            zh=f"须提前 {days} 个工作日申请，最早可自 {earliest} 起执行；请改期",
        )


def _five_days(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    return _notice(condition, asked, 5)


def _above(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    yield from _capacity(condition, asked, lambda new, old: new > old, "above", "大于")


def _below(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    yield from _capacity(condition, asked, lambda new, old: 0 <= new < old, "below", "小于")


def _capacity(
    condition: Condition, asked: Asked, fits: Callable[[Decimal, Decimal], bool], en: str, zh: str
) -> Iterator[Unmet]:
    new, old = asked.request.capacity_kva, asked.standing.capacity_kva
    if new is None or old is None or not fits(new, old):
        yield Unmet(
            condition=condition.id,
            en=f"the capacity after the change must be {en} the agreed {old} kVA, given is {new}; correct it",
            zh=f"变更后容量须{zh}原合同容量 {old} kVA，现填 {new}；请更正",
        )


def _long_enough(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    start, end = asked.request.effective_on, asked.request.until
    days = 0 if end is None else (end - start).days + 1
    if days < LEAST_SUSPENSION_DAYS:
        earliest = start + timedelta(days=LEAST_SUSPENSION_DAYS - 1)
        yield Unmet(
            condition=condition.id,
            en=f"a suspension lasts at least 15 days, this one {max(days, 0)}; end it on {earliest} or later",
            zh=f"每次暂停不少于 15 日，本次为 {max(days, 0)} 日；请将止日改为 {earliest} 或之后",
        )


def _within_the_year(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    start, end = asked.request.effective_on, asked.request.until
    if end is None or end < start:
        return
    spans = (*asked.standing.suspensions, (start, end))
    for year in range(start.year, end.year + 1):
        days = suspended_days(spans, year)
        if days > MOST_SUSPENSION_DAYS:
            yield Unmet(
                condition=condition.id,
                en=f"suspensions in {year} would add up to {days} days, more than 6 months; "
                "apply for a capacity reduction (CAPACITY_REDUCE) instead",
                zh=f"{year} 年累计暂停将达 {days} 日，超过 6 个月；请改办减容",
            )


def _suspended_long_enough(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    back = asked.request.effective_on
    running = [start for start, end in asked.standing.suspensions if start < back <= end + timedelta(days=1)]
    if not running:
        yield Unmet(
            condition=condition.id,
            en=f"no suspension runs on {back}; there is nothing to resume",
            zh=f"{back} 没有正在执行的暂停，无需办理恢复；请核对日期",
        )
    elif (back - running[-1]).days < LEAST_SUSPENSION_DAYS:
        earliest = running[-1] + timedelta(days=LEAST_SUSPENSION_DAYS)
        yield Unmet(
            condition=condition.id,
            en=f"the suspension began on {running[-1]} and lasts at least 15 days; resume on {earliest}",
            zh=f"本次暂停自 {running[-1]} 起，须满 15 日；最早可于 {earliest} 恢复",
        )


def _within_the_sum(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    parts, whole = asked.request.merged_kva, asked.request.capacity_kva
    total = sum(parts, Decimal(0))
    if len(parts) < 2 or whole is None or whole > total:
        yield Unmet(
            condition=condition.id,
            en=f"merge two accounts or more into at most the sum of their capacities "
            f"({total} kVA); given: {len(parts)} accounts into {whole}",
            zh=f"并户须为两户以上，且并户后容量不超过各户容量之和（{total} kVA）；"
            f"现填 {len(parts)} 户、{whole}，请更正",
        )


def _demand_dates(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    yield from _notice(condition, asked, 5)
    yield from _first_of_month(condition, asked)


def _fee_mode_dates(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    yield from _notice(condition, asked, 15)
    yield from _first_of_month(condition, asked)


def _first_of_month(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    day = asked.request.effective_on
    if day.day != 1:
        following = day + timedelta(days=monthrange(day.year, day.month)[1] - day.day + 1)
        yield Unmet(
            condition=condition.id,
            en=f"the change runs by whole months; take {following} instead of {day}",
            zh=f"变更按整月执行；请将 {day} 改为 {following}",
        )


def _a_quarter_passed(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    last = asked.request.last_changed_on
    if last is None:
        return
    months = last.month - 1 + 3
    year, month = last.year + months // 12, months % 12 + 1
    earliest = date(year, month, min(last.day, monthrange(year, month)[1]))
    if asked.request.effective_on < earliest:
        yield Unmet(
            condition=condition.id,
            en=f"the mode changed on {last} and may change once in three months; {earliest} is the earliest",
            zh=f"上次变更于 {last} 执行，每三个月可变更一次；最早可自 {earliest} 起执行",
        )


COMPUTED: Final[Mapping[str, Callable[[Condition, Asked], Iterator[Unmet]]]] = MappingProxyType(
    {
        "CH-INCREASE-1": _above,
        "CH-REDUCE-1": _five_days,
        "CH-REDUCE-3": _below,
        "CH-SUSPEND-1": _five_days,
        "CH-SUSPEND-2": _long_enough,
        "CH-SUSPEND-3": _within_the_year,
        "CH-RESUME-1": _five_days,
        "CH-RESUME-2": _suspended_long_enough,
        "CH-MERGE-4": _within_the_sum,
        "CH-DEMAND-1": _demand_dates,
        "CH-FEE-MODE-1": _fee_mode_dates,
        "CH-FEE-MODE-2": _a_quarter_passed,
    }
)
