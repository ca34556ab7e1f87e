"""Saving a draft: a version each, the second clerk told, approvals undone on record, duties apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from memory_office import MemoryOffice, memory_office, paperless, sample

from contracts_chain.agreements.lifecycle import AgreementState, TransitionRefusedError
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.separation import Part, SeparationOfDutiesError
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.workflows.draft_errors import (
    DraftUndrawnError,
    ReasonMissingError,
    StaleDraftError,
    UnseenBytesError,
    VersionUnknownError,
)
from contracts_chain.workflows.draft_ports import Remark
from contracts_chain.workflows.draft_view import draft_view
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.people import bind_identity
from contracts_chain.workflows.review import approve, return_to_draft, submit_for_review
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import withdraw
from kernel.digests import sha256
from kernel.sized_bytes import BlockHash


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def with_load(kwh: int) -> HvSupplyTerms:
    return replace(sample(), expected_monthly_kwh=Decimal(kwh))


def broken() -> HvSupplyTerms:
    return replace(sample(), late_fee_permille_per_day=Decimal(5))


def approved(world: MemoryOffice) -> str:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="wang")
    return number


def test_a_revision_keeps_the_number_and_every_version_with_its_pdf(world: MemoryOffice) -> None:
    number = world.draft()
    first = draft_view(world.office, number).dossier
    world.clock.advance(timedelta(hours=1))
    world.chain.height = 8
    second = revise(world.office, number, with_load(1), by="zhao", base_version=1)
    versions = draft_view(world.office, number).versions
    assert (second.number, second.draft_version, second.state) == (number, 2, AgreementState.DRAFT)
    assert [(one.version, one.saved_by, one.not_before_number) for one in versions] == [
        (1, "li", 7),
        (2, "zhao", 8),
    ]
    assert [one.document_sha256 for one in versions] == [first.current_sha256, second.current_sha256]
    assert load_terms(versions[1].terms) == with_load(1)
    assert versions[1].saved_utc - versions[0].saved_utc == timedelta(hours=1)


def test_the_same_terms_again_change_nothing(world: MemoryOffice) -> None:
    number = world.draft()
    before = draft_view(world.office, number)
    assert revise(world.office, number, sample(), by="zhao", base_version=1) == before.dossier
    assert draft_view(world.office, number).versions == before.versions


def test_a_draft_that_breaks_rules_is_saved_and_not_submitted(world: MemoryOffice) -> None:
    number = world.draft()
    saved = revise(world.office, number, broken(), by="li", base_version=1)
    assert (saved.draft_version, saved.current_sha256) == (2, None)
    view = draft_view(world.office, number)
    assert view.errors >= 1
    assert "late_fee_permille_per_day" in {finding.path for finding in view.findings}
    with pytest.raises(RulesViolatedError):
        submit_for_review(world.office, number, by="li")
    mended = revise(world.office, number, sample(), by="li", base_version=2)
    assert mended.current_sha256 is not None
    assert submit_for_review(world.office, number, by="li").state is AgreementState.IN_REVIEW


def test_the_second_clerk_is_told_what_the_first_changed(world: MemoryOffice) -> None:
    number = world.draft()
    world.clock.advance(timedelta(minutes=2))
    first = replace(with_load(800), rest_day="周日")
    revise(world.office, number, first, by="li", base_version=1)
    mine = replace(with_load(630), special_terms="用电人自备应急照明。")
    with pytest.raises(StaleDraftError) as stale:
        revise(world.office, number, mine, by="zhao", base_version=1)
    told = {change.path: change for change in stale.value.changes}
    assert set(told) == {"expected_monthly_kwh", "rest_day"}
    load = told["expected_monthly_kwh"]
    assert (load.theirs, load.mine, load.by, load.collides) == ("800 kWh", "630 kWh", "li", True)
    assert (load.label, load.at) == ("预计月用电量", world.clock.now())
    assert not told["rest_day"].collides
    assert told["rest_day"].mine == told["rest_day"].base
    assert draft_view(world.office, number).dossier.draft_version == 2


def test_changes_that_do_not_collide_are_joined_only_when_asked(world: MemoryOffice) -> None:
    number = world.draft()
    revise(world.office, number, with_load(800), by="li", base_version=1)
    mine = replace(sample(), rest_day="周日")
    with pytest.raises(StaleDraftError):
        revise(world.office, number, mine, by="zhao", base_version=1)
    joined = revise(world.office, number, mine, by="zhao", base_version=1, merge=True)
    assert load_terms(joined.terms) == replace(with_load(800), rest_day="周日")
    with pytest.raises(StaleDraftError):
        revise(world.office, number, with_load(630), by="zhao", base_version=1, merge=True)


def test_each_change_names_the_clerk_who_made_it_last(world: MemoryOffice) -> None:
    number = world.draft()
    revise(world.office, number, with_load(800), by="li", base_version=1)
    revise(world.office, number, replace(with_load(800), rest_day="周日"), by="sun", base_version=2)
    with pytest.raises(StaleDraftError) as stale:
        revise(world.office, number, with_load(1), by="zhao", base_version=1)
    assert {change.path: change.by for change in stale.value.changes} == {
        "expected_monthly_kwh": "li",
        "rest_day": "sun",
    }


def test_a_base_version_that_never_was_is_refused(world: MemoryOffice) -> None:
    number = world.draft()
    with pytest.raises(VersionUnknownError):
        revise(world.office, number, with_load(1), by="li", base_version=9)


def test_any_edit_of_an_approved_text_returns_it_to_draft_with_a_leaf(world: MemoryOffice) -> None:
    number = approved(world)
    pinned = draft_view(world.office, number).dossier.approved_sha256
    edited = revise(world.office, number, with_load(1), by="li", base_version=1)
    assert (edited.state, edited.approved_sha256, edited.reviewed_by) == (AgreementState.DRAFT, None, None)
    with pytest.raises(TransitionRefusedError):
        offer(world.office, number, by="desk")
    records = [Record.parse(row.record) for row in world.tables.log_rows]
    assert [record.kind for record in records] == [
        RecordKind.AGREEMENT_APPROVED,
        RecordKind.AGREEMENT_REVISED,
    ]
    assert records[1].document.sha256 == pinned


def test_saving_works_without_a_chain_and_keeps_the_older_block(world: MemoryOffice) -> None:
    number = world.draft()
    world.chain.dead = True
    saved = revise(world.office, number, with_load(1), by="li", base_version=1)
    assert (saved.not_before_number, saved.not_before_hash) == (7, BlockHash(sha256(b"7")))
    assert saved.current_sha256 is not None


def test_who_comes_between_reading_and_storing_is_not_overwritten(
    world: MemoryOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.draft()
    real, waiting = revise.__globals__["_drawn"], [True]

    def overtaken(*arguments: object) -> object:
        if waiting.pop() if waiting else False:
            revise(world.office, number, with_load(800), by="li", base_version=1)
        return real(*arguments)

    monkeypatch.setitem(revise.__globals__, "_drawn", overtaken)
    with pytest.raises(StaleDraftError):
        revise(world.office, number, with_load(630), by="zhao", base_version=1)
    assert load_terms(draft_view(world.office, number).dossier.terms) == with_load(800)


def test_a_return_needs_a_reason_and_keeps_its_remarks_off_the_trail(world: MemoryOffice) -> None:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    with pytest.raises(ReasonMissingError):
        return_to_draft(world.office, number, reviewer="wang", reason="  ")
    remark = Remark(path="rest_day", text="应为周日")
    returned = return_to_draft(world.office, number, reviewer="wang", reason="厂休日有误", remarks=[remark])
    assert returned.state is AgreementState.RETURNED
    note = draft_view(world.office, number).returned
    assert note is not None
    assert (note.reason, note.remarks) == ("厂休日有误", (remark,))
    assert not any("厂休日有误".encode() in line for line in world.tables.trails[number])
    revise(world.office, number, sample(), by="li", base_version=1)
    assert draft_view(world.office, number).dossier.state is AgreementState.DRAFT


def test_whoever_saved_any_version_does_not_review_any_later_one(world: MemoryOffice) -> None:
    number = world.draft(by="li")
    revise(world.office, number, with_load(1), by="zhao", base_version=1)
    submit_for_review(world.office, number, by="li")
    for clerk in ("li", "zhao"):
        with pytest.raises(SeparationOfDutiesError) as refused:
            approve(world.office, number, reviewer=clerk)
        assert (refused.value.held, refused.value.wanted) == (Part.DRAFTER, Part.REVIEWER)
    return_to_draft(world.office, number, reviewer="wang", reason="补充附件")
    with pytest.raises(SeparationOfDutiesError):
        revise(world.office, number, with_load(2), by="wang", base_version=2)


@pytest.mark.parametrize("role", ["consumer", "supplier"])
def test_a_signer_of_either_side_neither_drafts_nor_reviews_under_an_account(
    world: MemoryOffice, role: str
) -> None:
    signer = sample().party(role).signer
    bind_identity(world.office, account="zhang", id_type=signer.id_type, id_no=signer.id_no)
    with pytest.raises(SeparationOfDutiesError):
        world.draft(by="zhang")
    number = world.draft(by="li", order_no="ORDER-2")
    with pytest.raises(SeparationOfDutiesError):
        revise(world.office, number, with_load(1), by="zhang", base_version=1)
    submit_for_review(world.office, number, by="li")
    with pytest.raises(SeparationOfDutiesError):
        approve(world.office, number, reviewer="zhang")


def test_an_account_bound_to_a_signer_after_approval_stops_the_offer(world: MemoryOffice) -> None:
    number = approved(world)
    signer = sample().consumer.signer
    bind_identity(world.office, account="wang", id_type=signer.id_type, id_no=signer.id_no)
    with pytest.raises(SeparationOfDutiesError):
        offer(world.office, number, by="desk")


def test_a_document_that_the_reviewer_did_not_see_is_not_approved(world: MemoryOffice) -> None:
    number = world.draft()
    seen = draft_view(world.office, number).dossier.current_sha256
    revise(world.office, number, with_load(1), by="li", base_version=1)
    submit_for_review(world.office, number, by="li")
    with pytest.raises(UnseenBytesError):
        approve(world.office, number, reviewer="wang", seen_sha256=seen)
    standing = draft_view(world.office, number).dossier.current_sha256
    approve(world.office, number, reviewer="wang", seen_sha256=standing)


def test_a_name_that_no_font_prints_is_told_at_its_field_before_approval(world: MemoryOffice) -> None:
    number = world.draft()
    rare = replace(sample(), consumer=replace(sample().consumer, contact="王\U00030010"))
    revise(world.office, number, rare, by="li", base_version=1)
    view = draft_view(world.office, number)
    told = [finding for finding in view.findings if finding.rule == "FONT"]
    assert [(finding.path, finding.label) for finding in told] == [("consumer.contact", "用电人 · 联系人")]
    assert "U+30010" in told[0].zh


def test_a_draft_without_a_pdf_is_not_handed_in(world: MemoryOffice) -> None:
    number = world.draft()
    undrawn = replace(world.tables.agreements[number], current_sha256=None)
    world.tables.agreements[number] = undrawn
    with pytest.raises(DraftUndrawnError):
        submit_for_review(world.office, number, by="li")


def test_a_withdrawn_order_is_drafted_anew_under_the_next_number(world: MemoryOffice) -> None:
    number = world.draft()
    with pytest.raises(ReasonMissingError):
        withdraw(world.office, number, reason="", by="li")
    withdraw(world.office, number, reason="客户改方案", by="li")
    again = world.draft()
    assert (number[-5:], again[-5:]) == ("00001", "00002")
    with pytest.raises(TransitionRefusedError):
        revise(world.office, number, with_load(1), by="li", base_version=1)
