"""The low-voltage contracts: every rule has its breach, every wording its terms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from broken_samples import changed_sample, newly_broken, raw_sample

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.lv_phrases import LV_NONRES_PHRASES, RES_PHRASES
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.slots import signature_slots
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms
from contracts_chain.agreements.terms.lv_res import LvResTerms
from pdfgen.document import Clause, Document, PartyBlock
from pdfgen.render import render

NONRES, RES = "lv_nonres_supply", "lv_res_supply"
METER = "receiving_points.0.metering_points.0"
SOURCE = "receiving_points.0.sources.0"
TRANSFORMER = {
    "no": "1",
    "model": "S20-100/10",
    "capacity_kva": "100",
    "primary_kv": "10",
    "secondary_kv": "0.4",
    "quantity": 1,
    "on_load_tap_changer": False,
    "state": "RUN",
}
BACKUP = {
    "kind": "柴油发电机组",
    "quantity": 1,
    "capacity_kw": "30",
    "site": "后院",
    "transfer": "MANUAL",
    "interlock": "双投刀闸机械闭锁",
    "not_paralleled": True,
}
SCHEME = {"number": "FA20261111", "dated": "2026-11-11", "sha256": "fa" * 32}
MINOR = "330299201505050020"
GUARDIAN = {
    "person": {
        "name": "林知夏",
        "post": "母亲",
        "id_type": "RESIDENT_ID",
        "id_no": "330299198804120020",
        "phone": "19900000052",
    },
    "letter": {
        "number": "监护关系证明2026-018",
        "principal": "林晓棠",
        "kinds": ["LV_RES_SUPPLY"],
        "matters": "作为监护人代理签订居民供用电合同",
        "may_delegate": False,
        "valid_from": "2026-01-01",
        "valid_to": "2027-12-31",
        "sha256": "5d" * 32,
    },
}
NONRES_BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-HEAD-1", {"receiving_points.0.metering_points": []}),
    ("R-HEAD-1", {"demarcation_points.0.source_no": "电源9"}),
    ("R-PRE-1", {"application": None}),
    ("R-PRE-1", {"zero_investment": False}),
    ("R-LV-1", {f"{SOURCE}.voltage_kv": "10"}),
    ("R-LV-1", {"receiving_points.0.transformers": [TRANSFORMER]}),
    ("R-CAP-2", {"contract_cap": "58"}),
    ("R-CAP-2", {"equipment": []}),
    ("R-ZERO-1", {"investment_interface": "供电人投资至配电箱"}),
    ("R-ZERO-1", {"other_fees": [{"name": "校验费", "basis": "省公布的收费目录第3项"}]}),
    ("R-TAR-1", {"tariff_code": "ZJ-GSY-2-0"}),
    ("R-TAR-1", {"elec_categ": "301"}),
    ("R-PF-1", {"pf_standard": "0.85"}),
    ("R-MET-1", {f"{METER}.at_demarcation": False, "loss_allocation.line_loss": "无"}),
    ("R-MET-2", {"loss_allocation.transformer_loss": "CHARGED"}),
    ("R-MET-3", {f"{METER}.multiplier": "2"}),
    ("R-REL-1", {"importance_level": "L2"}),
    ("R-BKP-1", {"backup_sources": [{**BACKUP, "interlock": "无"}]}),
    ("R-MKT-1", {"market_attr": "RETAIL"}),
    (
        "R-LINT-1",
        {
            "other_fees": [{"name": "服务费", "basis": "无"}],
            "zero_investment": False,
            "supply_scheme": SCHEME,
        },
    ),
    ("R-CODE-1", {"industry_cls": "糕点"}),
    ("R-QUAL-1", {"quality.deviation_minus_pct": "10"}),
]
RES_BREACHES: list[tuple[str, dict[str, Any]]] = [
    ("R-HEAD-1", {"demarcation_points": []}),
    ("R-PRE-1", {"application": None}),
    ("R-LV-1", {f"{METER}.mode": "HV_LV"}),
    ("R-MET-1", {f"{METER}.at_demarcation": False}),
    ("R-RES-1", {"price_scheme": "UNIFORM"}),
    ("R-RES-2", {"property_proof": None}),
    ("R-RES-2", {"property_proof.dated": "2027-01-01"}),
    ("R-LATE-2", {"late_fee_permille_per_day": "2"}),
    ("R-LATE-2", {"late_fee_earlier_permille_per_day": "3"}),
    ("R-CUT-1", {"cut_off.notice_days": 6}),
    ("R-CUT-2", {"cut_off.paper_service": False}),
    ("R-QUAL-1", {"quality.deviation_minus_pct": "11"}),
    ("R-ID-1", {"consumer.id_no": "330299199105260028"}),
    ("R-ID-1", {"consumer.id_no": MINOR}),
    ("R-PARTY-2", {"consumer.seal_name": "合同专用章"}),
]


@pytest.mark.parametrize(("rule", "changes"), NONRES_BREACHES)
def test_one_change_of_a_nonresident_contract_breaks_exactly_its_rule(
    rule: str, changes: dict[str, Any]
) -> None:
    assert newly_broken(NONRES, changes) == {rule}


@pytest.mark.parametrize(("rule", "changes"), RES_BREACHES)
def test_one_change_of_a_residents_contract_breaks_exactly_its_rule(
    rule: str, changes: dict[str, Any]
) -> None:
    assert newly_broken(RES, changes) == {rule}


def test_equipment_above_every_low_voltage_limit_is_a_warning() -> None:
    changes = {
        "contract_cap": "161",
        "equipment": [{"name": "电窑炉", "power_kw": "161", "quantity": 1}],
        "pf_standard": "0.85",
        "tariff_choice": "用电人选择单一制",
        "supplier.agent.letter.capacity_limit_kva": "1000",
    }
    assert newly_broken(NONRES, changes) == {"R-VOLT-3"}


@pytest.mark.parametrize(("metres", "broken"), [("50", False), ("50.5", True)])
def test_in_shandong_the_line_after_the_meter_is_fifty_metres_at_most(metres: str, broken: bool) -> None:
    terms = changed_sample(RES, {"province": "SD", f"{METER}.after_meter_line_m": metres})
    found = {finding.rule for finding in check(terms, load_pack(), load_profile("SD"))}
    assert ("R-MET-1" in found) is broken


def test_a_residents_contract_for_a_shop_is_refused() -> None:
    found = newly_broken(RES, {"elec_categ": "405"})
    assert "R-RES-1" in found


def test_a_minor_is_a_party_only_through_a_guardian_who_is_of_age_and_named_with_the_reason() -> None:
    minor = {"consumer.id_no": MINOR, "consumer.agent": GUARDIAN}
    assert newly_broken(RES, minor) == {"R-ID-1"}
    noted = {**minor, "consumer.capacity_note": "未满十八周岁，由监护人林知夏代理"}
    assert newly_broken(RES, noted) == set()
    child = {**GUARDIAN, "person": {**GUARDIAN["person"], "id_no": MINOR}}  # type: ignore[dict-item]
    assert newly_broken(RES, {**noted, "consumer.agent": child}) == {"R-ID-1"}


def test_a_guardian_signs_for_the_child_and_the_page_says_by_what_right() -> None:
    note = "未满十八周岁，由监护人林知夏代理"
    changes = {"consumer.id_no": MINOR, "consumer.agent": GUARDIAN, "consumer.capacity_note": note}
    slot = signature_slots(changed_sample(RES, changes))[0]
    assert (slot.signer_name, slot.organisation, slot.organisation_id) == ("林知夏", "林晓棠", "")
    document = composed(RES, changes)
    party = [block for block in document.blocks if isinstance(block, PartyBlock)][1]
    assert ("民事行为能力", note) in party.facts
    assert party.slots[0].label == "法定代理人（签字）"
    formed = next(b for b in document.blocks if isinstance(b, Clause) and b.title == "成立和生效")
    assert "用电人由法定代理人签字" in formed.text
    assert note in formed.text


def test_a_zero_investment_contract_asks_for_no_scheme_and_says_that_the_company_pays() -> None:
    terms = changed_sample(NONRES, {})
    assert isinstance(terms, LvNonresTerms)
    assert terms.supply_scheme is None
    assert "供电人出资" in LV_NONRES_PHRASES["investment"](terms)
    paid = changed_sample(NONRES, {"zero_investment": False})
    assert isinstance(paid, LvNonresTerms)
    assert LV_NONRES_PHRASES["investment"](paid) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "按居民阶梯电价分档计价。用电人选择执行居民分时电价。"),
        ({"price_scheme": "UNIFORM", "tou_flag": False}, "按居民合表电价计价，不分档。"),
    ],
)
def test_the_price_clause_follows_the_scheme(changes: dict[str, Any], words: str) -> None:
    terms = changed_sample(RES, changes)
    assert isinstance(terms, LvResTerms)
    assert RES_PHRASES["price"](terms) == words


def test_the_reading_clause_has_its_day_or_the_published_one() -> None:
    for changes, words in (
        ({}, "供电人以每月1日为例日抄录电能表，按月结算电费。"),
        ({"reading_day": None, "settle_cycle": None}, "供电人按公布的抄表例日抄录电能表。"),
    ):
        terms = changed_sample(RES, changes)
        assert isinstance(terms, LvResTerms)
        assert RES_PHRASES["reading"](terms) == words


def composed(name: str, changes: dict[str, Any]) -> Document:
    terms = changed_sample(name, changes)
    return compose(
        terms,
        load_template(class_of(terms)),
        number="SGZJMZ00YXJM2600001",
        not_before=None,
        qr_text="https://example.test/q/1",
        created_utc=datetime(2026, 12, 20, 4, tzinfo=UTC),
        mark="TEST",
    )


def test_the_residents_contract_is_short_without_cover_and_fits_four_pages() -> None:
    document = composed(RES, {})
    rendered = render(document)
    assert document.cover == ()
    assert rendered.pages <= 4
    assert rendered.block_pages[0] == 1
    assert {slot.page for slot in rendered.slots} == {rendered.pages}


def test_a_natural_person_signs_by_hand_alone_and_no_number_of_its_card_is_in_any_slot() -> None:
    terms = changed_sample(RES, {})
    own = [slot for slot in signature_slots(terms) if slot.party_role == "consumer"]
    assert [(slot.name, slot.signer_name, slot.organisation_id) for slot in own] == [
        ("ConsumerPerson", "林晓棠", "")
    ]
    blocks = [block for block in composed(RES, {}).blocks if isinstance(block, PartyBlock)]
    assert [[slot.kind for slot in block.slots] for block in blocks] == [["person", "seal"], ["person"]]


def test_the_full_number_of_a_residents_card_is_neither_printed_nor_attached() -> None:
    number = raw_sample(RES)["terms"]["consumer"]["id_no"]
    document = composed(RES, {})
    assert number.encode() not in document.attachments[0].content
    assert all(number not in text for block in document.blocks for text in block.texts())


def test_backup_clauses_stand_only_where_there_is_a_backup_source() -> None:
    def titles(changes: dict[str, Any]) -> list[str]:
        return [block.title for block in composed(NONRES, changes).blocks if isinstance(block, Clause)]

    assert "禁止并列和反送电" not in titles({})
    assert "禁止并列和反送电" in titles({"backup_sources": [BACKUP]})


def test_an_organisation_may_hold_a_residents_contract_and_then_seals_it() -> None:
    firm = raw_sample(NONRES)["terms"]["consumer"]
    terms = changed_sample(RES, {"consumer": firm})
    assert [finding.rule for finding in check(terms, load_pack(), load_profile())] == []
    assert [slot.name for slot in signature_slots(terms)][:2] == ["ConsumerPerson", "ConsumerSeal"]
