"""What no terms can show: fixed text unedited (R-TPL-2), burdens conspicuous (R-STD-1); and the matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from field_coverage import sample_terms

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.rule_matrix import classes_of_rule, matrix_markdown
from contracts_chain.agreements.rules.pack import RulePack, check_document
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import HvSupplyTerms, Terms
from pdfgen.document import Block, Clause, Document

MATRIX = Path(__file__).parents[3] / "docs" / "rules.md"


def document_of(one: AnyClass, terms: Terms) -> Document:
    return compose(
        terms,
        load_template(one),
        number="SGZJMZ00YXGY2600001",
        not_before=None,
        qr_text="SGZJMZ00YXGY2600001",
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="",
    )


def with_clause(document: Document, change: Callable[[Clause], Block], title: str) -> Document:
    changed = (change(b) if isinstance(b, Clause) and b.title == title else b for b in document.blocks)
    return replace(document, blocks=tuple(changed))


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_the_document_of_every_class_keeps_its_text_and_shows_its_burdens(
    one: AnyClass, pack: RulePack
) -> None:
    terms = sample_terms(one)
    assert check_document(document_of(one, terms), terms, load_template(one), pack) == ()


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("R-STD-1", lambda clause: replace(clause, conspicuous=False)),
        ("R-TPL-2", lambda clause: replace(clause, text=clause.text.replace("违约金", "滞纳金"))),
        ("R-TPL-2", lambda clause: replace(clause, text=clause.text + "另加收一成。")),
        ("R-TPL-2", lambda clause: replace(clause, title="其他")),
    ],
)
def test_an_edited_or_hidden_clause_is_noticed(
    rule: str, change: Callable[[Clause], Block], supply: HvSupplyTerms, pack: RulePack
) -> None:
    one = CLASSES[0]
    template = load_template(one)
    (title,) = (clause.title for clause in template.clauses() if clause.id == "late_fee")
    document = with_clause(document_of(one, supply), change, title)
    assert {found.rule for found in check_document(document, supply, template, pack)} == {rule}


def test_a_clause_that_no_text_has_is_noticed(supply: HvSupplyTerms, pack: RulePack) -> None:
    one = CLASSES[0]
    document = document_of(one, supply)
    added = replace(
        document, blocks=(*document.blocks, Clause(number="第九百条", title="加收", text="加收。"))
    )
    (finding,) = check_document(added, supply, load_template(one), pack)
    assert (finding.rule, finding.path) == ("R-TPL-2", "加收")


def test_the_matrix_in_the_docs_is_that_of_the_pack(pack: RulePack) -> None:
    assert MATRIX.read_text("utf-8") == matrix_markdown(pack), "run: contracts-chain rules > docs/rules.md"


def test_the_matrix_has_one_row_a_rule_and_names_no_unverified_source(pack: RulePack) -> None:
    rows = matrix_markdown(pack).splitlines()
    for entry in pack.rules:
        (row,) = (row for row in rows if row.startswith(f"| {entry.id} |"))
        assert entry.statement_zh in row
        assert entry.statement_en in row
        assert row.split(" | ")[3] == entry.shown_source


def test_every_rule_is_run_for_some_class(pack: RulePack) -> None:
    known = {one.id for one in CLASSES}
    assert all(set(classes_of_rule(entry.id)) <= known for entry in pack.rules)
    assert "HV_SUPPLY" in classes_of_rule("R-BKP-2")
    assert classes_of_rule("R-TPL-3") == ()
