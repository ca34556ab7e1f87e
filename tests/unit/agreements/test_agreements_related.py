"""Agreements against each other: what is named is the right kind, between the same, for the same account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from drawn_samples import sample_terms
from hypothesis import given
from hypothesis import strategies as st
from memory_office import sample

from contracts_chain.agreements.classes.book import class_named
from contracts_chain.agreements.rules.finding import Finding, Severity
from contracts_chain.agreements.rules.pack import check_compact, check_related, check_retail, load_pack
from contracts_chain.agreements.rules.related_rules import RetailPeriod, retail_periods
from contracts_chain.agreements.terms import SubstationDispatchTerms, SupplyTerms
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms

PACK = load_pack()
STRANGER = "91110000600037341L"
NAMING = {
    "FEE_SETTLEMENT": "consumer",
    "GRID_DISPATCH_SUBSTATION": "consumer",
    "GRID_DISPATCH_STORAGE": "owner",
    "GEN_USE": "owner",
    "SUPPLEMENT": "consumer",
    "TERMINATION": "consumer",
}


def terms_of(name: str) -> Any:
    return sample_terms(class_named(name))


def fitting(terms: Any, role: str) -> SupplyTerms:
    """A supply contract with the utility and the customer of these terms, for their account."""
    supply = replace(
        sample(), supplier=terms.supplier, consumer=getattr(terms, role), cust_no=terms.account_no
    )
    if isinstance(terms, SubstationDispatchTerms):
        return replace(supply, contract_cap=terms.installed_mva * 1000)
    return supply


def rules(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in found]


@pytest.mark.parametrize(("name", "role"), NAMING.items())
def test_what_agrees_with_the_contract_it_names_has_no_finding(name: str, role: str) -> None:
    terms = terms_of(name)
    (number,) = terms.related_numbers()
    assert check_related(terms, {number: fitting(terms, role)}, PACK) == ()


@pytest.mark.parametrize(("name", "role"), NAMING.items())
@pytest.mark.parametrize("changed", ["supplier", "consumer", "cust_no"])
def test_another_party_or_account_is_found_and_no_identity_number_is_printed_beside_it(
    name: str, role: str, changed: str
) -> None:
    terms = terms_of(name)
    (number,) = terms.related_numbers()
    supply = fitting(terms, role)
    held = getattr(supply, changed)
    other: Any = "3301000000000" if changed == "cust_no" else replace(held, id_no=STRANGER)
    changes: dict[str, Any] = {changed: other}
    (found,) = check_related(terms, {number: replace(supply, **changes)}, PACK)
    substation = name == "GRID_DISPATCH_SUBSTATION"
    assert found.rule == ("D-PAIR-1" if substation else "R-REL-2")
    assert found.severity is Severity.ERROR
    assert found.path.partition(".")[0] == (role if changed == "consumer" else changed)
    assert substation or STRANGER not in found.en + found.zh


def test_a_number_of_this_unit_that_nothing_bears_is_an_error() -> None:
    terms = terms_of("FEE_SETTLEMENT")
    found = check_related(terms, {terms.supply_contract_no: None}, PACK)
    assert rules(found) == [("R-REL-2", "supply_contract_no")]
    assert terms.supply_contract_no in found[0].zh


def test_a_number_of_another_unit_is_a_remark_that_stops_nothing() -> None:
    terms = replace(terms_of("FEE_SETTLEMENT"), supply_contract_no="SGZJHZ00YXGY2600001")
    (found,) = check_related(terms, {}, PACK)
    assert (found.rule, found.severity, found.source) == ("R-REL-3", Severity.WARNING, "待核实")


def test_a_sister_that_has_no_number_yet_is_left_to_the_order() -> None:
    assert (
        check_related(replace(terms_of("FEE_SETTLEMENT"), supply_contract_no="order:HV_SUPPLY"), {}, PACK)
        == ()
    )


def test_an_agreement_of_another_kind_is_not_what_is_meant() -> None:
    terms = terms_of("FEE_SETTLEMENT")
    found = check_related(terms, {terms.supply_contract_no: terms_of("GRID_DISPATCH_SUBSTATION")}, PACK)
    assert rules(found) == [("R-REL-2", "supply_contract_no")]


def test_a_relay_compares_each_customer_with_its_own_contract() -> None:
    relay = terms_of("ENTRUSTED_RELAY_SUPPLY")
    relayer = replace(
        sample(), supplier=relay.supplier, consumer=relay.relayer, cust_no=relay.relayer_cust_no
    )
    relayed = replace(sample(), supplier=relay.supplier, consumer=relay.relayed, cust_no=relay.cust_no)
    right = {relay.relayer_contract_no: relayer, relay.relayed_contract_no: relayed}
    assert check_related(relay, right, PACK) == ()
    swapped = {relay.relayer_contract_no: relayed, relay.relayed_contract_no: relayer}
    assert [path for _, path in rules(check_related(relay, swapped, PACK))] == [
        "relayer",
        "relayer_cust_no",
        "relayed",
        "cust_no",
    ]


def test_a_wholesale_contract_names_a_dispatch_agreement_of_its_customer() -> None:
    wholesale = terms_of("WHOLESALE_SUPPLY")
    dispatch = replace(
        terms_of("GRID_DISPATCH_SUBSTATION"),
        supplier=wholesale.supplier,
        consumer=wholesale.consumer,
        cust_no=wholesale.cust_no,
    )
    named = {wholesale.dispatch_contract_no: dispatch}
    assert check_related(wholesale, named, PACK) == ()
    named = {wholesale.dispatch_contract_no: sample()}
    assert rules(check_related(wholesale, named, PACK)) == [("R-REL-2", "dispatch_contract_no")]


def test_a_service_compact_is_between_the_parties_of_its_orders_supply_contract() -> None:
    compact = terms_of("SERVICE_COMPACT")
    assert isinstance(compact, ServiceCompactTerms)
    supply = replace(sample(), supplier=compact.supplier, consumer=compact.consumer)
    without = replace(compact, cust_no=None)
    assert check_compact(without, supply, "X", PACK) == ()
    assert check_compact(replace(compact, cust_no=supply.cust_no), supply, "X", PACK) == ()
    numbered = check_compact(replace(compact, cust_no="3301000000000"), supply, "X", PACK)
    assert rules(numbered) == [("R-REL-2", "cust_no")]
    stranger = replace(supply, consumer=replace(supply.consumer, id_no=STRANGER))
    assert rules(check_compact(without, stranger, "X", PACK)) == [("R-REL-2", "consumer")]


DAYS = st.integers(-400, 400)


@given(start=DAYS, length=st.integers(0, 400), same=st.booleans())
def test_a_retailer_of_the_account_elsewhere_stands_in_the_way_on_common_days_only(
    start: int, length: int, same: bool
) -> None:
    (mine,) = retail_periods(sample(), "")
    first = mine.retail_from + timedelta(days=start)
    other = RetailPeriod(
        number="SGZJMZ00YXGY2600007",
        retailer_uscc=mine.retailer_uscc,
        retail_contract_no=mine.retail_contract_no if same else "LS-2026-9",
        retail_from=first,
        retail_to=first + timedelta(days=length),
    )
    mine_days, other_days = days_of(mine), days_of(other)
    found = check_retail(sample(), (other,), PACK)
    assert rules(found) == ([("R-MKT-1", "retail[0]")] if not same and mine_days & other_days else [])
    for one in found:
        assert "SGZJMZ00YXGY2600007" in one.zh
        assert str(other.retail_from) in one.zh
        assert str(other.retail_to) in one.zh


def days_of(period: RetailPeriod) -> set[date]:
    length = (period.retail_to - period.retail_from).days
    return {period.retail_from + timedelta(days=day) for day in range(length + 1)}
