from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts_chain.agreements.lifecycle import (
    AgreementState,
    Deed,
    EvidenceState,
    TransitionRefusedError,
    advance_agreement,
    advance_evidence,
    after_signature,
    agreement_arrows,
    allowed_deeds,
    evidence_arrows,
)

S = AgreementState
E = EvidenceState
SIDE_EXITS = {S.REJECTED, S.WITHDRAWN, S.LAPSED}


@given(st.lists(st.sampled_from(Deed), max_size=25))
def test_no_sequence_of_deeds_forms_a_contract_without_its_last_signature(deeds: list[Deed]) -> None:
    state, completed = S.DRAFT, False
    for deed in deeds:
        if deed not in allowed_deeds(state):
            with pytest.raises(TransitionRefusedError) as refused:
                advance_agreement(state, deed)
            assert refused.value.allowed == allowed_deeds(state)
            continue
        state = advance_agreement(state, deed)
        completed = completed or deed is Deed.COMPLETE
        if state.is_formed:
            assert completed


@given(st.lists(st.sampled_from(Deed), max_size=25))
def test_bytes_are_only_offered_after_approval_and_every_edit_undoes_it(deeds: list[Deed]) -> None:
    state, approved = S.DRAFT, False
    for deed in deeds:
        if deed not in allowed_deeds(state):
            continue
        state = advance_agreement(state, deed)
        approved = deed is Deed.APPROVE or (approved and deed is not Deed.REVISE)
        if state in {S.OFFERED, S.PARTLY_SIGNED} or state.is_formed:
            assert approved


def test_the_main_road_leads_from_draft_to_archive() -> None:
    state = S.DRAFT
    for deed in (Deed.SUBMIT, Deed.APPROVE, Deed.OFFER):
        state = advance_agreement(state, deed)
    for made in (1, 2, 3):
        state = after_signature(state, made=made, required=4)
        assert state is S.PARTLY_SIGNED
    state = after_signature(state, made=4, required=4)
    assert state is S.EXECUTED
    for deed in (Deed.ENTER_INTO_FORCE, Deed.EXPIRE, Deed.ARCHIVE):
        state = advance_agreement(state, deed)
    assert state is S.ARCHIVED
    assert allowed_deeds(state) == ()


def test_a_refusal_names_what_is_allowed_in_both_languages() -> None:
    with pytest.raises(TransitionRefusedError) as refused:
        advance_agreement(S.DRAFT, Deed.OFFER)
    assert refused.value.allowed == (Deed.SUBMIT, Deed.REVISE, Deed.WITHDRAW)
    assert "submit" in refused.value.en
    assert "提交审核" in refused.value.zh


@pytest.mark.parametrize("state", sorted(SIDE_EXITS))
def test_nothing_can_be_signed_after_a_side_exit(state: AgreementState) -> None:
    with pytest.raises(TransitionRefusedError):
        after_signature(state, made=1, required=4)


def test_counts_of_signatures_that_cannot_be_are_faults() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        after_signature(S.OFFERED, made=5, required=4)


def test_every_state_and_deed_has_a_chinese_word() -> None:
    for word in (*AgreementState, *Deed, *EvidenceState):
        assert word.zh
    assert len({state.zh for state in AgreementState}) == len(AgreementState)


def test_evidence_goes_step_by_step_and_a_signature_is_never_logged_unstamped() -> None:
    state = EvidenceState.PENDING
    with pytest.raises(TransitionRefusedError):
        advance_evidence(state, EvidenceState.LOGGED)
    assert advance_evidence(state, EvidenceState.LOGGED, timestamp_due=False) is EvidenceState.LOGGED
    for following in list(EvidenceState)[1:]:
        state = advance_evidence(state, following)
    assert state is EvidenceState.CROSS_ANCHORED


@given(st.sampled_from(EvidenceState), st.sampled_from(EvidenceState), st.booleans())
def test_evidence_never_goes_back(before: EvidenceState, after: EvidenceState, due: bool) -> None:
    order = list(EvidenceState)
    if order.index(after) <= order.index(before):
        with pytest.raises(TransitionRefusedError):
            advance_evidence(before, after, timestamp_due=due)


def test_only_agreements_that_came_to_nothing_free_their_order() -> None:
    assert {state for state in S if state.came_to_nothing} == SIDE_EXITS
    assert not any(state.is_formed for state in SIDE_EXITS)


@pytest.mark.parametrize("state", list(S))
def test_every_refusal_offers_exactly_the_arrows_of_the_table(state: AgreementState) -> None:
    arrows = {deed: to for start, deed, to in agreement_arrows() if start is state}
    assert tuple(arrows) == allowed_deeds(state)
    for deed in Deed:
        if deed in arrows:
            assert advance_agreement(state, deed) is arrows[deed]
            continue
        with pytest.raises(TransitionRefusedError) as refused:
            advance_agreement(state, deed)
        assert (refused.value.state, refused.value.wanted) == (state, deed)
        assert refused.value.allowed == tuple(arrows)


class TwoTables(RuleBasedStateMachine):
    """An agreement and its evidence, moved independently by the tables alone."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.evidence = S.DRAFT, E.PENDING
        self.approved = self.completed = False
        self.arrows = {(start, deed): to for start, deed, to in agreement_arrows()}
        self.steps = set(evidence_arrows())

    @rule(deed=st.sampled_from(Deed))
    def act(self, deed: Deed) -> None:
        before, evidence = self.state, self.evidence
        try:
            self.state = advance_agreement(before, deed)
        except TransitionRefusedError:
            assert (before, deed) not in self.arrows
            return
        assert self.arrows[before, deed] is self.state
        assert self.evidence is evidence
        self.completed = self.completed or deed is Deed.COMPLETE
        self.approved = deed is Deed.APPROVE or (self.approved and deed is not Deed.REVISE)

    @rule(to=st.sampled_from(E), due=st.booleans())
    def prove(self, to: EvidenceState, due: bool) -> None:
        before, state = self.evidence, self.state
        try:
            self.evidence = advance_evidence(before, to, timestamp_due=due)
        except TransitionRefusedError:
            return
        assert (before, to) in self.steps
        assert self.state is state

    @invariant()
    def a_contract_is_formed_by_its_last_signature_alone(self) -> None:
        assert not self.state.is_formed or (self.completed and self.approved)

    @precondition(lambda self: not allowed_deeds(self.state))
    @rule(deed=st.sampled_from(Deed))
    def nothing_leaves_the_archive(self, deed: Deed) -> None:
        assert self.state is S.ARCHIVED
        with pytest.raises(TransitionRefusedError):
            advance_agreement(self.state, deed)


TestTwoTables = TwoTables.TestCase
