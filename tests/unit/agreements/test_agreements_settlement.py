"""电费结算协议: two to four parties, one way of paying, shares of a hundred percent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose, signature_slots
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.settlement_rules import SETTLEMENT_CHECKS
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.settlement import FeeSettlementTerms, Instalment
from contracts_chain.agreements.terms_json import attached_bytes
from pdfgen.document import Clause, FieldTable

NAME = "fee_settlement"
AHEAD = {
    "first_price": "现行电能量价格",
    "later_price": "上一结算期的实际平均电价",
    "warning_balance_fen": 500000,
    "warning_hours": 72,
    "terminal_no": "FK-330200-00127",
}
BANK = {
    "bank_name": "示例银行东港支行",
    "acct_name": "明州甬新精密铸造有限公司（示例）",
    "acct_no": "3302000000000000026",
    "mandate_no": "DK-2026-0127",
}
NO_INSTALMENTS: dict[str, Any] = {"instalments": [], "base_estimate": None}
PREPAID = {**NO_INSTALMENTS, "mode": "PREPAID_LOAD_CONTROL", "prepayment": AHEAD}
COLLECTED = {**NO_INSTALMENTS, "mode": "BANK_COLLECTION", "bank_collection": BANK}
POSTPAID = {**NO_INSTALMENTS, "mode": "POSTPAID"}
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-LATE-1", {"late_fee_permille_per_day": "0.999"}),
    ("R-INV-1", {"invoice_profile.tax_no": "91330100MA28K7Q286"}),
    ("R-NUM-2", {"reading_hour": 24}),
    ("R-NUM-2", {"reading_day": 30}),
    ("S-REF-1", {"supply_contract_no": "合同一"}),
    ("S-MODE-1", {"base_estimate": None}),
    ("S-MODE-1", {"prepayment": AHEAD}),
    ("S-MODE-1", {**POSTPAID, "bank_collection": BANK}),
    ("S-MODE-1", {**POSTPAID, "mode": "BANK_COLLECTION"}),
    ("S-INST-1", {"instalments.0.share_pct": "29"}),
    ("S-INST-1", {"instalments.1.day": 8}),
    ("S-INST-1", {"instalments.2.no": 4}),
    ("S-PRE-1", {**PREPAID, "prepayment": {**AHEAD, "warning_hours": 0}}),
    ("S-PRE-1", {**PREPAID, "prepayment": {**AHEAD, "first_price": "无"}}),
    ("S-TRUE-1", {"true_up": "无"}),
    ("S-PARTY-1", {"market_settlement": None}),
    ("S-PARTY-1", {"retailer": None}),
    ("S-BANK-1", {**COLLECTED, "bank_collection": {**BANK, "acct_name": "张三"}}),
    ("S-BANK-1", {**COLLECTED, "bank_collection": {**BANK, "mandate_no": "/"}}),
]


def printed(terms: Terms) -> dict[str, str]:
    document = compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXDF2600001",
        not_before=None,
        qr_text="https://example.test",
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="TEST",
    )
    tables = {
        b.title: "".join(value for _, value in b.rows) for b in document.blocks if isinstance(b, FieldTable)
    }
    return {**tables, **{block.title: block.text for block in document.blocks if isinstance(block, Clause)}}


def test_the_sample_has_no_finding() -> None:
    assert check(changed_sample(NAME, {}), load_pack(), load_profile()) == ()


@pytest.mark.parametrize("changes", [PREPAID, COLLECTED, POSTPAID])
def test_every_way_of_paying_passes_with_its_own_particulars(changes: dict[str, Any]) -> None:
    assert newly_broken(NAME, changes) == set()


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_each_rule_notices_its_breach_and_no_other_does(rule: str, changes: dict[str, Any]) -> None:
    assert newly_broken(NAME, changes) == {rule}


def test_every_settlement_rule_has_a_breach_here() -> None:
    assert {rule for rule, _ in BREACHES} - {"R-NUM-2"} == set(SETTLEMENT_CHECKS)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=6), st.data())
def test_instalments_pass_exactly_when_they_sum_to_a_hundred(shares: list[int], data: st.DataObject) -> None:
    days = sorted(data.draw(st.sets(st.integers(1, 28), min_size=len(shares), max_size=len(shares))))
    rows = tuple(
        Instalment(no=index, day=day, share_pct=Decimal(share))
        for index, (day, share) in enumerate(zip(days, shares, strict=True), 1)
    )
    terms = replace(cast("FeeSettlementTerms", changed_sample(NAME, {})), instalments=rows)
    found = {finding.rule for finding in check(terms, load_pack(), load_profile())}
    assert ("S-INST-1" in found) is (sum(shares) != 100)


@pytest.mark.parametrize(
    ("changes", "present", "absent"),
    [
        ({}, "分次支付", "负控预付费"),
        (PREPAID, "负控预付费", "分次支付"),
        (COLLECTED, "银行代扣", "一次支付"),
        (POSTPAID, "一次支付", "银行代扣"),
    ],
)
def test_the_text_has_the_clause_of_the_chosen_way_alone(
    changes: dict[str, Any], present: str, absent: str
) -> None:
    found = printed(changed_sample(NAME, changes))
    assert present in found
    assert absent not in found


def test_the_warning_balance_is_printed_in_yuan() -> None:
    assert "5000元" in printed(changed_sample(NAME, PREPAID))["预购电约定"]


def test_two_to_four_parties_sign_and_the_utility_last() -> None:
    retailer = raw_sample(NAME)["terms"]["retailer"]
    two = changed_sample(NAME, {"retailer": None, "market_settlement": None})
    four = changed_sample(NAME, {"generator": {**retailer, "name": "明州海晏燃机热电有限公司（示例）"}})
    assert [held.role for held in two.signing_order()] == ["consumer", "supplier"]
    assert [held.role for held in four.signing_order()] == ["consumer", "retailer", "generator", "supplier"]
    assert len(signature_slots(four)) == 8
    assert "各方依据" in printed(four)["缔约依据"]
    assert "双方依据" in printed(two)["缔约依据"]
    assert newly_broken(NAME, {"generator": retailer}) == {"S-PARTY-1"}


def test_a_natural_person_s_number_is_masked_on_the_invoice_too() -> None:
    terms = cast("FeeSettlementTerms", changed_sample(NAME, {}))
    assert terms.consumer.legal_rep is not None
    number = terms.consumer.legal_rep.id_no
    person = replace(terms.consumer, id_type=IdType.RESIDENT_ID, id_no=number, tax_no=number)
    other = replace(terms, consumer=person, invoice_profile=replace(terms.invoice_profile, tax_no=number))
    assert number.encode() not in attached_bytes(other)
