"""The life of a seal: only the arrows of the table, and never one person alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts_chain.agreements.lifecycle import TransitionRefusedError
from contracts_chain.agreements.seals.life import (
    SealDeed,
    SealPartError,
    SealState,
    advance_seal,
    allowed_seal_deeds,
    seal_arrows,
    seal_chart,
    verify_seal_part,
)

PAPER = Path(__file__).parents[3] / "docs" / "formats" / "seals.md"
PEOPLE = ("applicant", "custodian", "approver", "stranger")


@given(st.sampled_from(SealState), st.sampled_from(SealDeed))
def test_a_deed_is_allowed_exactly_where_the_table_has_its_arrow(state: SealState, deed: SealDeed) -> None:
    arrows = {(start, word): to for start, word, to in seal_arrows()}
    if (state, deed) in arrows:
        assert advance_seal(state, deed) is arrows[state, deed]
    else:
        with pytest.raises(TransitionRefusedError) as refused:
            advance_seal(state, deed)
        assert refused.value.allowed == allowed_seal_deeds(state)


@given(st.sampled_from(SealDeed), st.sampled_from(PEOPLE))
def test_nobody_approves_what_he_applied_for_or_decides_on_what_he_keeps(deed: SealDeed, by: str) -> None:
    asked = {"by": by, "applicant": "applicant", "custodian": "custodian"}
    keeps = deed in {SealDeed.MAKE, SealDeed.FILE, SealDeed.BEGIN_USE}
    may = by == "custodian" if keeps else by in {"approver", "stranger"}
    may = may or (deed is SealDeed.SUSPEND and by == "custodian")
    if may:
        verify_seal_part(deed, **asked)
    else:
        with pytest.raises(SealPartError):
            verify_seal_part(deed, **asked)


def test_every_state_but_the_two_ends_leads_on_and_every_word_is_chinese() -> None:
    ends = {state for state in SealState if not allowed_seal_deeds(state)}
    assert ends == {SealState.REFUSED, SealState.DESTROYED}
    for word in (*SealState, *SealDeed):
        assert all("一" <= char <= "鿿" for char in word.zh)


def test_the_paper_draws_the_table() -> None:
    assert seal_chart() in PAPER.read_text("utf-8")


class SealLife(RuleBasedStateMachine):
    """Any order of deeds by anybody: a seal in use was approved, made and filed, by two people at least."""

    def __init__(self) -> None:
        super().__init__()
        self.state = SealState.APPLIED
        self.done: list[tuple[SealDeed, str]] = []

    @rule(deed=st.sampled_from(SealDeed), by=st.sampled_from(PEOPLE))
    def try_a_deed(self, deed: SealDeed, by: str) -> None:
        try:
            state = advance_seal(self.state, deed)
            verify_seal_part(deed, by=by, applicant="applicant", custodian="custodian")
        except (TransitionRefusedError, SealPartError):
            return
        self.state = state
        self.done.append((deed, by))

    @invariant()
    def a_seal_in_use_went_the_whole_way(self) -> None:
        if self.state in {SealState.IN_USE, SealState.SUSPENDED}:
            deeds = [deed for deed, _ in self.done]
            way = [SealDeed.APPROVE, SealDeed.MAKE, SealDeed.FILE, SealDeed.BEGIN_USE]
            assert deeds[:4] == way
            assert {by for _, by in self.done} >= {"custodian"}
            assert self.done[0][1] not in {"applicant", "custodian"}

    @precondition(lambda self: self.state is SealState.DESTROYED)
    @invariant()
    def a_destroyed_seal_was_destroyed_by_another_than_its_custodian(self) -> None:
        assert self.done[-1][0] is SealDeed.DESTROY
        assert self.done[-1][1] not in {"applicant", "custodian"}


TestSealLife = SealLife.TestCase
