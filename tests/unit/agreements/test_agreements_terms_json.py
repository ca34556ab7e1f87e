from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from any_terms import any_terms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.terms import AgreementKind, HvSupplyTerms, SubstationDispatchTerms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms_json import (
    Order,
    TermsUnreadableError,
    attached_bytes,
    load_order,
    load_terms,
    terms_bytes,
)


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_terms_survive_writing_and_reading(one: AnyClass, data: st.DataObject) -> None:
    terms = data.draw(any_terms(one))
    content = terms_bytes(terms)
    again = load_terms(content)
    assert again == terms
    assert terms_bytes(again) == content


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_terms_asked_for_again_are_those_of_the_bytes_and_nobody_can_change_them(
    one: AnyClass, data: st.DataObject
) -> None:
    content = terms_bytes(data.draw(any_terms(one)))
    first = load_terms(content)
    assert isinstance(hash(first), int), "a list or a dictionary somewhere inside could be changed"
    assert load_terms(bytes(bytearray(content))) == first == load_terms(content + b" ")
    assert terms_bytes(load_terms(content)) == content


def test_a_refusal_of_terms_does_not_wear_off(supply: HvSupplyTerms) -> None:
    content = terms_bytes(supply)
    load_terms(content)
    forged = content.replace(b'"contract_cap":"12600"', b'"contract_cap":"1e3"')
    refused: list[object] = []
    for _ in range(2):
        with pytest.raises(TermsUnreadableError) as caught:
            load_terms(forged)
        refused.append(caught.value.problems)
    assert refused[0] == refused[1] != ()


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
    assert supply.consumer.legal_rep is not None
    assert supply.consumer.legal_rep.id_no.encode() in terms_bytes(supply)
    assert supply.consumer.legal_rep.id_no.encode() not in attached
    assert supply.supplier.signer.id_no.encode() not in attached
    assert supply.consumer.id_no.encode() in attached
    assert load_terms(attached).KIND is AgreementKind.HV_SUPPLY


def test_a_natural_person_is_masked_wherever_the_number_stands(supply: HvSupplyTerms) -> None:
    assert supply.consumer.legal_rep is not None
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
    assert isinstance(terms, SubstationDispatchTerms)
    assert terms.related_contract_nos == ("order:HV_SUPPLY",)
    resolved = terms.with_numbers({AgreementKind.HV_SUPPLY: "SGZJMZ00YXGY2600001"})
    assert resolved.related_contract_nos == ("SGZJMZ00YXGY2600001",)


def test_the_sample_bill_is_exact(order: Order) -> None:
    bill = order.invoice
    assert bill is not None
    amount = (bill.quantity_kwh * Decimal(bill.unit_price_yuan) * 100).quantize(Decimal(1))
    assert bill.amount == amount
    assert bill.tax == (amount * bill.tax_rate).quantize(Decimal(1))
