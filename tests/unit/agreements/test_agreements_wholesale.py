"""趸购电合同: utility to utility, each gateway settled whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest
from broken_samples import changed_sample, newly_broken
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.wholesale_rules import WHOLESALE_CHECKS
from contracts_chain.agreements.terms.wholesale import WholesaleTerms

NAME = "wholesale_supply"
METER = "receiving_points.0.metering_points.0"
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-VOLT-1", {"receiving_points.0.sources.0.voltage_kv": "6"}),
    ("R-FREQ-1", {"frequency_hz": 60}),
    ("R-QUAL-1", {"quality.deviation_plus_pct": "5.1"}),
    ("R-MET-1", {f"{METER}.at_demarcation": False, "loss_allocation.line_loss": "无"}),
    ("R-MET-2", {"loss_allocation.transformer_loss": "CHARGED"}),
    ("R-MET-3", {f"{METER}.multiplier": "21001"}),
    ("R-HEAD-1", {"demarcation_points": []}),
    ("R-PRE-1", {"supply_scheme": None}),
    ("R-PRE-2", {"supply_start": "2026-12-30"}),
    ("R-DATE-1", {"application.dated": "2026-08-21"}),
    ("R-CUT-1", {"cut_off.overdue_days": 29}),
    ("R-CUT-2", {"cut_off.paper_service": False}),
    ("R-OUT-1", {"outage_notice.planned_days": 6}),
    ("R-INV-1", {"invoice_profile.title": "长汀渔业公司"}),
    ("R-TAR-1", {"tariff_code": "NONE"}),
    ("R-LATE-1", {"late_fee_permille_per_day": "3.001"}),
    ("R-PF-1", {"pf_standard": "0.85"}),
    ("R-PF-1", {"manages_large_industry": True}),
    ("R-LINT-1", {"other_fees": [{"name": "管理费", "basis": "无"}]}),
    ("W-LIC-1", {"consumer.licence_no": None}),
    (
        "W-CAT-1",
        {"elec_categ": "100", "tariff_code": "ZJ-GSY-2-35", "tariff_name": "工商业用电（两部制）35千伏"},
    ),
    ("W-SET-1", {"settlement_shares.0.share_pct": "61"}),
    ("W-SET-1", {"settlement_shares.2.meter_no": "关口3"}),
    ("W-SET-1", {"settlement_shares.0.tariff_code": "ZJ-GSY-2-35"}),
    ("W-SET-1", {"settlement_shares": []}),
    ("W-CAP-1", {"contract_cap": "31999"}),
    ("W-CAP-1", {"max_demand_kw": "32001"}),
    ("W-CAP-1", {"expected_annual_mwh": "184465"}),
    ("W-REF-1", {"dispatch_contract_no": "调度一号"}),
]


def test_the_sample_has_no_finding() -> None:
    assert check(changed_sample(NAME, {}), load_pack(), load_profile()) == ()


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_each_rule_notices_its_breach_and_no_other_does(rule: str, changes: dict[str, Any]) -> None:
    assert newly_broken(NAME, changes) == {rule}


def test_every_wholesale_rule_has_a_breach_here() -> None:
    assert {rule for rule, _ in BREACHES} == set(WHOLESALE_CHECKS)


def test_a_dispatch_agreement_not_yet_numbered_may_be_named_by_its_kind() -> None:
    assert newly_broken(NAME, {"dispatch_contract_no": "order:GRID_DISPATCH"}) == set()
    terms = changed_sample(NAME, {"dispatch_contract_no": "order:GRID_DISPATCH"})
    assert terms.related_numbers() == ("order:GRID_DISPATCH",)


def test_seller_and_buyer_are_two_utilities() -> None:
    seller = cast("WholesaleTerms", changed_sample(NAME, {})).supplier
    changes = {
        "consumer.id_no": seller.id_no,
        "consumer.tax_no": seller.id_no,
        "invoice_profile.tax_no": seller.id_no,
    }
    assert newly_broken(NAME, changes) == {"W-LIC-1"}


@given(st.decimals("0.1", "99.9", places=1))
def test_two_shares_of_a_gateway_pass_exactly_when_they_make_a_hundred(first: Decimal) -> None:
    for second, passes in ((100 - first, True), (100 - first + Decimal("0.1"), False)):
        changes = {"settlement_shares.0.share_pct": str(first), "settlement_shares.1.share_pct": str(second)}
        assert (newly_broken(NAME, changes) == set()) is passes
