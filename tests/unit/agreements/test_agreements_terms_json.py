from __future__ import annotations

import json
import types
from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.terms import AgreementKind, DispatchTerms, HvSupplyTerms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms_json import (
    Order,
    TermsUnreadableError,
    attached_bytes,
    load_order,
    load_terms,
    resolve_related,
    terms_bytes,
)
from contracts_chain.agreements.typed_json import shape_of

TEXTS = st.text("电力供应ABC 019，。（）", min_size=1, max_size=8).filter(lambda t: t == t.strip())
DECIMALS = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**9), places=3, allow_nan=False, allow_infinity=False
)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        inner = next(part for part in get_args(hint) if part is not types.NoneType)
        return st.none() | values_of(inner)
    if origin is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=1).map(tuple)
    if is_dataclass(hint):
        return st.builds(hint, **{shape.name: values_of(shape.hint) for shape in shape_of(hint)})  # type: ignore[arg-type]
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return {
        str: TEXTS,
        int: st.integers(-(2**53) + 1, 2**53 - 1),
        bool: st.booleans(),
        Decimal: DECIMALS,
        date: st.dates(),
    }[hint]


@pytest.mark.parametrize("kind", [HvSupplyTerms, DispatchTerms])
def test_any_terms_survive_writing_and_reading(kind: type) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values_of(kind))
    def survives(terms: Any) -> None:
        content = terms_bytes(terms)
        again = load_terms(content)
        assert again == terms
        assert terms_bytes(again) == content

    survives()


def test_equal_quantities_have_one_canonical_form(supply: HvSupplyTerms) -> None:
    content = terms_bytes(supply)
    other = content.replace(b'"contract_cap":"12600"', b'"contract_cap":"12600.00"')
    assert other != content
    assert terms_bytes(load_terms(other)) == content


def test_every_problem_is_reported_at_once(sample: bytes) -> None:
    whole = json.loads(sample)
    terms = whole["agreements"][0]["terms"]
    terms["colour"] = "red"
    del terms["supply_addr"]
    terms["contract_cap"] = "1e3"
    terms["elec_categ"] = "999"
    terms["reading_day"] = True
    terms["supply_start"] = "2027-02-30"
    terms["special_terms"] = ""
    terms["receiving_points"][0]["sources"][1]["line_name"] = 5
    terms["cut_off"] = []
    whole["agreements"][1]["terms"]["poc"] = "one"
    with pytest.raises(TermsUnreadableError) as refused:
        load_order(json.dumps(whole).encode())
    found = {(problem.path, problem.code) for problem in refused.value.problems}
    first = "agreements[0].terms"
    assert found == {
        (f"{first}.colour", "unknown"),
        (f"{first}.supply_addr", "missing"),
        (f"{first}.contract_cap", "type"),
        (f"{first}.elec_categ", "word"),
        (f"{first}.reading_day", "type"),
        (f"{first}.supply_start", "type"),
        (f"{first}.special_terms", "blank"),
        (f"{first}.receiving_points[0].sources[1].line_name", "type"),
        (f"{first}.cut_off", "type"),
        ("agreements[1].terms.poc", "type"),
    }
    assert "用电地址：必填" in refused.value.zh


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"schema": 1.0}',
        b'{"schema": 1, "schema": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": true, "kind": "HV_SUPPLY", "terms": {}}',
        b'{"schema": 1, "kind": "LOTTERY", "terms": {}}',
        b'{"schema": 1, "kind": "HV_SUPPLY", "terms": null}',
        b'{"schema": 1, "order_no": "1", "agreements": []}',
    ],
)
def test_files_that_are_not_terms_are_refused_with_reasons(content: bytes) -> None:
    for read in (load_terms, load_order):
        with pytest.raises(TermsUnreadableError) as refused:
            read(content)
        assert refused.value.problems


def test_text_with_hidden_directions_is_refused(supply: HvSupplyTerms) -> None:
    content = terms_bytes(supply).replace("无固定厂休日".encode(), "无\u202e固定".encode())
    with pytest.raises(TermsUnreadableError):
        load_terms(content)


def test_the_attachment_shows_no_resident_id(supply: HvSupplyTerms) -> None:
    attached = attached_bytes(supply)
    assert supply.consumer.legal_rep.id_no.encode() in terms_bytes(supply)
    assert supply.consumer.legal_rep.id_no.encode() not in attached
    assert supply.supplier.signer.id_no.encode() not in attached
    assert supply.consumer.id_no.encode() in attached
    assert load_terms(attached).KIND is AgreementKind.HV_SUPPLY


def test_a_natural_person_is_masked_wherever_the_number_stands(supply: HvSupplyTerms) -> None:
    number = supply.consumer.legal_rep.id_no
    person = replace(supply.consumer, id_type=IdType.RESIDENT_ID, id_no=number, tax_no=number)
    invoice = replace(supply.invoice_profile, tax_no=number)
    terms = replace(supply, consumer=person, invoice_profile=invoice)
    assert terms_bytes(terms).count(number.encode()) == 4
    assert number.encode() not in attached_bytes(terms)


def test_a_strange_field_name_is_reported_in_printable_form(supply: HvSupplyTerms) -> None:
    content = terms_bytes(supply).replace(b'"cust_no"', b'"\\ud800' + b"x" * 500 + b'"')
    with pytest.raises(TermsUnreadableError) as refused:
        load_terms(content)
    refused.value.en.encode()
    assert all(len(problem.path) < 100 for problem in refused.value.problems)


def test_an_order_reference_becomes_the_number_just_given(order: Order) -> None:
    terms = order.agreements[1]
    assert isinstance(terms, DispatchTerms)
    assert terms.related_contract_nos == ("order:HV_SUPPLY",)
    resolved = resolve_related(terms, {AgreementKind.HV_SUPPLY: "SGZJMZ00YXGY2600001"})
    assert resolved.related_contract_nos == ("SGZJMZ00YXGY2600001",)


def test_the_sample_bill_is_exact(order: Order) -> None:
    bill = order.invoice
    assert bill is not None
    amount = (bill.quantity_kwh * Decimal(bill.unit_price_yuan) * 100).quantize(Decimal(1))
    assert bill.amount == amount
    assert bill.tax == (amount * bill.tax_rate).quantize(Decimal(1))
