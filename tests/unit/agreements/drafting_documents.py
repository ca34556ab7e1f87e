"""Documents of the sample supply contract, plain and altered, for tests of drawings, twins and diffs."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import AgreementTerms, HvSupplyTerms
from contracts_chain.agreements.terms_json import load_order
from pdfgen.document import Document

__all__ = ["composed", "supply_terms"]


def supply_terms() -> HvSupplyTerms:
    """The supply contract of the sample order."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    terms = load_order(content).agreements[0]
    assert isinstance(terms, HvSupplyTerms)
    return terms


def composed(terms: AgreementTerms, **inputs: Any) -> Document:
    """Its document with fixed inputs."""
    given = {
        "number": "SGZJMZ00YXGY2600001",
        "not_before": None,
        "qr_text": "https://verify.example.test/q/1",
        "created_utc": datetime(2026, 11, 22, tzinfo=UTC),
        "mark": "TEST",
    }
    return compose(terms, load_template(class_of(terms)), **(given | inputs))
