"""``contracts-chain draft`` on the sample of every class, and on each of them broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawn_samples import sample_bytes

from api.draft_file import draft_file
from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.finding import RulesViolatedError

NUMBER = "SGZJMZ00YXGY2600001"


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_every_sample_becomes_a_contract(one: AnyClass, tmp_path: Path) -> None:
    terms, paper = tmp_path / "terms.json", tmp_path / "paper.pdf"
    terms.write_bytes(sample_bytes(one))
    assert draft_file(terms, paper, NUMBER, None) == 0
    assert paper.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_a_term_that_ends_before_it_begins_stops_every_class(one: AnyClass, tmp_path: Path) -> None:
    content = json.loads(sample_bytes(one))
    content["terms"]["valid_to"] = "2001-01-01"
    terms, paper = tmp_path / "terms.json", tmp_path / "paper.pdf"
    terms.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    with pytest.raises(RulesViolatedError) as refused:
        draft_file(terms, paper, NUMBER, None)
    assert "R-TERM-1" in {finding.rule for finding in refused.value.findings}
    assert not paper.exists()
