"""Deeds hold an agreement against the store: others' retail periods, compacts, annexes that were uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from drawn_samples import sample_terms
from hypothesis import given
from hypothesis import strategies as st
from memory_office import MemoryOffice, memory_office, paperless, sample

from contracts_chain.agreements.classes.book import class_named
from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms.commercial import Annex
from contracts_chain.workflows.annexes import (
    GREATEST_ANNEX,
    AnnexKindError,
    AnnexTooLargeError,
    AnnexUnknownError,
    keep_annex,
    read_annex,
    stored_annexes,
)
from contracts_chain.workflows.draft_view import draft_view
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.preflight import NotReadyError, preflight
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import withdraw
from kernel.digests import sha256
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(12) + b"\xff\xd9"
KINDS = {"application/pdf": PDF, "image/png": PNG, "image/jpeg": JPEG}


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def rival() -> HvSupplyTerms:
    """The sample's account with another retail contract for the same days."""
    (retail,) = sample().retail
    return replace(sample(), retail=(replace(retail, retail_contract_no="LS-2026-00999"),))


def passed(world: MemoryOffice, number: str) -> str:
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return number


def offered(world: MemoryOffice) -> str:
    return offer(world.office, passed(world, world.draft()), by="desk").dossier.number


def rules_of(problem: RulesViolatedError) -> set[str]:
    return {finding.rule for finding in problem.findings}


def test_a_second_retailer_for_the_same_days_is_refused_with_the_other_number_and_period(
    world: MemoryOffice,
) -> None:
    number = offered(world)
    with pytest.raises(RulesViolatedError) as refused:
        world.draft(rival(), order_no="ORDER-2")
    assert rules_of(refused.value) == {"R-MKT-1"}
    (retail,) = sample().retail
    assert number in refused.value.zh
    assert f"{retail.retail_from} 至 {retail.retail_to}" in refused.value.zh
    assert list(world.tables.agreements) == [number]


def test_a_successor_may_name_the_retail_contract_that_runs(world: MemoryOffice) -> None:
    offered(world)
    assert world.draft(order_no="ORDER-2")


def test_an_offer_that_was_taken_back_binds_the_account_no_more(world: MemoryOffice) -> None:
    withdraw(world.office, offered(world), reason="客户撤回申请", by="desk")
    assert world.draft(rival(), order_no="ORDER-2")


def test_what_was_drafted_in_time_is_neither_handed_in_nor_offered_after_the_other(
    world: MemoryOffice,
) -> None:
    late, later = world.draft(rival(), order_no="ORDER-2"), world.draft(rival(), order_no="ORDER-3")
    passed(world, late)
    number = offered(world)
    with pytest.raises(RulesViolatedError):
        submit_for_review(world.office, later, by="li")
    assert number in next(one.zh for one in draft_view(world.office, later).findings if one.rule == "R-MKT-1")
    with pytest.raises(NotReadyError) as refused:
        offer(world.office, late, by="desk")
    assert [item.name for item in refused.value.items] == ["related"]


def test_the_periods_that_count_are_those_of_the_newest_version(world: MemoryOffice) -> None:
    number = world.draft()
    (retail,) = sample().retail
    earlier = replace(
        retail,
        retail_from=retail.retail_from - timedelta(days=900),
        retail_to=retail.retail_from - timedelta(1),
    )
    revise(world.office, number, replace(sample(), retail=(earlier,)), by="li", base_version=1)
    offer(world.office, passed(world, number), by="desk")
    assert world.draft(rival(), order_no="ORDER-2")


