"""Same terms, same bytes: the drafts somebody has looked at are the drafts everybody gets."""

from __future__ import annotations

import json

import pytest
from drawn_samples import GOLDEN, drawn, sample_terms

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from kernel.digests import sha256


def test_every_class_has_a_draft_that_somebody_looked_at() -> None:
    assert set(json.loads(GOLDEN.read_text("utf-8"))) == {one.id for one in CLASSES}


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_the_draft_of_the_sample_has_the_bytes_on_record(one: AnyClass) -> None:
    paper = drawn(sample_terms(one))
    expected = json.loads(GOLDEN.read_text("utf-8"))[one.id]
    assert {"pages": paper.pages, "sha256": sha256(paper.pdf).hex()} == expected
