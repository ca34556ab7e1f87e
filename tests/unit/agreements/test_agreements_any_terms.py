"""Whatever the terms, the contract can be drawn, and gives its terms back."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest
from any_terms import any_terms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES, class_of
from contracts_chain.agreements.compose import TERMS_FILE, compose
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms_json import load_terms, masked_terms
from pdfgen.render import render

NUMBER = "SGZJMZ00YXGY2600001"


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_terms_render_and_stand_in_the_contract_as_they_were(one: AnyClass, data: st.DataObject) -> None:
    terms = data.draw(any_terms(one))
    document = compose(
        terms,
        load_template(class_of(terms)),
        number=NUMBER,
        not_before=None,
        qr_text=NUMBER,
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="TEST",
    )
    with pikepdf.open(io.BytesIO(render(document).pdf)) as pdf:
        attached = pdf.attachments[TERMS_FILE].get_file().read_bytes()
    assert load_terms(attached) == masked_terms(terms)