def test_compact_and_supply_contract_of_one_order_agree_whichever_comes_first(world: MemoryOffice) -> None:
    compact: Any = sample_terms(class_named("SERVICE_COMPACT"))
    right = replace(compact, cust_no=None, supplier=sample().supplier, consumer=sample().consumer)
    code = "91110000600037341L"
    wrong = replace(right, consumer=replace(right.consumer, id_no=code, tax_no=code))
    world.draft(right, order_no="ORDER-A")
    assert world.draft(order_no="ORDER-A")
    with pytest.raises(RulesViolatedError) as refused:
        world.draft(wrong, order_no="ORDER-B") and world.draft(order_no="ORDER-B")
    assert rules_of(refused.value) == {"R-REL-2"}
    world.draft(order_no="ORDER-C")
    with pytest.raises(RulesViolatedError) as refused:
        world.draft(wrong, order_no="ORDER-C")
    assert rules_of(refused.value) == {"R-REL-2"}


@pytest.mark.parametrize("media_type", KINDS)
def test_an_annex_is_known_by_its_bytes_and_taken_in_once(world: MemoryOffice, media_type: str) -> None:
    content = KINDS[media_type]
    first = keep_annex(world.office, content, by="li")
    world.clock.advance(timedelta(days=1))
    assert keep_annex(world.office, content, by="zhao") == first
    assert (first.media_type, first.length, first.sha256) == (media_type, len(content), sha256(content))
    assert read_annex(world.office, first.sha256) == (first, content)


@given(
    content=st.one_of(
        st.binary(max_size=200), st.sampled_from(list(KINDS.values())).map(lambda one: one[:-3])
    )
)
def test_nothing_but_a_whole_pdf_png_or_jpeg_is_taken_in(content: bytes) -> None:
    world = memory_office()
    with pytest.raises(AnnexKindError):
        keep_annex(world.office, content, by="li")
    assert not world.blobs.kept


def test_an_annex_over_the_limit_is_refused_before_it_is_looked_at(world: MemoryOffice) -> None:
    with pytest.raises(AnnexTooLargeError):
        keep_annex(world.office, PDF + bytes(GREATEST_ANNEX), by="li")


def test_a_document_of_ours_is_no_annex(world: MemoryOffice) -> None:
    digest = world.office.blobs.put(PDF)
    with pytest.raises(AnnexUnknownError):
        read_annex(world.office, digest)


def annexed(world: MemoryOffice) -> tuple[str, HvSupplyTerms]:
    """An approved draft with one paper uploaded and one kept elsewhere."""
    kept = keep_annex(world.office, PNG, by="li")
    terms = replace(
        sample(),
        annexes=(
            Annex(no="附件1", title="供电接线及产权分界示意图", sha256=kept.sha256.hex()),
            Annex(no="附件2", title="电费结算协议", sha256="ab" * 32),
        ),
    )
    return passed(world, world.draft(terms)), terms


def test_papers_kept_elsewhere_are_named_and_do_not_stop_the_offer(world: MemoryOffice) -> None:
    number, _ = annexed(world)
    told = {item.name: item for item in preflight(world.office, number)}
    assert told["annexes"].is_ready
    elsewhere = told["annexes_elsewhere"]
    assert not elsewhere.hard
    assert "附件2《电费结算协议》abababab（" in elsewhere.zh
    assert "附件1《供电接线及产权分界示意图》" in elsewhere.zh
    assert offer(world.office, number, by="desk").tokens


def test_an_uploaded_annex_that_does_not_hash_again_stops_the_offer(
    world: MemoryOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = annexed(world)
    whole = world.blobs.get

    def get(digest: Bytes32) -> bytes:
        if digest == sha256(PNG):
            raise RefutedError("changed", "已被改动")
        return whole(digest)

    monkeypatch.setattr(world.blobs, "get", get)
    with pytest.raises(NotReadyError) as refused:
        offer(world.office, number, by="desk")
    assert [item.name for item in refused.value.items] == ["annexes"]


def test_an_archive_gets_the_uploaded_annexes_by_their_digest(world: MemoryOffice) -> None:
    _, terms = annexed(world)
    assert stored_annexes(world.office, terms) == {f"annexes/{sha256(PNG).hex()}.png": PNG}
