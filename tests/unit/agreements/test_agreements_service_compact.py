"""The service compact: days that follow from each other, a boundary that lays nothing on the wrong side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from contracts_chain.agreements.compact_text import COMPACT_PHRASES, COMPACT_TABLES
from contracts_chain.agreements.process_steps import GridProjectType
from contracts_chain.agreements.rules.finding import Confidence, Severity
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.terms.party import DocumentRef
from contracts_chain.agreements.terms.service_compact import (
    CompactSide,
    CustomerClass,
    DuctShare,
    ServiceCompactTerms,
)
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import house_calendar

SAMPLE = load_terms((files("contracts_chain.agreements.samples") / "service_compact.json").read_bytes())
assert isinstance(SAMPLE, ServiceCompactTerms)
APPROVAL = DocumentRef(number="浙电发展〔2026〕88号", dated=date(2026, 9, 1), sha256="ab" * 32)


def found(terms: ServiceCompactTerms, severity: Severity = Severity.ERROR) -> set[tuple[str, str]]:
    findings = check(terms, load_pack(), load_profile("ZJ"))
    return {(finding.rule, finding.path) for finding in findings if finding.severity is severity}


def changed(**changes: object) -> ServiceCompactTerms:
    return replace(SAMPLE, **changes)  # type: ignore[arg-type]


def on_line(index: int, **changes: object) -> ServiceCompactTerms:
    lines = list(SAMPLE.boundary)
    lines[index] = replace(lines[index], **changes)  # type: ignore[arg-type]
    return changed(boundary=tuple(lines))


def test_the_sample_breaks_no_rule() -> None:
    assert check(SAMPLE, load_pack(), load_profile("ZJ")) == ()


def test_completion_is_the_last_of_the_working_days_from_the_approval() -> None:
    assert SAMPLE.working_days == 30
    due = house_calendar().add_working_days(SAMPLE.start_date, 30)
    assert due == SAMPLE.completion_date
    assert found(changed(completion_date=due + timedelta(days=1))) == {("C-DUR-2", "completion_date")}


@pytest.mark.parametrize("days", [0, -3, 31, None])
def test_a_duration_longer_than_promised_or_none_is_refused(days: int | None) -> None:
    assert ("C-DUR-1", "working_days") in found(changed(working_days=days))


def test_works_that_start_on_another_day_than_the_approval_are_refused() -> None:
    assert ("C-START-1", "start_date") in found(changed(start_date=date(2026, 10, 12)))


def test_works_of_35_kv_are_done_before_the_customers_own_and_count_no_days() -> None:
    high = changed(
        grid_project_type=GridProjectType.KV35_110, supply_voltage_kv=Decimal(35), working_days=None
    )
    assert found(high) == set()
    assert found(replace(high, customer_completion_date=None)) == {("C-KV35-1", "customer_completion_date")}
    assert ("C-KV35-1", "completion_date") in found(replace(high, completion_date=date(2026, 11, 21)))
    assert ("C-DUR-1", "working_days") in found(replace(high, working_days=60))
    assert "倒排工期" in COMPACT_PHRASES["duration"](high)


@pytest.mark.parametrize("voltage", ["0.38", "35", "110"])
def test_a_kind_of_works_for_another_voltage_is_refused(voltage: str) -> None:
    assert ("C-TYPE-1", "grid_project_type") in found(changed(supply_voltage_kv=Decimal(voltage)))


def test_an_extended_interface_from_35_kv_needs_an_approval_before_signing() -> None:
    high = changed(
        grid_project_type=GridProjectType.KV35_110,
        supply_voltage_kv=Decimal(35),
        working_days=None,
        interface_extended=True,
    )
    assert found(high) == {("C-APPR-1", "approval_ref")}
    assert found(replace(high, approval_ref=APPROVAL)) == set()
    late = replace(APPROVAL, dated=SAMPLE.sign_by + timedelta(days=1))
    assert ("C-APPR-1", "approval_ref.dated") in found(replace(high, approval_ref=late))
    assert found(changed(interface_extended=True)) == set()
    assert found(changed(approval_ref=APPROVAL)) == {("C-APPR-1", "interface_extended")}


def test_the_customer_pays_for_no_duct_that_it_does_not_use() -> None:
    share = DuctShare(route="海晏路", built=6, used_by_customer=2, paid_by_customer=3)
    assert found(changed(ducts=(share,))) == {("C-DUCT-1", "ducts[0].paid_by_customer")}
    too_many = replace(share, used_by_customer=7, paid_by_customer=2)
    assert found(changed(ducts=(too_many,))) == {("C-DUCT-1", "ducts[0].used_by_customer")}


def test_a_pole_switch_or_instrument_transformer_is_never_the_customers_investment() -> None:
    assert ("C-BND-2", "boundary[1].investor") in found(on_line(1, investor=CompactSide.CUSTOMER))
    assert ("C-BND-2", "boundary[4].investor") in found(on_line(4, investor=CompactSide.CUSTOMER))


def test_a_meter_box_is_the_companys_for_small_firms_only() -> None:
    box = on_line(3, asset="表箱")
    assert found(box) == set()
    assert found(replace(box, customer_class=CustomerClass.LV_SMALL_MICRO)) == {
        ("C-BND-2", "boundary[3].investor")
    }


def test_a_park_customers_boundary_names_the_red_line() -> None:
    park = changed(customer_class=CustomerClass.KV10_PARK)
    assert found(park) == set()
    assert found(replace(park, boundary=park.boundary[1:3])) == {("C-BND-2", "customer_class")}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"demarcation": "无"}, "boundary[2].demarcation"),
        ({"maintainer": CompactSide.SUPPLIER}, "boundary[2].maintainer"),
        ({"builder": CompactSide.SUPPLIER}, "boundary[2].builder"),
    ],
)
def test_each_line_of_the_boundary_is_whole(changes: dict[str, object], path: str) -> None:
    assert found(on_line(2, **changes)) == {("C-BND-1", path)}


def test_without_a_boundary_or_a_plan_of_both_sides_there_is_no_compact() -> None:
    assert ("C-BND-1", "boundary") in found(changed(boundary=()))
    ours = tuple(line for line in SAMPLE.milestones if line.owner is CompactSide.SUPPLIER)
    assert found(changed(milestones=ours)) == {("C-MS-1", "milestones")}


def test_the_plan_stands_in_order_and_ends_with_the_connection() -> None:
    first, *others = SAMPLE.milestones
    assert found(changed(milestones=(*others, first))) == {("C-MS-1", "milestones[6].planned")}
    late = replace(first, planned=SAMPLE.agreed_connection_date + timedelta(days=1))
    assert found(changed(milestones=(*others, late))) == {("C-MS-1", "milestones[6].planned")}
    done = replace(first, actual=SAMPLE.sign_by + timedelta(days=1))
    assert found(changed(milestones=(done, *others))) == {("C-MS-1", "milestones[0].actual")}


def test_a_connection_later_than_wished_has_its_reason_and_an_earlier_one_none() -> None:
    earlier_wish = changed(intended_connection_date=date(2026, 11, 20))
    assert found(earlier_wish) == {("C-DATE-2", "later_reason")}
    assert found(replace(earlier_wish, later_reason="道路挖掘须避开重要活动")) == set()
    assert found(changed(later_reason="道路挖掘须避开重要活动")) == {("C-DATE-2", "later_reason")}


def test_the_connection_waits_for_both_sides_works() -> None:
    too_early = changed(agreed_connection_date=date(2026, 11, 19), milestones=SAMPLE.milestones[:4])
    assert found(too_early) == {("C-DATE-1", "agreed_connection_date")}
    assert ("C-DATE-1", "valid_to") in found(changed(valid_to=date(2026, 11, 1)))


def test_days_without_a_decree_are_declared_and_a_wrong_one_is_a_reminder() -> None:
    start = date(2026, 12, 14)
    winter = changed(
        admin_approval_date=start,
        start_date=start,
        completion_date=house_calendar().add_working_days(start, 30),
        customer_completion_date=None,
        agreed_connection_date=date(2027, 3, 1),
        intended_connection_date=date(2027, 3, 1),
    )
    assert found(winter) == set()
    assert found(winter, Severity.WARNING) == {("C-PROV-1", "days_provisional")}
    declared = replace(winter, days_provisional=True)
    assert found(declared, Severity.WARNING) == set()
    moved = replace(declared, completion_date=declared.completion_date + timedelta(days=3))
    assert (found(moved), found(moved, Severity.WARNING)) == (set(), {("C-PROV-1", "completion_date")})
    assert found(changed(days_provisional=True), Severity.WARNING) == {("C-PROV-1", "days_provisional")}


def test_an_open_milestone_is_to_be_registered_not_written_in() -> None:
    table = COMPACT_TABLES["milestones"](SAMPLE)
    assert {row[3] for row in table.rows} == {"待登记"}


def test_the_durations_nobody_established_are_shown_as_unverified() -> None:
    entry = load_pack().entry("C-DUR-1")
    assert entry is not None
    assert (entry.confidence, entry.shown_source) == (Confidence.UNVERIFIED, "待核实")
