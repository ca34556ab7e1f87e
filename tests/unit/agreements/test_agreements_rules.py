from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts_chain.agreements.rules.common_rules import COMMON_CHECKS
from contracts_chain.agreements.rules.finding import (
    Finding,
    RulesViolatedError,
    Severity,
    require_no_errors,
)
from contracts_chain.agreements.rules.pack import RulePack, check, check_pair
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.rules.supply_checks import HV_CHECKS
from contracts_chain.agreements.terms import HvSupplyTerms, SubstationDispatchTerms, Terms
from contracts_chain.agreements.terms_json import load_order, load_terms, terms_json

# Origin: the sample order with 27 fields changed by hand, each against a rule of pack 2026.1.
BROKEN = Path(__file__).parents[2] / "vectors" / "zhejiang_35kv_broken.json"

SOURCE = "receiving_points.0.sources"
METER = "receiving_points.0.metering_points.0"
SUPPLY_BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("R-PACK-1", {"rule_pack_version": "1999.1"}),
    ("R-HEAD-1", {"demarcation_points": []}),
    ("R-HEAD-1", {"receiving_points.0.sources": []}),
    ("R-PRE-1", {"supply_scheme": None}),
    ("R-PRE-1", {"inspection_report.dated": "2027-03-01"}),
    ("R-PRE-2", {"supply_start": "2026-12-30"}),
    ("R-ID-1", {"supplier.id_no": "91330200MA23AMP15Y"}),
    ("R-ID-1", {"consumer.legal_rep.id_no": "110105194912310021"}),
    ("R-ID-1", {"consumer.legal_rep.id_no": "330299201501010158"}),
    ("R-ID-2", {"cust_no": "1105102600127"}),
    ("R-LIC-1", {"supplier.licence_no": None}),
    ("R-PARTY-1", {"consumer.seal_name": None}),
    ("R-PARTY-2", {"consumer.id_type": "OTHER"}),
    (
        "R-ID-1",
        {"consumer.legal_rep.id_type": "OTHER", "consumer.legal_rep.id_no": "身份证330299197809230152"},
    ),
    ("R-ID-3", {"consumer.legal_rep.id_type": "OTHER", "consumer.legal_rep.id_no": "E12345678"}),
    ("R-DATE-1", {"supply_scheme.dated": "2026-09-02"}),
    ("R-DATE-1", {"retail.0.retail_to": "2027-01-04"}),
    ("R-DATE-1", {"application.dated": "1926-09-03"}),
    ("R-NUM-1", {"security_load_kw": "-1"}),
    ("R-NUM-1", {"backup_sources.0.quantity": 0, "security_load_kw": None}),
    ("R-NUM-1", {"quality.frequency_deviation_hz": "-0.2"}),
    ("R-NUM-2", {"reading_day": 29}),
    ("R-NUM-2", {"pay_by_day": 32}),
    ("R-HASH-1", {"annexes.0.sha256": "0" * 63}),
    ("R-NO-1", {"annexes.1.no": "附件1"}),
    ("R-NOTE-1", {"consumer.email": "power@yongxin"}),
    ("R-NOTE-1", {"consumer.mobile": "无"}),
    ("R-INV-1", {"invoice_profile.title": "甲公司"}),
    ("R-INV-1", {"invoice_profile.tax_no": "91330200MA23AMP15X"}),
    ("R-CODE-1", {"industry_cls": "铸造"}),
    ("R-CODE-1", {"investment_project_code": "2609-330299"}),
    ("R-AUTH-1", {"supplier.agent.letter.valid_to": "2026-12-30"}),
    ("R-AUTH-1", {"supplier.agent.letter.capacity_limit_kva": "500"}),
    ("R-AUTH-1", {"supplier.agent.letter.kinds": ["GRID_DISPATCH"]}),
    ("R-AUTH-1", {"supplier.agent.letter.principal": "另一公司"}),
    ("R-AUTH-1", {"supplier.agent.letter.delegated_by": "MZGD-SQ-2026-001"}),
    ("R-VOLT-1", {"supply_voltage": "6"}),
    ("R-VOLT-2", {"connected_load_kw": "80"}),
    ("R-FREQ-1", {"frequency_hz": 60}),
    ("R-CAP-1", {"contract_cap": "12599.5"}),
    ("R-CAP-1", {"run_cap": "12601"}),
    ("R-TAR-1", {"elec_categ": "301"}),
    ("R-TAR-1", {"tariff_code": "NONE"}),
    ("R-TAR-2", {"tariff_system": "SINGLE_PART"}),
    ("R-TAR-3", {"expected_monthly_kwh": "3276000"}),
    ("R-PF-1", {"pf_standard": "0.85"}),
    ("R-DEM-1", {"contract_demand_kw": "5039"}),
    ("R-DEM-1", {"basic_fee_mode": None}),
    ("R-DEM-2", {}),
    ("R-DEM-3", {f"{SOURCE}.1.contract_demand_kw": None}),
    (
        "R-DEM-4",
        {
            "basic_fee_change": {
                "kind": "MODE",
                "applied_on": "2026-12-01",
                "effective_on": "2027-01-01",
                "working_days_before": 14,
            }
        },
    ),
    ("R-LATE-1", {"late_fee_permille_per_day": "3.001"}),
    ("R-LATE-1", {"late_fee_earlier_permille_per_day": "0.999"}),
    ("R-CUT-1", {"cut_off.overdue_days": 29}),
    ("R-CUT-1", {"cut_off.reminder": False}),
    ("R-CUT-2", {"cut_off.paper_service": False}),
    ("R-OUT-1", {"outage_notice.temporary_hours": 23}),
    ("R-QUAL-1", {"quality.deviation_plus_pct": "5.1"}),
    ("R-QUAL-1", {"quality.abnormal_pct": "11"}),
    ("R-MET-1", {f"{METER}.at_demarcation": False, "loss_allocation.line_loss": "无"}),
    ("R-MET-2", {"loss_allocation.transformer_loss": "CHARGED"}),
    ("R-MET-3", {f"{METER}.multiplier": "10501"}),
    ("R-MET-3", {f"{METER}.ct_ratio": "150/2"}),
    ("R-MET-3", {f"{METER}.pt_ratio": "35kV"}),
    ("R-REL-1", {"importance_level": "L1", "source_count": "SINGLE"}),
    ("R-BKP-1", {"backup_sources.0.interlock": "无"}),
    ("R-BKP-2", {"security_load_kw": "417"}),
    ("R-TERM-1", {"valid_to": None}),
    ("R-TERM-2", {"valid_to": "2030-01-06"}),
    ("R-MKT-1", {"retail": []}),
    ("R-MKT-1", {"market_attr": "AGENT_PURCHASE"}),
    ("R-TPL-1", {"model_text_no": "SGTYHT/24-JS-004"}),
    ("R-TPL-3", {"special_terms": "投运日期：____"}),
    ("R-TPL-4", {"special_terms": "【注：此处由法务填写】"}),
    ("R-SIGN-1", {"signed_on": "2026-12-20"}),
    ("R-LINT-1", {"special_terms": "用电人应当选用甲公司的设备"}),
    ("R-LINT-1", {"other_fees": [{"name": "服务费", "basis": "无"}]}),
    ("R-OBS-1", {"special_terms": "用电人应缴纳供电贴费"}),
]
# Rules that the same wrong value breaks besides.
COMPANIONS: dict[str, set[str]] = {
    "R-PARTY-2": {"R-ID-1", "R-ID-3", "R-INV-1"},
    "R-VOLT-1": {"R-TAR-1"},
    "R-TAR-2": {"R-TAR-1"},
    "R-DEM-1": {"R-DEM-3"},
}
DISPATCH_BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("R-AUTH-1", {"supplier.agent.letter.capacity_limit_kva": "12000"}),
    ("D-REL-1", {"related_contract_nos": ["合同一"]}),
    ("D-CAP-1", {"installed_mva": "12.60001"}),
    ("D-POC-1", {"poc": []}),
    ("R-MET-3", {"gateway_meters.0.multiplier": "1"}),
    ("D-SYNC-1", {"first_sync_date": "2026-12-30"}),
    ("D-NAME-1", {"dispatch_name_approval": None}),
    ("D-NAME-1", {"equipment_names.0.approved_on": "2027-01-01"}),
    ("D-JUR-1", {"jurisdiction.1.equipment": "甬新变3581进线开关"}),
    ("D-JUR-1", {"jurisdiction.0.level": None}),
    ("D-RLY-1", {"relay_settings.calculator": "DESIGNER"}),
    ("D-RLY-1", {"relay_settings.free_of_charge": False}),
    ("D-RLY-2", {"relay_settings.approval": None}),
    ("D-TEL-1", {"telecom_channels.1.route": "经甬新3581线OPGW至东港变"}),
    ("D-DUTY-1", {"duty_staff.0.certificate_no": None}),
    ("D-DUTY-2", {"duty_staff.3.valid_to": "2028-01-01"}),
]


