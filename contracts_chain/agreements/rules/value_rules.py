"""Rules about the form of values in every class: days in order, sound numbers, digests, addresses.

They walk whatever the terms hold (``value_walk``), so that no field of a new class
escapes them. Ids and sources stand in the pack.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import CommonCheck, Ground, Violations
from contracts_chain.agreements.rules.value_walk import Held
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.typed_json import decimal_text, label_of, shape_of

__all__ = ["SHA256_FORM", "VALUE_CHECKS"]

_FIRST_YEAR: Final = 1980
_YEARS_AHEAD: Final = 60
_MONTH_END: Final = 31
_LAST_READING_DAY: Final = 28
_POSITIVE: Final = re.compile(
    r".*(?:_cap|capacity\w*|voltage\w*|primary_kv|secondary_kv|power_kw|installed_\w+|rated_\w+|quantity|multiplier"
    r"|copies|contract_demand_kw|frequency_hz)|cap"
)
SHA256_FORM: Final = re.compile(r"[0-9a-f]{64}")
_NOTHING: Final = frozenset({"无", "/"})
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MOBILE: Final = re.compile(r"(?:\+86-?)?1[3-9][0-9]{9}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9-]{3,18}[0-9]")
_REACHED_BY: Final[Mapping[str, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        "email": (_EMAIL, "name@example.cn"),
        "mobile": (_MOBILE, "13912345678"),
        "phone": (_PHONE, "0574-87654321"),
    }
)


def days_are_in_order(terms: Terms, ground: Ground) -> Violations:
    """R-DATE-1: each ``…_from`` no later than its ``…_to``; years that can be meant."""
    for path, record in ground.reading.records:
        yield from _ends_after_it_begins(path, record)
    latest = terms.sign_by.year + _YEARS_AHEAD
    for held in ground.reading.values:
        if isinstance(held.value, date) and not _FIRST_YEAR <= held.value.year <= latest:
            yield Violation(
                path=held.path,
                en=f"{held.value} is not between {_FIRST_YEAR} and {latest}; correct the year",
                zh=f"{held.field.label.zh} {held.value} 不在 {_FIRST_YEAR} 年至 {latest} 年之间，请核对年份",
            )


def _ends_after_it_begins(path: str, record: object) -> Violations:
    """The term of the agreement itself is R-TERM-1's."""
    for shape in shape_of(type(record)):
        stem, is_begin, _ = shape.name.partition("_from")
        ends = f"{stem}_to"
        if not is_begin or not hasattr(record, ends) or not path:
            continue
        first, last = getattr(record, shape.name), getattr(record, ends)
        if isinstance(first, date) and isinstance(last, date) and last < first:
            yield Violation(
                path=f"{path}.{ends}",
                en=f"ends {last} before it begins {first}",
                zh=f"{label_of(type(record), ends).zh} {last} 早于{shape.label.zh} {first}",
            )


def numbers_are_sound(_terms: Terms, ground: Ground) -> Violations:
    """R-NUM-1: what measures something is above zero, nothing is negative, no share above 100 %."""
    for held in ground.reading.values:
        number = held.value
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            continue
        problem = _unsound(held, Decimal(number))
        if problem is not None:
            shown = f"{decimal_text(Decimal(number))} {held.field.label.unit}".strip()
            en, zh = problem
            yield Violation(
                path=held.path, en=f"{shown}: {en}", zh=f"{held.field.label.zh}为 {shown}，{zh}，请改正"
            )


def _unsound(held: Held, number: Decimal) -> tuple[str, str] | None:
    if number <= 0 and _POSITIVE.fullmatch(held.field.name):
        return "must be above zero", "应大于零"
    if number < 0:
        return "must not be negative", "不得为负"
    if held.field.label.unit == "%" and number > 100:
        return "a share is at most 100 %", "不得超过 100%"
    return None


def days_of_the_month_exist(_terms: Terms, ground: Ground) -> Violations:
    """R-NUM-2: reading on day 1 to 28 or 31 for the month's end; other days to 31; hours to 23."""
    for held in ground.reading.values:
        if isinstance(held.value, bool) or not isinstance(held.value, int):
            continue
        allowed = _calendar_values(held.field.name)
        if allowed is not None and held.value not in allowed:
            last = max(allowed)
            yield Violation(
                path=held.path,
                en=f"{held.value} is no day or hour of this kind; write {min(allowed)} to {last}",
                zh=f"{held.field.label.zh} {held.value} 不存在；请填 {min(allowed)} 至 {last}"
                + ("（月末填 31，不填 29、30）" if held.field.name == "reading_day" else ""),
            )


def _calendar_values(name: str) -> frozenset[int] | None:
    if name == "reading_day":
        return frozenset({*range(1, _LAST_READING_DAY + 1), _MONTH_END})
    if name == "day" or name.endswith("_day"):
        return frozenset(range(1, _MONTH_END + 1))
    return frozenset(range(24)) if name.endswith("_hour") else None


def papers_are_fixed_by_digest(_terms: Terms, ground: Ground) -> Violations:
    """R-HASH-1: digests of 64 lower-case hex digits."""
    for held in ground.reading.values:
        is_digest = held.field.name == "sha256" or held.field.name.endswith("_sha256")
        if is_digest and isinstance(held.value, str) and not SHA256_FORM.fullmatch(held.value):
            yield Violation(
                path=held.path,
                en="write the SHA-256 of the file in 64 lower-case hex digits",
                zh="文件摘要应为 64 位小写十六进制 SHA-256，请重新计算后填写",
            )


def notices_can_arrive(_terms: Terms, ground: Ground) -> Violations:
    """R-NOTE-1: e-mail, mobile and telephone numbers are well formed; 无 or / where there is none."""
    for held in ground.reading.values:
        if held.field.name not in _REACHED_BY or not isinstance(held.value, str):
            continue
        form, example = _REACHED_BY[held.field.name]
        is_absent = held.value in _NOTHING and held.field.name != "mobile"
        if not is_absent and not form.fullmatch(held.value):
            yield Violation(
                path=held.path,
                en=f"{held.value!r} cannot be reached; write it like {example}",
                zh=f"{held.field.label.zh}“{held.value}”无法送达；请按 {example} 的格式填写",
            )


def numbers_in_a_list_differ(_terms: Terms, ground: Ground) -> Violations:
    """R-NO-1: sources, meters, transformers, annexes … of one list have numbers of their own."""
    for path, record in ground.reading.records:
        for shape in shape_of(type(record)):
            items = getattr(record, shape.name)
            if not isinstance(items, tuple) or len(items) < 2 or not hasattr(items[0], "no"):
                continue
            for number, times in Counter(item.no for item in items).items():
                if times > 1:
                    yield Violation(
                        path=f"{path}.{shape.name}" if path else shape.name,
                        en=f"number {number} occurs {times} times; number each item differently",
                        zh=f"{shape.label.zh}中编号“{number}”重复 {times} 次，请分别编号",
                    )


VALUE_CHECKS: Final[Mapping[str, CommonCheck]] = MappingProxyType(
    {
        "R-DATE-1": days_are_in_order,
        "R-NUM-1": numbers_are_sound,
        "R-NUM-2": days_of_the_month_exist,
        "R-HASH-1": papers_are_fixed_by_digest,
        "R-NO-1": numbers_in_a_list_differ,
        "R-NOTE-1": notices_can_arrive,
    }
)
