"""The photovoltaic contract: two accounts, one roof, a third party where the roof is another's."""

from __future__ import annotations

from typing import Any

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample

from contracts_chain.agreements.gen_use_phrases import GEN_USE_PHRASES
from contracts_chain.agreements.rules.finding import Confidence
from contracts_chain.agreements.rules.gen_use_rules import GEN_USE_CHECKS
from contracts_chain.agreements.rules.pack import load_pack
from contracts_chain.agreements.slots import signature_slots
from contracts_chain.agreements.terms.gen_use import GenUseTerms
from contracts_chain.agreements.terms_json import attached_bytes

GEN = "gen_use"
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("G-PRE-1", {"filing": None}),
    ("G-PRE-1", {"acceptance.dated": "2027-02-01"}),
    ("G-DOC-1", {"local_files": [{"number": "村委会同意书", "dated": "2026-11-01", "sha256": "cd" * 32}]}),
    ("G-ACC-1", {"gen_account_no": "12345"}),
    ("G-ACC-1", {"gen_account_no": "3305102600612"}),
    ("G-ACC-1", {"cust_no": None}),
    ("G-ACC-1", {"related_contract_nos": []}),
    ("G-CAP-1", {"inverters": []}),
    ("G-CAP-1", {"capacity_kwp": "19.9"}),
    ("G-POC-1", {"points": []}),
    ("G-POC-1", {"points.0.voltage_kv": "0.4"}),
    ("G-POC-1", {"points.0.break_device": "无"}),
    ("G-MET-1", {"meters": []}),
    ("G-MET-1", {"two_way_meter": False}),
    ("R-MET-3", {"meters.0.multiplier": "2"}),
    ("G-ISL-1", {"anti_islanding": False}),
    ("G-ISL-1", {"anti_islanding_device": "/"}),
    ("G-PAY-1", {"price_basis": "无"}),
    ("G-PAY-1", {"owner.bank_acct": None}),
    ("G-PAY-1", {"late_pay_permille_per_day": "0.5"}),
    ("G-INV-1", {"invoice_by": "OWNER"}),
    ("G-ROOF-1", {"roof_is_owners": False}),
    ("G-SYNC-1", {"first_sync_date": "2026-12-30"}),
]


def plant(changes: dict[str, Any]) -> GenUseTerms:
    terms = changed_sample(GEN, changes)
    assert isinstance(terms, GenUseTerms)
    return terms


def roof_user() -> Any:
    return {**raw_sample("lv_nonres_supply")["terms"]["consumer"]}


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_one_change_of_a_photovoltaic_contract_breaks_exactly_its_rule(
    rule: str, changes: dict[str, Any]
) -> None:
    assert newly_broken(GEN, changes) == {rule}


def test_a_plant_that_feeds_everything_in_needs_no_consumption_account() -> None:
    changes: dict[str, Any] = {"mode": "FULL_FEED_IN", "cust_no": None, "related_contract_nos": []}
    assert newly_broken(GEN, changes) == set()
    assert "全部上网" in GEN_USE_PHRASES["consumption"](plant(changes))


def test_whoever_uses_electricity_under_anothers_plant_signs_as_the_third_party() -> None:
    changes = {"roof_is_owners": False, "roof_user": roof_user()}
    assert newly_broken(GEN, changes) == set()
    terms = plant(changes)
    assert [slot.name for slot in signature_slots(terms)] == [
        "OwnerPerson",
        "RoofUserPerson",
        "RoofUserSeal",
        "SupplierPerson",
        "SupplierSeal",
    ]
    assert "第三方" in GEN_USE_PHRASES["third_party"](terms)
    assert newly_broken(GEN, {"roof_user": roof_user()}) == {"G-ROOF-1"}


def test_an_owner_that_is_a_firm_makes_out_its_own_invoices() -> None:
    firm = {"owner": roof_user()}
    assert newly_broken(GEN, firm) == {"G-INV-1"}
    assert newly_broken(GEN, {**firm, "invoice_by": "OWNER"}) == set()


def test_the_attached_terms_show_no_full_card_number_of_the_owner() -> None:
    number = raw_sample(GEN)["terms"]["owner"]["id_no"]
    assert number.encode() not in attached_bytes(plant({}))


def test_no_rule_of_the_class_is_shown_as_law() -> None:
    own = {entry.id: entry for entry in load_pack().rules if entry.id in GEN_USE_CHECKS}
    assert {entry.confidence for rule, entry in own.items() if rule.startswith("G-")} == {
        Confidence.UNVERIFIED,
        Confidence.SECONDARY,
    }
    assert own["G-SYNC-1"].shown_source == "待核实"
