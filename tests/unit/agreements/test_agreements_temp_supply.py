"""The temporary contract: a purpose, an end, nothing else (R-TEMP-1)."""

from __future__ import annotations

from typing import Any

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample

from contracts_chain.agreements.classes.temp_supply import TEMP_SUPPLY
from contracts_chain.agreements.lv_phrases import TEMP_PHRASES
from contracts_chain.agreements.terms.temp_supply import TempSupplyTerms

TEMP = "temp_supply"
METER = "receiving_points.0.metering_points.0"
PAPER = {"number": "MZGD-1", "dated": "2026-12-22", "sha256": "ab" * 32}
NO_METER = {"receiving_points.0.metering_points": [], "loss_allocation.transformer_loss": "NOT_CHARGED"}
LOW_VOLTAGE = {
    "supply_voltage": "0.38",
    "receiving_points.0.transformers": [],
    "receiving_points.0.sources.0.voltage_kv": "0.38",
    f"{METER}.mode": "LV_LV",
    "loss_allocation.transformer_loss": "NOT_CHARGED",
    "contract_cap": "358",
    "tariff_code": "ZJ-GSY-1-0",
    "tariff_name": "工商业用电（单一制）不满1千伏",
}
BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-HEAD-1", {"receiving_points.0.sources": [], "demarcation_points": []}),
    ("R-HEAD-1", {"unmetered_basis": "按设备容量乘以使用时间"}),
    ("R-PRE-1", {"inspection_report": None}),
    ("R-PRE-1", {"term_permission.dated": "2027-01-01"}),
    ("R-TEMP-1", {"purpose": "无"}),
    ("R-TEMP-1", {"renewal": "NO_OBJECTION"}),
    ("R-TEMP-1", {"special_terms": "用电人可以向相邻工地转供电力。"}),
    ("R-TEMP-1", {"term_permission": None}),
    ("R-TEMP-2", {"special_terms": "用电人应在供电前缴纳用电保证金。"}),
    ("R-TEMP-3", {"formal_application_no": None}),
    ("R-CAP-2", {"contract_cap": "315"}),
    ("R-TAR-1", {"tariff_name": "工商业用电（单一制）"}),
    ("R-TAR-2", {"tariff_choice": None}),
    ("R-PF-1", {"pf_standard": "NONE"}),
    ("R-MET-1", {"loss_allocation.line_loss": "无"}),
    ("R-MET-2", {"loss_allocation.transformer_loss": "NOT_CHARGED"}),
    ("R-LINT-1", {"other_fees": [{"name": "临时接电费", "basis": "无"}]}),
    ("R-CODE-1", {"investment_project_code": "项目一"}),
    ("R-TERM-1", {"valid_to": None}),
]


def temporary(changes: dict[str, Any]) -> TempSupplyTerms:
    terms = changed_sample(TEMP, changes)
    assert isinstance(terms, TempSupplyTerms)
    return terms


@pytest.mark.parametrize(("rule", "changes"), BREACHES)
def test_one_change_of_a_temporary_contract_breaks_exactly_its_rule(
    rule: str, changes: dict[str, Any]
) -> None:
    assert newly_broken(TEMP, changes) == {rule}


@pytest.mark.parametrize(
    ("end", "permission", "broken"),
    [
        ("2027-07-04", None, set()),
        ("2027-07-05", None, {"R-TEMP-1"}),
        ("2029-12-31", PAPER, set()),
        ("2030-01-05", PAPER, {"R-TEMP-1"}),
    ],
)
def test_six_months_without_a_permission_and_three_years_with_one_where_metered(
    end: str, permission: object, broken: set[str]
) -> None:
    found = newly_broken(TEMP, {"valid_to": end, "term_permission": permission})
    assert found - {"R-TERM-2"} == broken


def test_a_published_deposit_may_be_agreed() -> None:
    changes = {
        "special_terms": "用电人按下表预存电费。",
        "other_fees": [{"name": "电费预存", "basis": "省价格主管部门2026年公布的收费目录第4项"}],
    }
    assert newly_broken(TEMP, changes) == set()


def test_a_site_without_meter_says_how_its_energy_is_computed() -> None:
    assert newly_broken(TEMP, NO_METER) == {"R-HEAD-1"}
    basis = {**NO_METER, "unmetered_basis": "用电设备容量358 kW乘以每日使用8小时"}
    assert "R-HEAD-1" not in newly_broken(TEMP, basis)
    assert "不具备装表条件" in TEMP_PHRASES["metering"](temporary(basis))


def test_at_low_voltage_capacity_is_the_equipment_in_kilowatts() -> None:
    assert newly_broken(TEMP, LOW_VOLTAGE) == set()
    assert newly_broken(TEMP, {**LOW_VOLTAGE, "contract_cap": "357"}) == {"R-CAP-2"}
    terms = temporary(LOW_VOLTAGE)
    assert TEMP_PHRASES["capacity"](terms) == "358 kW"
    assert TEMP_PHRASES["transformer_loss"](terms) == ""
    assert TEMP_PHRASES["capacity"](temporary({})) == "400 kVA"


def test_the_term_clause_names_the_paper_that_permits_it() -> None:
    number = raw_sample(TEMP)["terms"]["term_permission"]["number"]
    assert number in TEMP_PHRASES["permission"](temporary({}))
    assert TEMP_PHRASES["permission"](temporary({"term_permission": None})) == "未另行准许延长期限"


def test_the_limits_of_temporary_use_cannot_be_made_inconspicuous() -> None:
    assert {"temp_limits", "end"} <= TEMP_SUPPLY.conspicuous
