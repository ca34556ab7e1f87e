"""A supplement changes something of one main contract; a termination settles before it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.classes.supplement import SUPPLEMENT
from contracts_chain.agreements.classes.termination import TERMINATION
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms.supplement import SupplementTerms
from contracts_chain.agreements.terms.termination import TerminationTerms
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from kernel.clock import parse_utc
from pdfgen.document import Clause, GridTable


def sample(name: str) -> bytes:
    return (files("contracts_chain.agreements.samples") / f"{name}.json").read_bytes()


def supplement() -> SupplementTerms:
    terms = load_terms(sample("supplement"))
    assert isinstance(terms, SupplementTerms)
    return terms


def termination() -> TerminationTerms:
    terms = load_terms(sample("termination"))
    assert isinstance(terms, TerminationTerms)
    return terms


def found(terms: SupplementTerms | TerminationTerms) -> set[str]:
    findings = check(terms, load_pack(), load_profile("ZJ"))
    return {one.rule for one in findings if one.rule.startswith(("R-SUP", "R-END"))}


def test_the_samples_break_no_rule_and_come_back_from_their_bytes() -> None:
    for terms in (supplement(), termination()):
        assert check(terms, load_pack(), load_profile("ZJ")) == ()
        assert load_terms(terms_bytes(terms)) == terms
        assert terms.related_numbers() == ("SGZJMZ00YXGY2600001",)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"main_contract_no": "SGZJMZ00YXGY2600001(B1)"}, "R-SUP-1"),
        ({"main_contract_no": "昨天的合同"}, "R-SUP-1"),
        ({"main_formed_on": date(2027, 12, 1), "valid_from": date(2028, 1, 1)}, "R-SUP-1"),
        ({"changed": ()}, "R-SUP-2"),
        ({"trigger": ChangeTrigger.CLOSE}, "R-SUP-3"),
        ({"valid_from": date(2026, 12, 1)}, "R-SUP-4"),
        ({"capacity_after_kva": Decimal(0)}, "R-SUP-5"),
    ],
)
def test_a_supplement_that_supplements_nothing_is_refused(change: dict[str, object], rule: str) -> None:
    assert found(replace(supplement(), **change)) == {rule}


def test_a_change_to_the_same_words_or_twice_to_one_field_is_refused() -> None:
    terms = supplement()
    same = replace(terms.changed[0], new_text=f" {terms.changed[0].old_text}")
    assert found(replace(terms, changed=(same,))) == {"R-SUP-2"}
    assert found(replace(terms, changed=(*terms.changed, terms.changed[0]))) == {"R-SUP-2"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"trigger": ChangeTrigger.RENAME}, "R-END-1"),
        ({"readings": ()}, "R-END-2"),
        ({"paper_service": False}, "R-END-3"),
        ({"main_contract_no": "SGZJMZ00YXGY2600001(B1)"}, "R-SUP-1"),
    ],
)
def test_a_termination_that_leaves_something_open_is_found(change: dict[str, object], rule: str) -> None:
    assert found(replace(termination(), **change)) == {rule}


@pytest.mark.parametrize(
    "change",
    [{"settled": False}, {"settled_on": date(2027, 8, 1)}, {"final_amount_fen": -1}],
)
def test_an_end_with_open_accounts_is_refused(change: dict[str, object]) -> None:
    terms = termination()
    assert found(replace(terms, settlement=replace(terms.settlement, **change))) == {"R-END-2"}


def test_nobody_signs_a_reading_that_is_not_taken_yet() -> None:
    terms = termination()
    late = replace(terms.readings[0], read_on=date(2027, 8, 1))
    assert found(replace(terms, readings=(late,))) == {"R-END-2"}


def test_old_and_new_words_stand_side_by_side_and_the_change_is_conspicuous() -> None:
    terms = supplement()
    document = compose(
        terms,
        load_template(SUPPLEMENT),
        number="SGZJMZ00YXGY2600001(B1)",
        not_before=None,
        qr_text="q",
        created_utc=parse_utc("2027-06-01T00:00:00Z"),
        mark="",
    )
    (table,) = [one for one in document.blocks if isinstance(one, GridTable) and one.title == "变更内容"]
    assert [row[1:] for row in table.rows] == [[one.old_text, one.new_text] for one in terms.changed]
    bold = {one.title for one in document.blocks if isinstance(one, Clause) and one.conspicuous}
    assert "变更内容" in bold


def test_a_termination_says_whether_it_is_served_on_paper_too() -> None:
    for paper_service, said in ((True, "另以纸质形式"), (False, "无须另行纸质送达")):
        document = compose(
            replace(termination(), paper_service=paper_service),
            load_template(TERMINATION),
            number="SGZJMZ00YXGY2600001(B2)",
            not_before=None,
            qr_text="q",
            created_utc=parse_utc("2027-06-01T00:00:00Z"),
            mark="",
        )
        assert any(isinstance(one, Clause) and said in one.text for one in document.blocks)
