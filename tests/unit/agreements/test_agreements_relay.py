"""委托转供电协议: three parties, the relayed user's own contract, never through defence users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from broken_samples import changed_sample, newly_broken

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose, signature_slots
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.relay_rules import RELAY_CHECKS
from contracts_chain.agreements.templates.template import load_template
from pdfgen.document import Clause, GridTable

NAME = "entrusted_relay_supply"
OWN = "SGZJMZ00YXGY2500212"
FEE = {"name": "转供设施维护费", "basis": "浙发改价格〔2026〕1号（样张）"}
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-RELAY-1", {"relayer_is_defence": True}),
    ("R-RELAY-1", {"relayed_contract_no": OWN}),
    ("R-RELAY-1", {"relayed_contract_no": "无"}),
    ("R-RELAY-1", {"relayer_cust_no": "1105101900412"}),
    ("R-RELAY-1", {"relayer_cust_no": "3305102600835"}),
    ("R-RELAY-2", {"approval": None}),
    ("R-RELAY-2", {"approval.dated": "2027-01-01"}),
    ("R-RELAY-2", {"reason": "无"}),
    ("R-RELAY-2", {"relayed_elec_categ": "500"}),
    ("R-RELAY-3", {"own_capacity_kva": "1801"}),
    ("R-RELAY-4", {"meters": []}),
    ("R-RELAY-4", {"relay_points": []}),
    ("R-RELAY-4", {"deduction": "无"}),
    ("R-RELAY-4", {"loss_bearer": "/"}),
    ("R-RELAY-4", {"relay_points.0.boundary": "无"}),
    ("R-MET-3", {"meters.0.multiplier": "301"}),
    ("R-OUT-1", {"outage_notice.temporary_hours": 23}),
    ("R-LINT-1", {"other_fees": [{"name": "转供费", "basis": "无"}]}),
]


def clauses(changes: dict[str, Any]) -> dict[str, str]:
    terms = changed_sample(NAME, changes)
    document = compose(
        terms,
        load_template(class_of(terms)),
        number=OWN,
        not_before=None,
        qr_text="https://example.test",
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="TEST",
    )
    tables = {
        block.title: "".join(map("".join, block.rows))
        for block in document.blocks
        if isinstance(block, GridTable)
    }
    return {**tables, **{block.title: block.text for block in document.blocks if isinstance(block, Clause)}}


def test_the_sample_has_no_finding() -> None:
    assert check(changed_sample(NAME, {}), load_pack(), load_profile()) == ()


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_each_rule_notices_its_breach_and_no_other_does(rule: str, changes: dict[str, Any]) -> None:
    assert newly_broken(NAME, changes) == {rule}


def test_every_relay_rule_has_a_breach_here() -> None:
    assert {rule for rule, _ in BREACHES} == set(RELAY_CHECKS)


def test_the_same_person_cannot_relay_to_itself() -> None:
    raw = changed_sample(NAME, {}).party("relayer")
    changes = {"relayed.id_no": raw.id_no, "relayed.tax_no": raw.id_no}
    assert newly_broken(NAME, changes) == {"R-RELAY-1"}


def test_both_customers_sign_before_the_supplier() -> None:
    order = [slot.name for slot in signature_slots(changed_sample(NAME, {}))]
    assert order == [
        "RelayerPerson", "RelayerSeal", "RelayedPerson", "RelayedSeal", "SupplierPerson", "SupplierSeal",
    ]  # fmt: skip


def test_it_refers_to_both_supply_contracts() -> None:
    assert changed_sample(NAME, {}).related_numbers() == (OWN, "SGZJMZ00YXGY2600095")


def test_a_fee_stands_in_the_text_only_with_its_published_basis() -> None:
    assert "没有约定转供费用" in clauses({})["转供费用"]
    agreed = clauses({"other_fees": [FEE]})
    assert "已公布的依据为限" in agreed["转供费用"]
    assert FEE["basis"] in agreed["其他收费"]


def test_the_relaying_customer_may_not_cut_off_on_its_own() -> None:
    assert "未经供电方书面通知，转供方不得以任何理由中断" in clauses({})["禁止擅自停限电"]
