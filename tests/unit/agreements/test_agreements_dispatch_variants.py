"""并网调度协议: four variants on one engine, two or three parties, each rule with its breach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from broken_samples import changed_sample, newly_broken
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.classes.book import CLASSES, class_of, classes_of_kind
from contracts_chain.agreements.compose import compose, signature_slots
from contracts_chain.agreements.rules.dispatch_rules import DISPATCH_CHECKS
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.rules.station_rules import PLANT_CHECKS, RENEWABLE_CHECKS, STORAGE_CHECKS
from contracts_chain.agreements.rules.substation_rules import SUBSTATION_CHECKS
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import AgreementKind, DispatchTerms, Terms
from contracts_chain.agreements.terms.codes import StationType
from contracts_chain.agreements.terms.dispatch_storage import StorageDispatchTerms
from contracts_chain.agreements.terms_json import TermsUnreadableError
from pdfgen.document import Clause, Document, Heading

SUBSTATION, PLANT = "grid_dispatch_substation", "grid_dispatch_plant"
RENEWABLE, STORAGE = "grid_dispatch_renewable", "grid_dispatch_storage"
VARIANTS = (SUBSTATION, PLANT, RENEWABLE, STORAGE)
DETAILED = (PLANT, RENEWABLE, STORAGE)
NOBODY = {"role": "neighbour", "number": "N-1"}

SHARED_BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("D-NOS-1", {"contract_nos": []}),
    ("D-NOS-1", {"contract_nos.0": NOBODY}),
    ("D-ORG-1", {"dispatch_org.level": "NATIONAL"}),
    ("D-POC-1", {"poc": []}),
    ("D-POC-1", {"poc.0.voltage_kv": "6"}),
    ("R-MET-3", {"gateway_meters.0.multiplier": "1"}),
    ("D-SYNC-1", {"first_sync_date": "2026-12-30"}),
    ("D-NAME-1", {"dispatch_name_approval": None}),
    ("D-NAME-1", {"equipment_names.0.approved_on": "2027-01-01"}),
    ("D-JUR-1", {"jurisdiction.0.level": None}),
    ("D-RLY-2", {"relay_settings.approval": None}),
    ("D-AUTO-1", {"automation": []}),
    ("D-AUTO-1", {"automation.0.parameters": "/"}),
    ("D-SEC-1", {"secmon.filing_no": "无"}),
    ("D-DUTY-1", {"duty_staff.0.certificate_no": None}),
    ("D-DUTY-2", {"duty_staff.3.valid_to": "2028-01-01"}),
]
OWN_BREACHES: list[tuple[str, str, dict[str, Any]]] = [
    (SUBSTATION, "D-REL-1", {"related_contract_nos": ["合同一"]}),
    (SUBSTATION, "D-CAP-1", {"installed_mva": "12.60001"}),
    (SUBSTATION, "D-RLY-1", {"relay_settings.free_of_charge": False}),
    (PLANT, "D-REL-2", {"purchase_contract_nos": []}),
    (PLANT, "D-UNIT-1", {"installed_mw": "161"}),
    (PLANT, "D-UNIT-1", {"unit_count": 3}),
    (PLANT, "D-PERF-1", {"primary_freq.droop_pct": None}),
    (PLANT, "D-PERF-1", {"primary_freq.enabled": False}),
    (RENEWABLE, "D-UNIT-1", {"units.0.quantity": 31}),
    (RENEWABLE, "D-RIDE-1", {"lvrt.fitted": False}),
    (RENEWABLE, "D-RIDE-1", {"hvrt.limits": "/"}),
    (RENEWABLE, "D-FC-1", {"forecast.ultra_short": "无"}),
    (RENEWABLE, "D-RAMP-1", {"ramp.one_minute_mw": "34"}),
    (RENEWABLE, "D-LIC-1", {"project_filing_no": "无"}),
    (RENEWABLE, "D-NOS-1", {"contract_nos.1.number": "QHXN-2026-31"}),
    (RENEWABLE, "D-ORG-1", {"dispatch_org.level": "PREFECTURE", "jurisdiction.3.level": "PREFECTURE"}),
    (STORAGE, "D-REL-1", {"related_contract_nos": []}),
    (STORAGE, "D-UNIT-1", {"rated_mwh": "99"}),
    (STORAGE, "D-UNIT-1", {"rated_mw": "49"}),
    (STORAGE, "D-STO-1", {"soc_min": "90"}),
    (STORAGE, "D-STO-1", {"response_ms": 0}),
    (STORAGE, "D-RIDE-1", {"hvrt.fitted": False}),
    (STORAGE, "R-ID-2", {"cust_no": "1105102600722"}),
]


def composed(terms: Terms) -> Document:
    return compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXBD2600001",
        not_before=None,
        qr_text="https://example.test",
        created_utc=datetime(2026, 11, 20, tzinfo=UTC),
        mark="TEST",
    )


def chapters(name: str) -> list[str]:
    headings = [
        b for b in composed(changed_sample(name, {})).blocks if isinstance(b, Heading) and b.level == 1
    ]
    return [heading.text.partition("章 ")[2] for heading in headings if heading.text.startswith("第")]


def titles(terms: Terms) -> set[str]:
    return {block.title for block in composed(terms).blocks if isinstance(block, Clause)}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_sample_of_each_variant_has_no_finding(name: str) -> None:
    assert check(changed_sample(name, {}), load_pack(), load_profile()) == ()


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize(("rule", "changes"), SHARED_BREACHES)
def test_each_shared_rule_notices_its_breach_in_every_variant(
    rule: str, changes: dict[str, Any], name: str
) -> None:
    assert newly_broken(name, changes) == {rule}


@pytest.mark.parametrize(("name", "rule", "changes"), OWN_BREACHES)
def test_each_rule_of_a_variant_notices_its_breach(name: str, rule: str, changes: dict[str, Any]) -> None:
    assert newly_broken(name, changes) == {rule}


def test_one_channel_is_not_enough() -> None:
    route = cast("DispatchTerms", changed_sample(PLANT, {})).telecom_channels[0].route
    assert newly_broken(PLANT, {"telecom_channels.1.route": route}) == {"D-TEL-1"}


def test_every_dispatch_rule_has_a_breach_here() -> None:
    tried = {rule for rule, _ in SHARED_BREACHES} | {rule for _, rule, _ in OWN_BREACHES}
    coded = {*DISPATCH_CHECKS, *SUBSTATION_CHECKS, *PLANT_CHECKS, *RENEWABLE_CHECKS, *STORAGE_CHECKS}
    assert coded - tried == {"D-TYPE-1", "D-TEL-1"}


def test_terms_made_for_another_kind_of_station_are_noticed() -> None:
    plant = cast("DispatchTerms", changed_sample(PLANT, {}))
    other = replace(plant, station_type=StationType.WIND)
    assert "D-TYPE-1" in {finding.rule for finding in check(other, load_pack(), load_profile())}


def test_each_station_type_has_exactly_one_variant() -> None:
    words = [
        one.choice.words for one in classes_of_kind(AgreementKind.GRID_DISPATCH) if one.choice is not None
    ]
    assert sorted(word for listed in words for word in listed) == sorted(
        str(one.value) for one in StationType
    )


def test_terms_of_one_variant_do_not_read_as_another() -> None:
    with pytest.raises(TermsUnreadableError, match="installed_mw"):
        changed_sample(PLANT, {"station_type": "STORAGE"})


@pytest.mark.parametrize("name", [PLANT, RENEWABLE])
def test_plants_and_renewables_follow_the_base_order_of_twenty_chapters(name: str) -> None:
    assert chapters(name) == [
        "定义与解释", "各方陈述", "各方义务", "并网条件", "并网申请及受理", "调试期的并网调度", "调度运行",
        "发电计划", "设备检修", "继电保护及安全自动装置", "调度自动化", "调度通信", "事故（事件）处理与调查",
        "不可抗力", "违约责任", "协议的生效和期限", "协议的变更、转让和终止", "争议的解决",
        "适用法律", "其他",
    ]  # fmt: skip


def test_storage_has_twenty_two_chapters_with_its_own_three() -> None:
    found = chapters(STORAGE)
    assert len(found) == 22
    assert (found[7], found[9], found[13]) == ("充/放电计划", "涉网性能", "电力监控系统安全防护")


@pytest.mark.parametrize(
    ("kind", "own"),
    [("THERMAL", "燃料储备"), ("GAS", "燃料储备"), ("HYDRO", "水库运用"), ("NUCLEAR", "核安全优先")],
)
def test_each_kind_of_plant_gets_its_own_clause_and_no_other(kind: str, own: str) -> None:
    found = titles(changed_sample(PLANT, {"station_type": kind}))
    assert {"燃料储备", "水库运用", "核安全优先"} & found == {own}


@pytest.mark.parametrize("name", [SUBSTATION, PLANT, STORAGE])
def test_two_parties_sign_owner_first_utility_last(name: str) -> None:
    slots = signature_slots(changed_sample(name, {}))
    assert [slot.kind for slot in slots] == ["person", "seal", "person", "seal"]
    assert slots[0].party_role in {"consumer", "owner"}
    assert slots[-1].name == "SupplierSeal"


def test_a_third_party_signs_between_and_is_told_of_on_cover_and_page() -> None:
    terms = changed_sample(RENEWABLE, {})
    order = [slot.party_role for slot in signature_slots(terms)]
    assert order == ["owner", "owner", "dispatch_centre", "dispatch_centre", "supplier", "supplier"]
    document = composed(terms)
    cover = dict(document.cover)
    assert cover["场站方合同编号"] == "QHXN-2026-31"
    assert cover["调度方合同编号"] == "ZDDD-2026-0219"
    text = "".join(block.text for block in document.blocks if isinstance(block, Clause))
    assert "电网方、场站方与调度方依据" in text
    assert "三方各自声明" in text
    assert "双方" not in text
    assert "调度方的地位" in titles(terms)


def test_a_substation_may_have_the_provincial_centre_as_third_party() -> None:
    centre = cast("DispatchTerms", changed_sample(RENEWABLE, {})).dispatch_centre
    terms = cast("DispatchTerms", changed_sample(SUBSTATION, {}))
    assert "调度方的地位" not in titles(terms)
    three = replace(terms, dispatch_centre=centre)
    assert "调度方的地位" in titles(three)
    found = {finding.rule for finding in check(three, load_pack(), load_profile())}
    assert found == {"D-NOS-1", "D-ORG-1"}


@pytest.mark.parametrize("name", DETAILED)
def test_clauses_that_burden_the_owner_stand_out(name: str) -> None:
    terms = changed_sample(name, {})
    bold = {
        block.title for block in composed(terms).blocks if isinstance(block, Clause) and block.conspicuous
    }
    assert {"调度指令", "紧急调度", "调度免责", "电子签名", "存证和证据方法"} <= bold


@given(low=st.decimals(-5, 105, places=1), high=st.decimals(-5, 105, places=1))
def test_states_of_charge_pass_exactly_when_in_order_between_0_and_100(low: Decimal, high: Decimal) -> None:
    terms = cast("StorageDispatchTerms", changed_sample(STORAGE, {}))
    asked = replace(terms, soc_min=low, soc_max=high)
    ground_rules = {finding.rule for finding in check(asked, load_pack(), load_profile())}
    assert ("D-STO-1" in ground_rules) is not (0 <= low < high <= 100)


def test_no_variant_is_forgotten_in_the_book() -> None:
    ids = {one.id for one in CLASSES if one.kind is AgreementKind.GRID_DISPATCH}
    assert ids == {name.upper() for name in VARIANTS}
