from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from drafting_documents import composed, supply_terms
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.clause_diff import ChangeKind, ClauseDiff, clause_diff
from contracts_chain.agreements.diff_document import ComparedTexts, diff_document, summary_zh
from contracts_chain.agreements.printed_clauses import printed_clauses
from contracts_chain.agreements.template_diff import template_diff
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.text_diff import Edit, Piece, likeness, pieces_between
from pdfgen.document import Block, Clause, Document
from pdfgen.page_images import body_texts
from pdfgen.render import render

TEXT = st.text(alphabet="供用电合同甲乙，。；0123456789kVA\n", max_size=120)
PAYING = "第三十七条　电费支付"


def clause(title: str, text: str, number: str = "第一条", *, key: bool = False) -> Clause:
    return Clause(number=number, title=title, text=text, conspicuous=key)


def of(*blocks: Block) -> Document:
    return replace(composed(supply_terms()), blocks=blocks)


def kinds(diff: ClauseDiff) -> list[tuple[ChangeKind, str]]:
    return [(one.kind, one.label) for one in diff.changes]


def kept(pieces: Sequence[Piece], other: Edit) -> str:
    return "".join(one.text for one in pieces if one.edit in {Edit.KEPT, other})


@given(TEXT, TEXT)
def test_the_pieces_make_both_texts_again(old: str, new: str) -> None:
    pieces = pieces_between(old, new)
    assert kept(pieces, Edit.REMOVED) == old
    assert kept(pieces, Edit.ADDED) == new
    assert all(one.edit is not other.edit for one, other in pairwise(pieces))


@given(TEXT)
def test_equal_texts_have_nothing_but_kept_words(text: str) -> None:
    assert all(one.edit is Edit.KEPT for one in pieces_between(text, text))
    assert likeness(text, text) == 1.0


def test_a_number_changes_whole() -> None:
    pieces = pieces_between("每日按2‰计收，容量12600 kVA", "每日按3‰计收，容量12800 kVA")
    assert [one.text for one in pieces if one.edit is Edit.ADDED] == ["3‰", "12800"]


def test_a_document_equals_itself() -> None:
    document = composed(supply_terms())
    assert clause_diff(document, document).changes == ()


def test_an_inserted_clause_is_one_difference_though_all_numbers_move() -> None:
    old = of(clause("甲", "一一一", "第一条"), clause("乙", "二二二", "第二条"))
    new = of(
        clause("新", "新新新", "第一条"), clause("甲", "一一一", "第二条"), clause("乙", "二二二", "第三条")
    )
    assert kinds(clause_diff(old, new)) == [(ChangeKind.ADDED, "第一条　新")]
    assert kinds(clause_diff(new, old)) == [(ChangeKind.REMOVED, "第一条　新")]


def test_a_clause_that_changed_its_place_is_moved_not_rewritten() -> None:
    one, two, three = clause("甲", "一" * 30), clause("乙", "二" * 30), clause("丙", "三" * 30)
    diff = clause_diff(of(one, two, three), of(three, one, two))
    assert kinds(diff) == [(ChangeKind.MOVED, "第一条　丙")]


def test_a_clause_with_a_new_title_is_known_by_its_wording() -> None:
    text = "用电人应在每月十五日以前足额支付上一结算期的电费。"
    diff = clause_diff(of(clause("支付", text)), of(clause("电费的支付", text.replace("十五", "十八"))))
    assert [one.kind for one in diff.changes] == [ChangeKind.CHANGED]


def test_a_clause_that_is_no_longer_conspicuous_is_changed() -> None:
    diff = clause_diff(of(clause("甲", "一", key=True)), of(clause("甲", "一")))
    assert [one.kind for one in diff.changes] == [ChangeKind.CHANGED]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from("甲乙丙丁戊"), max_size=5, unique=True),
    st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=6, unique=True),
)
def test_every_part_is_kept_added_or_removed_once(old: list[str], new: list[str]) -> None:
    before, after = (of(*(clause(one, one * 20) for one in names)) for names in (old, new))
    changes = clause_diff(before, after).changes
    added = {one.after.title for one in changes if one.kind is ChangeKind.ADDED and one.after}
    removed = {one.before.title for one in changes if one.kind is ChangeKind.REMOVED and one.before}
    assert added == set(new) - set(old)
    assert removed == set(old) - set(new)


def altered() -> tuple[Document, Document]:
    terms = supply_terms()
    return composed(terms), composed(
        replace(
            terms, pay_by_day=18, special_terms="用电人每季度报送用电计划。", contract_demand_kw=Decimal(6000)
        )
    )


def test_changed_terms_show_where_they_stand_with_their_page() -> None:
    old, new = altered()
    rendered = render(new)
    diff = clause_diff(old, new, pages=rendered.block_pages)
    paying = next(one for one in diff.changes if one.label == PAYING)
    assert [one.text for one in paying.pieces if one.edit is Edit.ADDED] == ["18"]
    assert "支付" in body_texts(rendered.pdf)[paying.page - 1]
    assert summary_zh(diff).startswith(f"{len(diff.changes)} 处不同：第 ")
    assert sum(count for _, count in diff.pages) == len(diff.changes)


def test_the_comparison_is_a_document_that_can_be_drawn() -> None:
    old, new = altered()
    texts = ComparedTexts(number="SGZJMZ00YXGY2600001", old="第 1 版", new="第 2 版", new_digest="ab" * 32)
    created = datetime(2026, 11, 22, tzinfo=UTC)
    document = diff_document(clause_diff(old, new), texts, created_utc=created, mark="TEST")
    words = "".join("".join(body_texts(render(document).pdf)).split())
    assert "电费支付" in words
    assert "1518日以前" in words


def test_files_are_compared_by_what_they_print() -> None:
    old, new = (printed_clauses(body_texts(render(one).pdf), title="") for one in altered())
    diff = clause_diff(old.document, new.document, pages=new.pages)
    assert PAYING in [one.label for one in diff.changes]
    same = clause_diff(old.document, old.document)
    assert same.changes == ()


def test_a_contract_has_the_words_of_its_text_and_nothing_else() -> None:
    terms = supply_terms()
    found = template_diff(composed(terms), load_template(class_of(terms)))
    assert found.deviating == ()
    assert [one.after.title for one in found.special if one.after] == ["特别约定"]
    assert len(found.filled) > 10


@pytest.mark.parametrize("words", ["足额", "每月"])
def test_one_word_that_is_not_the_texts_own_is_a_deviation(words: str) -> None:
    terms = supply_terms()
    document = composed(terms)
    blocks = [
        replace(one, text=one.text.replace(words, "适量"))
        if isinstance(one, Clause) and one.title == "电费支付"
        else one
        for one in document.blocks
    ]
    found = template_diff(replace(document, blocks=blocks), load_template(class_of(terms)))
    assert [one.label for one in found.deviating] == [PAYING]


def test_a_clause_the_text_does_not_have_is_a_deviation() -> None:
    terms = supply_terms()
    document = composed(terms)
    extra = replace(
        document, blocks=[*document.blocks, clause("免责", "供电人不承担任何责任。", "第九十九条")]
    )
    found = template_diff(extra, load_template(class_of(terms)))
    assert [one.label for one in found.deviating] == ["第九十九条　免责"]
