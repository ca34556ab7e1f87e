"""The retail-market supply contract: high voltage plus a registered retailer, who may sign as third party."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample

from contracts_chain.agreements.classes.market_retail_supply import MARKET_RETAIL_SUPPLY
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.slots import signature_slots
from contracts_chain.agreements.templates.template import load_template
from pdfgen.document import Clause, PartyBlock

MARKET = "market_retail_supply"
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-MKT-1", {"retail": []}),
    ("R-MKT-1", {"retail.0.retailer_uscc": "91330100MA28K7Q287", "retailer": None}),
    ("R-MKT-2", {"market_entry_no": "无"}),
    ("R-MKT-2", {"trading_centre": "/"}),
    ("R-MKT-3", {"retail.0.retailer_name": "另一家售电有限公司"}),
    ("R-MKT-4", {"retail.0.retail_from": "2027-02-01"}),
    ("R-CAP-1", {"run_cap": "1251"}),
    ("R-PF-1", {"pf_standard": "0.85"}),
]


def titles(changes: dict[str, Any]) -> list[str]:
    document = compose(
        changed_sample(MARKET, changes),
        load_template(MARKET_RETAIL_SUPPLY),
        number="SGZJMZ00YXSC2600001",
        not_before=None,
        qr_text="https://example.test/q/1",
        created_utc=datetime(2026, 12, 20, 4, tzinfo=UTC),
        mark="TEST",
    )
    parties = [block.role for block in document.blocks if isinstance(block, PartyBlock)]
    return parties + [block.title for block in document.blocks if isinstance(block, Clause)]


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_one_change_of_a_market_contract_breaks_its_rule(rule: str, changes: dict[str, Any]) -> None:
    assert rule in newly_broken(MARKET, changes)
    assert newly_broken(MARKET, changes) <= {rule, "R-MKT-4"}


def test_a_customer_that_does_not_buy_at_retail_is_sent_to_the_high_voltage_contract() -> None:
    found = newly_broken(MARKET, {"market_attr": "AGENT_PURCHASE", "retail": [], "retailer": None})
    assert found == {"R-MKT-2"}


def test_two_retail_contracts_of_one_account_may_follow_but_not_overlap() -> None:
    first = raw_sample(MARKET)["terms"]["retail"][0]
    second = {**first, "retail_contract_no": "ZJLS-2028-000166", "retail_to": "2028-12-31"}
    after = {"retail": [first, {**second, "retail_from": "2028-01-01"}]}
    overlapping = {"retail": [first, {**second, "retail_from": "2027-12-31"}]}
    assert newly_broken(MARKET, after) == set()
    assert newly_broken(MARKET, overlapping) == {"R-MKT-1"}


def test_with_a_retailer_three_parties_sign_the_utility_last() -> None:
    roles = [slot.party_role for slot in signature_slots(changed_sample(MARKET, {}))]
    assert list(dict.fromkeys(roles)) == ["consumer", "retailer", "supplier"]
    shown = titles({})
    assert shown[:3] == ["供电人", "用电人", "售电公司"]
    assert "售电公司的义务" in shown


def test_without_one_two_parties_sign_and_its_duties_are_no_part_of_the_text() -> None:
    shown = titles({"retailer": None})
    assert shown[:2] == ["供电人", "用电人"]
    assert "售电公司的义务" not in shown
    assert {"零售关系终止后的购电方式", "产权分界点", "计量点及计量方式"} <= set(shown)


def test_what_happens_when_the_retail_contract_ends_stands_out() -> None:
    assert {"fallback", "retail_settlement"} <= MARKET_RETAIL_SUPPLY.conspicuous
