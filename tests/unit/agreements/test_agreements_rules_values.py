"""Rules about the form of values hold in every class, for fields nobody thought of when writing them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from field_coverage import sample_terms
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.finding import Severity
from contracts_chain.agreements.rules.pack import RulePack, check
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.value_rules import SHA256_FORM
from contracts_chain.agreements.rules.value_walk import reading
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms.label import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    share: Annotated[Decimal, Label("比例", "%")]
    when: Annotated[date | None, Label("日期")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: Annotated[str, Label("名称")]
    inner: Annotated[tuple[Inner, ...], Label("内容")]
    words: Annotated[tuple[str, ...], Label("文字")] = ()


def test_a_reading_holds_every_value_with_its_path_and_every_record() -> None:
    outer = Outer(name="甲", inner=(Inner(share=Decimal(1)), Inner(share=Decimal(2))), words=("a", "b"))
    found = reading(outer)
    assert [(held.path, held.value) for held in found.values] == [
        ("name", "甲"),
        ("inner[0].share", Decimal(1)),
        ("inner[0].when", None),
        ("inner[1].share", Decimal(2)),
        ("inner[1].when", None),
        ("words[0]", "a"),
        ("words[1]", "b"),
    ]
    assert [path for path, _ in found.records] == ["", "inner[0]", "inner[1]"]


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_the_sample_of_every_class_breaks_no_rule(one: AnyClass, pack: RulePack, profile: Profile) -> None:
    findings = check(sample_terms(one), pack, profile)
    assert [(f.rule, f.path, f.zh) for f in findings if f.severity is Severity.ERROR] == []


def rules_at(terms: HvSupplyTerms, pack: RulePack, profile: Profile) -> set[tuple[str, str]]:
    return {(finding.rule, finding.path) for finding in check(terms, pack, profile)}


@pytest.mark.parametrize(
    ("day", "noticed"), [(0, True), (1, False), (28, False), (29, True), (30, True), (31, False), (32, True)]
)
def test_meters_are_read_on_a_day_that_every_month_has_or_at_its_end(
    supply: HvSupplyTerms, pack: RulePack, profile: Profile, day: int, noticed: bool
) -> None:
    found = rules_at(replace(supply, reading_day=day), pack, profile)
    assert (("R-NUM-2", "reading_day") in found) is noticed


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"contract_cap": Decimal(-1)}, "contract_cap"),
        ({"contract_cap": Decimal(0)}, "contract_cap"),
        ({"supply_voltage": Decimal(0)}, "supply_voltage"),
        ({"late_fee_permille_per_day": Decimal("-0.1")}, "late_fee_permille_per_day"),
        ({"copies": 0}, "copies"),
    ],
)
def test_measures_are_above_zero_and_nothing_is_negative(
    supply: HvSupplyTerms, pack: RulePack, profile: Profile, changes: dict[str, Any], place: str
) -> None:
    assert ("R-NUM-1", place) in rules_at(replace(supply, **changes), pack, profile)


def test_a_share_above_the_whole_is_noticed(supply: HvSupplyTerms, pack: RulePack, profile: Profile) -> None:
    quality = replace(supply.quality, abnormal_pct=Decimal("100.1"))
    assert ("R-NUM-1", "quality.abnormal_pct") in rules_at(replace(supply, quality=quality), pack, profile)


@pytest.mark.parametrize(
    ("name", "value", "noticed"),
    [
        ("email", "a@b.cn", False),
        ("email", "无", False),
        ("email", "a@b", True),
        ("email", "甲@b.cn", True),
        ("mobile", "+86-13912345678", False),
        ("mobile", "12912345678", True),
        ("mobile", "/", True),
        ("phone", "0574-8765-4321", False),
        ("phone", "/", False),
        ("phone", "八七六五", True),
    ],
)
def test_addresses_for_service_can_be_reached(
    supply: HvSupplyTerms, pack: RulePack, profile: Profile, name: str, value: str, noticed: bool
) -> None:
    changes: dict[str, Any] = {name: value}
    terms = replace(supply, consumer=replace(supply.consumer, **changes))
    assert (("R-NOTE-1", f"consumer.{name}") in rules_at(terms, pack, profile)) is noticed


@given(st.text("0123456789abcdefABCDEFg", min_size=60, max_size=68))
def test_only_sixty_four_lower_case_hex_digits_are_a_digest(text: str) -> None:
    is_digest = len(text) == 64 and set(text) <= set("0123456789abcdef")
    assert bool(SHA256_FORM.fullmatch(text)) is is_digest
