"""Drafting and review on a real house: one draft an order, no number lost, approved bytes pinned."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from workflows_desk import approved, drafted, fresh_order_no, kinds_of, reloaded, sample_order, trail_words
from workflows_outages import TroubledChain

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.separation import SeparationOfDutiesError
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.evidence.record import RecordKind
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.draft import draft_agreement, draft_order, draw_up
from contracts_chain.workflows.errors import AlreadyDraftedError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.errors import ContractsChainError

BROKEN = Path(__file__).parents[2] / "vectors" / "zhejiang_35kv_broken.json"


def serial_of(number: str) -> int:
    return int(number[-5:])


def first_revision(pdf: bytes) -> bytes:
    return pdf.partition(b"%%EOF")[0]


def test_drafting_an_order_twice_gives_the_same_drafts_and_numbers(office: Office) -> None:
    order = sample_order(fresh_order_no())
    first = draft_order(office, order, drafted_by="drafter")
    second = draft_order(office, order, drafted_by="somebody else")
    assert second == first
    assert len({one.number for one in first}) == 2
    assert all(one.current_sha256 is not None for one in first)
    assert trail_words(office, first[0].number) == ["drafted"]


def test_an_order_drafted_before_with_other_terms_is_refused(office: Office) -> None:
    order = sample_order(fresh_order_no())
    first = draft_agreement(office, order.agreements[0], order_no=order.order_no, drafted_by="drafter")
    other = replace(order.agreements[0], cust_no="1234567890")
    with pytest.raises(AlreadyDraftedError):
        draft_agreement(office, other, order_no=order.order_no, drafted_by="drafter")
    assert reloaded(office, first.number) == first


def test_broken_terms_store_nothing_and_take_no_number(office: Office) -> None:
    before = drafted(office)
    broken = replace(load_order(BROKEN.read_bytes()), order_no=fresh_order_no())
    with pytest.raises(RulesViolatedError):
        draft_order(office, broken, drafted_by="drafter")
    after = drafted(office)
    assert serial_of(after.number) == serial_of(before.number) + 1
    with office.work() as work:
        assert all(
            work.agreements.find_by_order(broken.order_no, terms.KIND.value) is None
            for terms in broken.agreements
        )


def test_agreements_of_one_order_that_disagree_are_refused_before_anything_is_stored(office: Office) -> None:
    order = sample_order(fresh_order_no())
    supply, station = order.agreements
    other = replace(station, cust_no="3305102600999")
    with pytest.raises(RulesViolatedError) as refused:
        draft_order(office, replace(order, agreements=(supply, other)), drafted_by="drafter")
    assert {finding.rule for finding in refused.value.findings} == {"D-PAIR-1"}
    with office.work() as work:
        assert work.agreements.find_by_order(order.order_no, supply.KIND.value) is None


def test_a_draft_without_a_chain_to_date_it_stores_nothing(office: Office) -> None:
    order_no = fresh_order_no()
    before = drafted(office)
    with pytest.raises(ChainUnavailableError):
        drafted(replace(office, chain=TroubledChain(office.chain, "latest_block")), order_no)
    assert serial_of(drafted(office, order_no).number) == serial_of(before.number) + 1


def test_a_draft_that_crashed_before_its_pdf_is_finished_under_the_same_number(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_no = fresh_order_no()

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("contracts_chain.workflows.draft.draw_up", crash)
        with pytest.raises(KeyboardInterrupt):
            drafted(office, order_no)
    with office.work() as work:
        opened = work.agreements.find_by_order(order_no, "HV_SUPPLY")
    assert opened is not None
    finished = drafted(office, order_no)
    assert (finished.number, opened.current_sha256) == (opened.number, None)
    assert finished.not_before_hash == opened.not_before_hash
    assert finished.current_sha256 is not None


def test_the_same_order_drafted_by_two_clerks_at_once_is_drafted_once(office: Office) -> None:
    before, order_no = drafted(office), fresh_order_no()
    start, numbers, problems = threading.Barrier(2), [], []

    def draft() -> None:
        start.wait()
        try:
            numbers.append(drafted(office, order_no).number)
        except ContractsChainError as problem:
            problems.append(problem)

    clerks = [threading.Thread(target=draft) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert (problems, len(numbers), len(set(numbers))) == ([], 2, 1)
    assert serial_of(numbers[0]) == serial_of(before.number) + 1
    assert trail_words(office, numbers[0]) == ["drafted"]


def test_a_stored_draft_is_byte_for_byte_what_its_terms_number_and_block_give(office: Office) -> None:
    dossier = drafted(office)
    assert dossier.current_sha256 is not None
    again = draw_up(
        sample_order("any").agreements[0],
        number=dossier.number,
        not_before=dossier.not_before_hash.hex0x(),
        created_utc=dossier.drafted_utc,
        mark=office.utility.mark,
        verify_url=office.utility.verify_url,
    )
    stored = office.blobs.get(dossier.current_sha256)
    assert stored == again.pdf


def test_the_drafter_cannot_approve(office: Office) -> None:
    number = drafted(office).number
    submit_for_review(office, number, by="drafter")
    with pytest.raises(SeparationOfDutiesError):
        approve(office, number, reviewer="drafter")
    assert reloaded(office, number).state is AgreementState.IN_REVIEW
    assert kinds_of(office, number) == []


def test_approval_pins_the_bytes_and_is_the_first_leaf(office: Office) -> None:
    dossier = approved(office)
    assert dossier.approved_sha256 == dossier.current_sha256
    assert kinds_of(office, dossier.number) == [RecordKind.AGREEMENT_APPROVED]
    assert trail_words(office, dossier.number) == ["drafted", "reviewed", "approved"]
