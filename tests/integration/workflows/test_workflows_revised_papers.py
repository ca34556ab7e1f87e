"""A draft revised after approval, on a real house: what is signed is the text approved last."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from workflows_desk import (
    anchor_all,
    approved,
    drafted,
    kinds_of,
    reloaded,
    sample_order,
    sign_as,
    trail_words,
)

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.draft import draw_version
from contracts_chain.workflows.draft_view import draft_view
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.preflight import preflight
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.revise import revise
from kernel.verdict import Verdict


def sample() -> HvSupplyTerms:
    terms = sample_order("any").agreements[0]
    assert isinstance(terms, HvSupplyTerms)
    return terms


def test_every_version_draws_again_byte_for_byte(office: Office) -> None:
    number = drafted(office).number
    terms = replace(sample(), special_terms="用电人自备应急照明。")
    revise(office, number, terms, by="li", base_version=1)
    versions = draft_view(office, number).versions
    assert [one.version for one in versions] == [1, 2]
    assert versions[0].document_sha256 != versions[1].document_sha256
    for version in versions:
        assert version.document_sha256 is not None
        assert office.blobs.get(version.document_sha256) == draw_version(office, version).pdf


def test_a_text_revised_after_approval_is_signed_as_approved_last_and_its_package_is_proven(
    office: Office,
) -> None:
    first = approved(office)
    number = first.number
    terms = replace(sample(), expected_monthly_kwh=Decimal(4000000))
    revised = revise(office, number, terms, by="li", base_version=1)
    assert (revised.state, revised.approved_sha256) == (AgreementState.DRAFT, None)
    submit_for_review(office, number, by="drafter")
    second = approve(office, number, reviewer="reviewer", seen_sha256=revised.current_sha256)
    sent = offer(office, number, by="reviewer")
    sign_as(office, sent.tokens["consumer"])
    executed = sign_as(office, sent.tokens["supplier"])
    assert first.approved_sha256 != second.approved_sha256
    assert second.approved_sha256 is not None
    assert executed.current_sha256 is not None
    assert office.blobs.get(executed.current_sha256).startswith(office.blobs.get(second.approved_sha256))
    assert kinds_of(office, number)[:4] == [
        RecordKind.AGREEMENT_APPROVED,
        RecordKind.AGREEMENT_REVISED,
        RecordKind.AGREEMENT_APPROVED,
        RecordKind.AGREEMENT_OFFERED,
    ]
    assert trail_words(office, number)[:6] == [
        "drafted",
        "reviewed",
        "approved",
        "revised",
        "reviewed",
        "approved",
    ]
    anchor_all(office)
    assert build_package(office, number).report.verdict is Verdict.PROVEN


def test_a_real_house_is_ready_to_send(office: Office) -> None:
    number = approved(office).number
    assert [item.name for item in preflight(office, number) if not item.is_ready] == [
        "seal_approval",
        "annexes_elsewhere",
    ]
    assert reloaded(office, number).state is AgreementState.APPROVED
