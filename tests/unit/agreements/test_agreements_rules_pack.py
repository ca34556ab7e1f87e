"""Packs: sources as shown, statements in both languages, versions side by side for ever."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from contracts_chain.agreements.rules.finding import Confidence, Finding
from contracts_chain.agreements.rules.pack import (
    LATEST_PACK,
    PackShelf,
    PackUnknownError,
    RulePack,
    check,
    coded_rules,
    load_pack,
    pack_sha256,
)
from contracts_chain.agreements.rules.profile import (
    Profile,
    ProfileUnknownError,
    load_profile,
    profile_sha256,
)
from contracts_chain.agreements.terms import AgreementKind, HvSupplyTerms
from contracts_chain.agreements.typed_toml import PackagedFileBrokenError
from kernel.digests import sha256

RULES = files("contracts_chain.agreements.rules")
OLD_RULES = re.compile(r"《供电营业规则》（1996年?）")
LAWS = re.compile(r"《[^》]*(?:法|条例|规则|规定|办法|解释)[^》]*》")
# Two editions of a pack that never were law: other figures, a rule that ends, another that begins.
SHELF = PackShelf("rule_editions", {"test.1": "edition_1.toml", "test.2": "edition_2.toml"})


def rules_of(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


@pytest.fixture
def editions(supply: HvSupplyTerms) -> tuple[HvSupplyTerms, HvSupplyTerms]:
    """The same terms under each edition, signed on a day when both may be used."""
    return replace(supply, rule_pack_version="test.1"), replace(supply, rule_pack_version="test.2")


def test_an_unverified_source_is_never_shown_as_law(pack: RulePack) -> None:
    unverified = [entry for entry in pack.rules if entry.confidence is Confidence.UNVERIFIED]
    assert unverified
    assert {entry.shown_source for entry in unverified} == {"待核实"}
    assert not [entry.id for entry in unverified if LAWS.search(entry.statement_zh)]


def test_only_a_clause_of_law_is_called_law(pack: RulePack) -> None:
    by_law = [entry for entry in pack.rules if entry.confidence is Confidence.LAW]
    assert [entry.id for entry in by_law if not LAWS.search(entry.source)] == []


def test_a_clause_of_the_1996_rules_says_that_the_text_of_2024_is_to_confirm(pack: RulePack) -> None:
    old = [entry for entry in pack.rules if "1996" in entry.source]
    assert old
    form = re.compile(r"《供电营业规则》（1996年）第[〇一二三四五六七八九十百]+条，2024年文本待核对")
    assert [entry.source for entry in old if not form.search(entry.source)] == []
    assert all(entry.confidence is not Confidence.LAW for entry in old)


def test_every_rule_is_stated_in_one_sentence_of_each_language(pack: RulePack) -> None:
    for entry in pack.rules:
        assert entry.statement_zh.endswith("。"), entry.id
        assert entry.statement_en.endswith("."), entry.id
        assert re.search(r"[\u4e00-\u9fff]", entry.statement_zh), entry.id
        assert entry.statement_en.isascii(), entry.id


def test_the_newest_pack_and_the_code_name_the_same_rules(pack: RulePack) -> None:
    assert pack.version == LATEST_PACK
    assert {entry.id for entry in pack.rules} == coded_rules()


def test_figures_come_from_the_edition_that_the_terms_name(
    editions: tuple[HvSupplyTerms, HvSupplyTerms], profile: Profile
) -> None:
    first, second = editions
    low = Decimal("1.5")
    under_first = check(replace(first, late_fee_permille_per_day=low), SHELF.pack("test.1"), profile)
    under_second = check(replace(second, late_fee_permille_per_day=low), SHELF.pack("test.2"), profile)
    assert "R-LATE-1" not in rules_of(under_first)
    assert "R-LATE-1" in rules_of(under_second)


@pytest.mark.parametrize(
    ("sign_by", "noticed"),
    [
        (date(2026, 6, 30), {"R-OBS-1"}),
        (date(2026, 7, 1), set[str]()),
        (date(2026, 12, 31), set[str]()),
        (date(2027, 1, 1), {"R-FREQ-1"}),
    ],
)
def test_a_rule_holds_from_its_first_to_its_last_day(
    editions: tuple[HvSupplyTerms, HvSupplyTerms], profile: Profile, sign_by: date, noticed: set[str]
) -> None:
    terms = replace(editions[0], sign_by=sign_by, frequency_hz=60, special_terms="用电人缴纳供电贴费")
    found = rules_of(check(terms, SHELF.pack("test.1"), profile))
    assert found & {"R-OBS-1", "R-FREQ-1"} == noticed


def test_an_edition_is_no_ground_for_signing_outside_its_days(
    editions: tuple[HvSupplyTerms, HvSupplyTerms], profile: Profile
) -> None:
    late = replace(editions[0], sign_by=date(2028, 1, 1), supply_start=date(2028, 1, 2))
    findings = check(late, SHELF.pack("test.1"), profile)
    assert [f.path for f in findings if f.rule == "R-PACK-1"] == ["rule_pack_version"]


def test_an_old_edition_gives_the_same_findings_after_a_new_one_came(
    editions: tuple[HvSupplyTerms, HvSupplyTerms], profile: Profile
) -> None:
    alone = PackShelf("rule_editions", {"test.1": "edition_1.toml"})
    before = check(editions[0], alone.pack("test.1"), profile)
    assert check(editions[0], SHELF.pack("test.1"), profile) == before
    assert alone.sha256("test.1") == SHELF.sha256("test.1")


def test_a_pack_that_is_not_installed_is_refused_by_name() -> None:
    with pytest.raises(PackUnknownError, match=LATEST_PACK):
        load_pack("1.0")


@pytest.mark.parametrize("name", ["doubled.toml", "codeless.toml", "misnamed.toml"])
def test_a_pack_that_disagrees_with_the_code_is_a_broken_file(name: str) -> None:
    with pytest.raises(PackagedFileBrokenError):
        PackShelf("rule_editions", {"test.9": name, "test.2": "edition_2.toml"}).pack("test.9")


def test_digests_are_those_of_the_installed_files() -> None:
    assert pack_sha256(LATEST_PACK) == sha256(RULES.joinpath("pack_2026_1.toml").read_bytes())
    assert profile_sha256("SD") == sha256(RULES.joinpath("profile_shandong.toml").read_bytes())


@pytest.mark.parametrize("province", ["ZJ", "SD"])
def test_each_province_numbers_every_kind_with_letters_of_its_own(province: str) -> None:
    codes = [load_profile(province).type_code(kind) for kind in AgreementKind]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[A-Z]{2}", code) for code in codes)


def test_every_key_that_the_reference_leaves_open_is_configured_somewhere() -> None:
    profile = tomllib.loads(RULES.joinpath("profile_shandong.toml").read_text("utf-8"))
    levels = tomllib.loads(RULES.joinpath("service_levels_shandong.toml").read_text("utf-8"))
    held = {
        "lv_access_threshold": profile["lv_access_threshold"],
        "after_meter_line_max_m": profile["after_meter_line_max_m"],
        "compact_durations": [level for level in levels["levels"] if "project_types" in level],
        "max_term_years": profile["max_terms"],
        "temp_max_months": profile["temp_max_months"],
        "cust_no_prefix": profile["cust_no_prefix"],
        "late_fee_default": profile["late_fee_default_permille"],
        "kpi_connection_days": levels["targets"],
        "stage_counts": levels["stages"],
        "contract_type_codes": profile["type_codes"],
        "retention_years": profile["retention_years_after_term"],
    }
    assert all(held.values())
    # Longer notice than the State's is possible, and neither paper gives one.
    assert load_profile("SD").cutoff_notice_days is None
    # The working-day calendar is the State's and the same everywhere (working_days).
    assert "working_day_calendar" not in profile


def test_provinces_differ_where_their_papers_do(supply: HvSupplyTerms, pack: RulePack) -> None:
    zhejiang, shandong = load_profile("ZJ"), load_profile("SD")
    assert (zhejiang.cust_no_prefix, shandong.cust_no_prefix) == ("330", "370")
    assert zhejiang.after_meter_line_max_m is None
    assert shandong.after_meter_line_max_m == 50
    small = replace(supply, contract_cap=Decimal(160), connected_load_kw=Decimal(120))
    told = {
        province: [f.zh for f in check(small, pack, load_profile(province)) if f.rule == "R-VOLT-2"]
        for province in ("ZJ", "SD")
    }
    assert "120 kW" in told["ZJ"][0]
    assert "160 kVA" in told["SD"][0]
    with pytest.raises(ProfileUnknownError):
        load_profile("XX")


def test_every_rule_of_the_reference_is_in_the_pack(pack: RulePack) -> None:
    named = """
        HEAD-1 PRE-1 PRE-2 VOLT-1 VOLT-2 CAP-1 TAR-1 TAR-2 TAR-3 PF-1 DEM-1 DEM-2 DEM-3 DEM-4 LATE-1 CUT-1
        QUAL-1 MET-1 MET-2 MET-3 REL-1 BKP-1 BKP-2 RELAY-1 TEMP-1 TERM-1 MKT-1 TPL-1 TPL-2 TPL-3 TPL-4
        SIGN-1 STD-1 LINT-1 OBS-1
    """
    assert {f"R-{name}" for name in named.split()} <= {entry.id for entry in pack.rules}


def test_a_contract_of_shandong_is_checked_by_the_figures_of_shandong(
    supply: HvSupplyTerms, pack: RulePack
) -> None:
    shandong = load_profile("SD")
    tariff = shandong.find_tariff("SD-GSY-2-35")
    assert tariff is not None
    moved = replace(
        supply,
        province="SD",
        cust_no="3705102600127",
        tariff_code=tariff.code,
        tariff_name=tariff.name,
    )
    assert rules_of(check(moved, pack, shandong)) == {"R-DEM-2"}
    assert rules_of(check(supply, pack, shandong)) == {"R-PACK-1", "R-ID-2", "R-TAR-1", "R-DEM-2"}
