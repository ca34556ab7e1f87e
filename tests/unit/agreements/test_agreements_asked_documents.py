"""C8-C11: what a customer is asked for, and that it is never more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.asked_documents import (
    AskedDocument,
    AskMode,
    CustomerKind,
    ExtraDocumentError,
    Stage,
    asked_for,
    local_papers,
    require_nothing_more,
)
from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import AgreementKind

D, K = AskedDocument, CustomerKind
ZERO, ONE = AskMode.ZERO_DOC, AskMode.ONE_DOC
ACCEPTANCE, SIGNING = Stage.ACCEPTANCE, Stage.BEFORE_SIGNING


@pytest.mark.parametrize(
    ("kind", "mode", "stage", "tenant", "due"),
    [
        (K.RESIDENT, ZERO, ACCEPTANCE, False, ()),
        (K.RESIDENT, ONE, ACCEPTANCE, False, (D.ID_CARD,)),
        (K.RESIDENT, ONE, SIGNING, False, (D.PROPERTY_PROOF,)),
        (K.RESIDENT, ONE, SIGNING, True, (D.PROPERTY_PROOF,)),
        (K.ENTERPRISE, ZERO, ACCEPTANCE, False, ()),
        (K.ENTERPRISE, ONE, ACCEPTANCE, False, (D.BUSINESS_LICENCE,)),
        (K.ENTERPRISE, ZERO, SIGNING, True, (D.LAND_PROOF, D.LEASE)),
        (K.OTHER_ORGANISATION, ZERO, ACCEPTANCE, False, (D.LICENCE_OR_ORG_CERTIFICATE,)),
        (K.OTHER_ORGANISATION, ONE, ACCEPTANCE, True, (D.LICENCE_OR_ORG_CERTIFICATE,)),
        (K.OTHER_ORGANISATION, ONE, SIGNING, False, (D.LAND_PROOF,)),
    ],
)
def test_the_papers_are_those_of_the_published_list(
    kind: CustomerKind, mode: AskMode, stage: Stage, tenant: bool, due: tuple[AskedDocument, ...]
) -> None:
    assert asked_for(kind, mode, stage, is_tenant=tenant) == due


@given(st.sampled_from(K), st.sampled_from(AskMode), st.sampled_from(Stage), st.booleans())
def test_one_paper_at_most_starts_and_two_with_the_lease_at_most_finish(
    kind: CustomerKind, mode: AskMode, stage: Stage, tenant: bool
) -> None:
    papers = asked_for(kind, mode, stage, is_tenant=tenant)
    assert len(papers) <= (1 if stage is ACCEPTANCE else 2)
    require_nothing_more([str(p.value) for p in papers], kind, stage, is_tenant=tenant)


@given(st.sampled_from(K), st.sampled_from(Stage), st.booleans(), st.text(min_size=1))
def test_any_paper_outside_the_list_is_refused(
    kind: CustomerKind, stage: Stage, tenant: bool, wanted: str
) -> None:
    if wanted in {paper.value for paper in D}:
        return
    with pytest.raises(ExtraDocumentError):
        require_nothing_more([wanted], kind, stage, is_tenant=tenant)


@pytest.mark.parametrize(
    ("kind", "stage", "tenant", "wanted"),
    [
        (K.RESIDENT, ACCEPTANCE, False, D.PROPERTY_PROOF),
        (K.RESIDENT, SIGNING, True, D.LEASE),
        (K.ENTERPRISE, SIGNING, False, D.LEASE),
        (K.ENTERPRISE, SIGNING, True, D.ID_CARD),
        (K.OTHER_ORGANISATION, ACCEPTANCE, False, D.LAND_PROOF),
    ],
)
def test_a_paper_of_the_list_is_refused_where_it_is_not_due(
    kind: CustomerKind, stage: Stage, tenant: bool, wanted: AskedDocument
) -> None:
    with pytest.raises(ExtraDocumentError) as refused:
        require_nothing_more([str(wanted.value)], kind, stage, is_tenant=tenant)
    assert wanted.zh in refused.value.zh


def test_a_unit_may_add_papers_for_distributed_generation_alone_and_none_does() -> None:
    profile = load_profile("ZJ")
    assert local_papers(AgreementKind.GEN_USE, profile) == ()
    local = replace(profile, gen_use_documents=("接入电网意见函",))
    assert local_papers(AgreementKind.GEN_USE, local) == ("接入电网意见函",)
    assert local_papers(AgreementKind.HV_SUPPLY, local) == ()


# Origin: reference §5.4, one county's habit; none of it is on the published list.
HABITS = ("户口", "居委会", "村委会", "街道办", "银行卡", "承诺书", "3C", "购置发票", "复印件")


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_no_text_asks_a_customer_for_a_paper_outside_the_list(one: AnyClass) -> None:
    words = "".join(clause.text for clause in load_template(one).clauses())
    assert [habit for habit in HABITS if habit in words] == []
