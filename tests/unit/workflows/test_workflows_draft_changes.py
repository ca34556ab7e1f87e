"""Two clerks, one draft: every change is found, and collides exactly when both meant the same field."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_office import sample

from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.typed_json import value_json
from contracts_chain.workflows.draft_changes import (
    collisions,
    differences,
    field_label,
    merged,
    parse_path,
    path_text,
    shown_at,
    taken,
)
from kernel.canonical_json import JsonValue

BASE: dict[str, JsonValue] = {"a": "1", "b": {"c": "2", "d": ["x", "y"]}, "e": None}
LEAVES = st.sampled_from(["1", "2", "3", None])
VALUES = st.fixed_dictionaries(
    {
        "a": LEAVES,
        "b": st.fixed_dictionaries({"c": LEAVES, "d": st.lists(LEAVES, min_size=1, max_size=3)}),
        "e": LEAVES,
    }
)


def paths(base: JsonValue, other: JsonValue) -> set[str]:
    return {path_text(path) for path in differences(base, other)}


def test_only_the_smallest_fields_that_differ_are_named() -> None:
    other = {"a": "1", "b": {"c": "9", "d": ["x", "z"]}, "e": "5"}
    assert paths(BASE, other) == {"b.c", "b.d[1]", "e"}
    assert paths(BASE, BASE) == set()


def test_a_list_that_grew_is_one_field() -> None:
    assert paths(BASE, {**BASE, "b": {"c": "2", "d": ["x", "y", "z"]}}) == {"b.d"}


def test_the_same_change_by_both_does_not_collide_and_another_does() -> None:
    theirs, mine = {**BASE, "a": "800"}, {**BASE, "a": "800", "e": "1"}
    assert collisions(BASE, theirs, mine) == frozenset()
    assert collisions(BASE, theirs, {**BASE, "a": "630"}) == {("a",)}


def test_a_change_within_a_list_collides_with_its_growth() -> None:
    theirs = {**BASE, "b": {"c": "2", "d": ["x", "q"]}}
    mine = {**BASE, "b": {"c": "2", "d": ["x", "y", "z"]}}
    assert collisions(BASE, theirs, mine) == {("b", "d", 1)}
    assert merged(BASE, theirs, mine) == mine


@given(VALUES, VALUES, VALUES)
def test_joining_keeps_mine_takes_theirs_and_loses_nothing(
    base: JsonValue, theirs: JsonValue, mine: JsonValue
) -> None:
    kept, joined = collisions(base, theirs, mine), merged(base, theirs, mine)
    if not kept:
        assert merged(base, mine, theirs) == joined
    if base == mine:
        assert joined == theirs
    if base == theirs:
        assert joined == mine
    assert {path_text(path) for path in kept} <= paths(base, theirs)


@given(VALUES, VALUES)
def test_taking_every_change_of_theirs_gives_theirs(mine: JsonValue, theirs: JsonValue) -> None:
    assert taken(mine, theirs, differences(mine, theirs)) == theirs


@pytest.mark.parametrize("text", ["a", "a.b_2", "a[0].b[12].c", "special_terms"])
def test_a_path_reads_back(text: str) -> None:
    assert path_text(parse_path(text)) == text


@pytest.mark.parametrize("text", ["a..b", "[0", "a.[1]", "A", "a b", "a[-1]", "a[99999]", "../x"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no field path"):
        parse_path(text)


def test_a_change_is_told_by_its_label_and_with_its_unit() -> None:
    changed = replace(sample(), run_cap=Decimal(800))
    (path,) = differences(value_json(sample()), value_json(changed))
    assert field_label(HvSupplyTerms, path) == "运行容量"
    assert shown_at(changed, path) == "800 kVA"
    deep = parse_path("receiving_points[0].sources[1].voltage_kv")
    assert field_label(HvSupplyTerms, deep) == "受电点 1 · 电源 2 · 电压"
    assert shown_at(sample(), deep).endswith("kV")
    assert shown_at(sample(), parse_path("consumer")).startswith("{")
    assert shown_at(sample(), parse_path("receiving_points[9].name")) == "无"
