"""Which change is allowed when, what it does to the contract, and that each refusal shows the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.change_chart import changes_paper
from contracts_chain.agreements.change_conditions import COMPUTED, MOST_SUSPENSION_DAYS, suspended_days
from contracts_chain.agreements.change_plan import ChangePlan, plan_change
from contracts_chain.agreements.change_request import (
    ChangeRefusedError,
    ChangeRequest,
    ChangeStanding,
    DeclaredFact,
)
from contracts_chain.agreements.change_triggers import (
    CHANGE_ROWS,
    ChangeEffect,
    ChangeTrigger,
    Judged,
    row_of,
    trigger_named,
)
from contracts_chain.agreements.rules.finding import Confidence
from contracts_chain.agreements.working_days import house_calendar

PAPER = Path(__file__).parents[3] / "docs" / "changes.md"
MONDAY = date(2026, 11, 23)
CALENDAR = house_calendar()
STANDING = ChangeStanding(number="SGZJMZ00YXGY2600001", capacity_kva=Decimal(630))
DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 20))


def asked(**changes: object) -> ChangeRequest:
    plain = ChangeRequest(applied_on=MONDAY, effective_on=MONDAY + timedelta(days=10))
    return replace(plain, **changes)


def declared(trigger: ChangeTrigger, *, holds: bool = True) -> tuple[DeclaredFact, ...]:
    due = (one for one in row_of(trigger).conditions if one.judged is Judged.DECLARED)
    return tuple(DeclaredFact(condition=one.id, holds=holds, basis="现场核实单 XC-1") for one in due)


def plan(trigger: ChangeTrigger, request: ChangeRequest, standing: ChangeStanding = STANDING) -> ChangePlan:
    return plan_change(standing, trigger, request, CALENDAR)


def refused(trigger: ChangeTrigger, request: ChangeRequest, standing: ChangeStanding = STANDING) -> dict:
    with pytest.raises(ChangeRefusedError) as problem:
        plan(trigger, request, standing)
    return {one.condition: one for one in problem.value.unmet}


def test_every_business_of_the_reference_has_one_row_and_the_effects_are_those_of_its_table() -> None:
    effects = {row.trigger: row.effect for row in CHANGE_ROWS}
    assert len(effects) == len(CHANGE_ROWS) == len(ChangeTrigger)
    new, supplement, notice = ChangeEffect.NEW_CONTRACT, ChangeEffect.SUPPLEMENT, ChangeEffect.NOTICE
    by_effect = {
        new: {"NEW", "CAPACITY_INCREASE", "SPLIT", "MERGE", "VOLTAGE_CHANGE"},
        supplement: {
            "CAPACITY_REDUCE",
            "RENAME",
            "CATEGORY_CHANGE",
            "DEMAND_CHANGE",
            "BASIC_FEE_MODE_CHANGE",
        },
        notice: {"SUSPEND", "RESUME", "TEMP_SWAP", "METER_MOVE", "TEMP_REMOVE", "POLICY_CHANGE"},
        ChangeEffect.TERMINATE_AND_NEW: {"RELOCATE", "TRANSFER"},
        ChangeEffect.TERMINATION: {"CLOSE"},
        ChangeEffect.REMINDER: {"EXPIRY"},
    }
    for effect, triggers in by_effect.items():
        assert {one.value for one, does in effects.items() if does is effect} == triggers
    assert trigger_named("CLOSE") is ChangeTrigger.CLOSE


def test_only_the_policy_row_claims_a_source_for_its_effect() -> None:
    sure = {row.trigger for row in CHANGE_ROWS if row.confidence is not Confidence.UNVERIFIED}
    assert sure == {ChangeTrigger.POLICY_CHANGE}


def test_every_computed_condition_is_computed_and_every_id_is_used_once() -> None:
    conditions = [one for row in CHANGE_ROWS for one in row.conditions]
    assert len({one.id for one in conditions}) == len(conditions)
    assert {one.id for one in conditions if one.judged is Judged.COMPUTED} == set(COMPUTED)


def test_the_paper_shows_the_table() -> None:
    assert PAPER.read_text("utf-8") == changes_paper()


@pytest.mark.parametrize("trigger", ChangeTrigger)
def test_a_change_with_everything_in_order_is_planned(trigger: ChangeTrigger) -> None:
    request = asked(
        effective_on=date(2027, 1, 1),
        until=date(2027, 1, 31),
        capacity_kva=Decimal(800) if trigger is ChangeTrigger.CAPACITY_INCREASE else Decimal(400),
        merged_kva=(Decimal(200), Decimal(200)),
        declared=declared(trigger),
    )
    standing = replace(STANDING, suspensions=((date(2026, 12, 1), date(2027, 1, 31)),))
    made = plan(trigger, request, STANDING if trigger is ChangeTrigger.SUSPEND else standing)
    assert (made.trigger, made.effect) == (trigger, row_of(trigger).effect)
    assert made.declared == declared(trigger)


@pytest.mark.parametrize("trigger", [row.trigger for row in CHANGE_ROWS if declared(row.trigger)])
def test_what_the_system_cannot_see_is_never_taken_for_granted(trigger: ChangeTrigger) -> None:
    ids = {fact.condition for fact in declared(trigger)}
    for answer in (
        (),
        declared(trigger, holds=False),
        tuple(replace(fact, basis=" ") for fact in declared(trigger)),
    ):
        assert ids <= set(refused(trigger, asked(declared=answer)))


def test_a_suspension_needs_five_working_days_fifteen_days_and_half_a_year_at_most() -> None:
    early = asked(effective_on=MONDAY + timedelta(days=6), until=MONDAY + timedelta(days=19))
    found = refused(ChangeTrigger.SUSPEND, early)
    assert set(found) == {"CH-SUSPEND-1", "CH-SUSPEND-2"}
    assert "2026-11-30" in found["CH-SUSPEND-1"].zh
    assert "2026-12-13" in found["CH-SUSPEND-2"].zh
    fits = asked(effective_on=date(2026, 11, 30), until=date(2026, 12, 14))
    assert plan(ChangeTrigger.SUSPEND, fits).effect is ChangeEffect.NOTICE


def test_more_than_half_a_year_of_suspension_is_a_capacity_reduction() -> None:
    held = replace(STANDING, suspensions=((date(2026, 1, 1), date(2026, 6, 30)),))
    request = asked(effective_on=date(2026, 12, 1), until=date(2026, 12, 31))
    found = refused(ChangeTrigger.SUSPEND, request, held)
    assert set(found) == {"CH-SUSPEND-3"}
    assert "减容" in found["CH-SUSPEND-3"].zh
    next_year = asked(effective_on=date(2027, 1, 1), until=date(2027, 1, 31))
    assert plan(ChangeTrigger.SUSPEND, next_year, held).provisional


@given(DAYS, st.integers(0, 400))
def test_days_of_a_suspension_are_shared_out_to_its_years(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    years = range(start.year, end.year + 1)
    assert sum(suspended_days(((start, end),), year) for year in years) == length + 1
    assert suspended_days(((start, end),), start.year - 1) == 0


@given(DAYS, st.integers(-5, 30), st.integers(0, 250))
def test_a_planned_suspension_keeps_every_limit(applied: date, notice: int, length: int) -> None:
    start = applied + timedelta(days=notice)
    request = ChangeRequest(applied_on=applied, effective_on=start, until=start + timedelta(days=length))
    fits = (
        CALENDAR.working_days_between(applied, start) >= 5
        and start >= CALENDAR.add_working_days(applied, 5)
        and length + 1 >= 15
        and all(
            suspended_days(((start, start + timedelta(days=length)),), year) <= MOST_SUSPENSION_DAYS
            for year in (start.year, start.year + 1)
        )
    )
    if fits:
        assert plan(ChangeTrigger.SUSPEND, request).until == request.until
    else:
        assert refused(ChangeTrigger.SUSPEND, request)


def test_a_suspension_is_resumed_after_fifteen_days_and_only_while_it_runs() -> None:
    held = replace(STANDING, suspensions=((date(2026, 11, 20), date(2027, 1, 10)),))
    early = refused(ChangeTrigger.RESUME, asked(effective_on=date(2026, 12, 1)), held)
    assert "2026-12-05" in early["CH-RESUME-2"].zh
    assert plan(ChangeTrigger.RESUME, asked(effective_on=date(2026, 12, 5)), held)
    assert set(refused(ChangeTrigger.RESUME, asked(effective_on=date(2027, 2, 1)), held)) == {"CH-RESUME-2"}


def test_a_merge_gives_no_more_than_the_accounts_had() -> None:
    facts = declared(ChangeTrigger.MERGE)
    parts = (Decimal(315), Decimal(400))
    request = asked(capacity_kva=Decimal(716), merged_kva=parts, declared=facts)
    assert set(refused(ChangeTrigger.MERGE, request)) == {"CH-MERGE-4"}
    assert plan(ChangeTrigger.MERGE, replace(request, capacity_kva=Decimal(715)))


def test_the_demand_changes_by_months_and_the_fee_mode_by_quarters() -> None:
    found = refused(ChangeTrigger.DEMAND_CHANGE, asked(effective_on=date(2026, 12, 3)))
    assert "2027-01-01" in found["CH-DEMAND-1"].zh
    assert plan(ChangeTrigger.DEMAND_CHANGE, asked(effective_on=date(2026, 12, 1)))
    mode = asked(effective_on=date(2026, 12, 1), last_changed_on=date(2026, 10, 1))
    found = refused(ChangeTrigger.BASIC_FEE_MODE_CHANGE, mode)
    assert set(found) == {"CH-FEE-MODE-1", "CH-FEE-MODE-2"}
    assert "2027-01-01" in found["CH-FEE-MODE-2"].zh
    assert plan(ChangeTrigger.BASIC_FEE_MODE_CHANGE, replace(mode, effective_on=date(2027, 1, 1)))


def test_a_change_never_reaches_back() -> None:
    found = refused(ChangeTrigger.TEMP_SWAP, asked(effective_on=MONDAY - timedelta(days=1)))
    assert set(found) == {"CH-DATES"}


@pytest.mark.parametrize(
    ("trigger", "capacity"),
    [
        (ChangeTrigger.CAPACITY_INCREASE, Decimal(630)),
        (ChangeTrigger.CAPACITY_REDUCE, Decimal(630)),
        (ChangeTrigger.CAPACITY_REDUCE, Decimal(-1)),
        (ChangeTrigger.CAPACITY_REDUCE, None),
    ],
)
def test_a_capacity_that_does_not_move_the_right_way_is_refused(
    trigger: ChangeTrigger, capacity: Decimal | None
) -> None:
    request = asked(capacity_kva=capacity, declared=declared(trigger))
    assert len(refused(trigger, request)) == 1