def broken(terms: Terms, changes: dict[str, Any]) -> Terms:
    whole: Any = json.loads(json.dumps(terms_json(terms)))
    for path, value in changes.items():
        place: Any = whole["terms"]
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        for step in steps:
            place = place[step]
        place[last] = value
    return load_terms(json.dumps(whole).encode())


def rules_of(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


def test_the_sample_order_has_no_errors(
    supply: HvSupplyTerms, dispatch: SubstationDispatchTerms, pack: RulePack, profile: Profile
) -> None:
    findings = (*check(supply, pack, profile), *check(dispatch, pack, profile))
    assert {f.rule for f in findings if f.severity is not Severity.INFORMATION} == set()
    assert check_pair(supply, dispatch, pack) == ()
    require_no_errors(findings)


@pytest.mark.parametrize(("rule", "changes"), SUPPLY_BREAKS)
def test_each_supply_rule_notices_its_breach(
    rule: str, changes: dict[str, Any], supply: HvSupplyTerms, pack: RulePack, profile: Profile
) -> None:
    before = rules_of(check(supply, pack, profile))
    findings = check(broken(supply, changes), pack, profile)
    assert rule in rules_of(findings)
    assert rules_of(findings) - before - COMPANIONS.get(rule, set()) <= {rule}
    assert all(f.zh and f.en and f.path for f in findings)


@pytest.mark.parametrize(("rule", "changes"), DISPATCH_BREAKS)
def test_each_dispatch_rule_notices_its_breach(
    rule: str, changes: dict[str, Any], dispatch: SubstationDispatchTerms, pack: RulePack, profile: Profile
) -> None:
    assert rule in rules_of(check(broken(dispatch, changes), pack, profile))


def test_every_rule_of_high_voltage_supply_has_a_breach_here() -> None:
    tried = {rule for rule, _ in SUPPLY_BREAKS}
    assert tried == {*COMMON_CHECKS, *HV_CHECKS}


def test_the_broken_vector_breaks_more_than_ten_rules_and_all_are_told(
    pack: RulePack, profile: Profile
) -> None:
    agreements = load_order(BROKEN.read_bytes()).agreements
    findings = tuple(finding for terms in agreements for finding in check(terms, pack, profile))
    with pytest.raises(RulesViolatedError) as refused:
        require_no_errors(findings)
    errors = {finding.rule for finding in refused.value.findings}
    assert len(errors) >= 20
    assert all(rule in refused.value.zh for rule in errors)


def test_the_late_fee_message_says_range_value_and_clause(
    supply: HvSupplyTerms, pack: RulePack, profile: Profile
) -> None:
    findings = check(broken(supply, {"late_fee_permille_per_day": "5"}), pack, profile)
    (finding,) = (f for f in findings if f.rule == "R-LATE-1")
    assert finding.zh == "违约金每日应为 1‰–3‰，现为 5‰"
    assert finding.source == "《电力供应与使用条例》第三十九条"
    assert finding.path == "late_fee_permille_per_day"


def test_errors_come_before_warnings(supply: HvSupplyTerms, pack: RulePack, profile: Profile) -> None:
    changes = {"special_terms": "应当选用甲厂设备", "frequency_hz": 60}
    gravity = [finding.severity for finding in check(broken(supply, changes), pack, profile)]
    assert gravity == sorted(gravity, key=list(Severity).index)


def test_overlapping_retail_contracts_are_noticed(
    supply: HvSupplyTerms, pack: RulePack, profile: Profile
) -> None:
    whole: Any = terms_json(supply)
    first = whole["terms"]["retail"][0]
    second = {**first, "retail_contract_no": "ZJLS-2", "retail_from": "2027-12-31", "retail_to": "2028-12-31"}
    findings = check(broken(supply, {"retail": [first, second]}), pack, profile)
    assert "R-MKT-1" in rules_of(findings)


def test_agreements_of_one_order_must_agree(
    supply: HvSupplyTerms, dispatch: SubstationDispatchTerms, pack: RulePack
) -> None:
    other = broken(dispatch, {"cust_no": "3305102600128"})
    assert isinstance(other, SubstationDispatchTerms)
    (finding,) = check_pair(supply, other, pack)
    assert finding.path == "cust_no"


@pytest.mark.parametrize(
    ("capacity", "system", "choice", "noticed"),
    [
        ("100", "TWO_PART", None, True),
        ("100", "SINGLE_PART", None, False),
        ("200", "SINGLE_PART", None, True),
        ("200", "TWO_PART", "用户申请书", False),
        ("315", "SINGLE_PART", None, True),
        ("315", "SINGLE_PART", "改革前单一制用户选择", False),
        ("315", "TWO_PART", None, False),
    ],
)
def test_the_tariff_system_follows_the_capacity(
    supply: HvSupplyTerms,
    pack: RulePack,
    profile: Profile,
    capacity: str,
    system: str,
    choice: str | None,
    noticed: bool,
) -> None:
    terms = broken(supply, {"contract_cap": capacity, "tariff_system": system, "tariff_choice": choice})
    assert ("R-TAR-2" in rules_of(check(terms, pack, profile))) is noticed


@pytest.mark.parametrize(
    ("category", "capacity", "regulated", "due"),
    [
        ("100", "161", False, "0.90"),
        ("403", "160", False, "0.85"),
        ("403", "99", False, "NONE"),
        ("405", "100", False, "0.85"),
        ("405", "100", True, "0.90"),
        ("301", "3200", False, "0.90"),
        ("301", "3199", False, "0.85"),
        ("300", "5000", False, "0.80"),
        ("500", "5000", False, "0.80"),
        ("202", "5000", False, "NONE"),
    ],
)
def test_the_power_factor_standard_follows_category_and_capacity(
    supply: HvSupplyTerms,
    pack: RulePack,
    profile: Profile,
    category: str,
    capacity: str,
    regulated: bool,
    due: str,
) -> None:
    changes: dict[str, Any] = {"elec_categ": category, "contract_cap": capacity, "pf_standard": due}
    for index in (0, 1):
        changes[f"receiving_points.0.transformers.{index}.on_load_tap_changer"] = regulated
    assert "R-PF-1" not in rules_of(check(broken(supply, changes), pack, profile))
    changes["pf_standard"] = "0.85" if due != "0.85" else "0.80"
    assert "R-PF-1" in rules_of(check(broken(supply, changes), pack, profile))


@pytest.mark.parametrize(
    ("voltage", "plus", "minus", "noticed"),
    [
        ("35", "5", "5", False),
        ("10", "7", "7", False),
        ("10", "7", "8", True),
        ("0.22", "7", "10", False),
        ("0.22", "8", "10", True),
    ],
)
def test_voltage_deviation_limits_follow_the_voltage(
    supply: HvSupplyTerms,
    pack: RulePack,
    profile: Profile,
    voltage: str,
    plus: str,
    minus: str,
    noticed: bool,
) -> None:
    changes = {
        "supply_voltage": voltage,
        "quality.deviation_plus_pct": plus,
        "quality.deviation_minus_pct": minus,
    }
    assert ("R-QUAL-1" in rules_of(check(broken(supply, changes), pack, profile))) is noticed
