"""Rules of the low-voltage contracts: households and all others (reference §3.3 columns LV, R).

What every supply contract is held against stands in ``supply_checks``; here is what
only low voltage has: kilowatts, the equipment list, investment up to the meter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.profile import LimitUnit
from contracts_chain.agreements.rules.supply_checks import SUPPLY_CHECKS
from contracts_chain.agreements.rules.supply_price import (
    retail_is_recorded,
    tariff_fits_the_category,
    tariff_system_fits_the_capacity,
    tariff_system_is_the_listed_one,
)
from contracts_chain.agreements.rules.supply_procedure import (
    codes_have_their_form,
    demarcations_name_their_source,
    fees_are_published,
    paper_violations,
    seven_heads_have_content,
    sources_are_listed,
)
from contracts_chain.agreements.rules.supply_technical import (
    after_meter_lines_are_short,
    backup_sources_are_interlocked,
    important_users_have_two_sources,
    loss_follows_the_metering_mode,
    meters_stand_at_the_demarcation,
    power_factor_standard_fits,
)
from contracts_chain.agreements.terms import SupplyTerms
from contracts_chain.agreements.terms.codes import ElecCategory, MeterMode
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms
from contracts_chain.agreements.terms.lv_res import LvResTerms, ResidentPrice
from contracts_chain.agreements.terms.site import Equipment
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["LV_NONRES_CHECKS", "LV_RES_CHECKS", "equipment_violations"]

_LOW_VOLTAGES: Final = (Decimal("0.22"), Decimal("0.38"))
_METER_WORDS: Final = ("表计", "电能表", "计量表", "表箱")
_DWELLING: Final = frozenset(
    {ElecCategory.RESIDENT, ElecCategory.RURAL_RESIDENT, ElecCategory.URBAN_RESIDENT}
)


def voltage_is_low(terms: SupplyTerms, _ground: Ground) -> Violations:
    """R-LV-1: 220 V or 380 V, metered at low voltage, no transformer or motor of high voltage."""
    places = [("supply_voltage", terms.supply_voltage)]
    places += [(f"{path}.voltage_kv", source.voltage_kv) for path, source in terms.sources()]
    for path, voltage in places:
        if voltage not in _LOW_VOLTAGES:
            shown = decimal_text(voltage)
            yield Violation(
                path=path,
                en=f"{shown} kV is not low voltage; use the high-voltage contract",
                zh=f"{shown} kV 不是低压（0.22、0.38 kV），请改用高压供用电合同",
            )
    for path in (*(path for path, _ in terms.transformers()), *(path for path, _ in terms.hv_motors())):
        yield Violation(
            path=path,
            en="a low-voltage customer has no receiving transformer or high-voltage motor; remove it",
            zh="低压用户没有受电变压器和高压电动机，请删除，或者改用高压供用电合同",
        )
    for path, meter in terms.metering_points():
        if meter.mode is not MeterMode.LV_LV:
            yield Violation(
                path=f"{path}.mode",
                en=f"low-voltage supply is metered {MeterMode.LV_LV.value}, found {meter.mode.value}",
                zh=f"低压供电应为{MeterMode.LV_LV.zh}，现为{meter.mode.zh}",
            )


def capacity_is_the_equipment(terms: LvNonresTerms, _ground: Ground) -> Violations:
    """R-CAP-2: contract capacity in kW is the sum of the equipment list."""
    yield from equipment_violations(terms.equipment, terms.contract_cap)


def equipment_violations(equipment: tuple[Equipment, ...], capacity: Decimal) -> Violations:
    """R-CAP-2 for any list of equipment."""
    if not equipment:
        yield Violation(path="equipment", en="list the equipment", zh="请填写用电设备清单")
        return
    total = sum((row.power_kw * row.quantity for row in equipment), Decimal(0))
    if total != capacity:
        yield Violation(
            path="contract_cap",
            en=f"contract capacity {decimal_text(capacity)} kW, equipment sums to {decimal_text(total)} kW",
            zh=f"合同容量 {decimal_text(capacity)} kW，用电设备清单合计 {decimal_text(total)} kW",
        )


def large_load_takes_high_voltage(terms: LvNonresTerms, ground: Ground) -> Violations:
    """R-VOLT-3: above every low-voltage limit of the place, high voltage is the rule (C13, C22)."""
    limits = [
        limit
        for limit in ground.profile.lv_access_threshold
        if not limit.places or any(place in terms.supply_addr for place in limit.places)
    ]
    if limits and all(terms.contract_cap > limit.value for limit in limits):
        most = max(limits, key=lambda limit: limit.value)
        unit = LimitUnit.KVA.value if most.unit is LimitUnit.KVA else LimitUnit.KW.value
        shown, value = decimal_text(terms.contract_cap), decimal_text(most.value)
        yield Violation(
            path="contract_cap",
            en=f"{shown} kW is above {value} {unit} ({most.area}); say why low voltage is enough",
            zh=f"合同容量 {shown} kW，超过{most.area}低压接入上限 {value} {unit}；确需低压的请写明理由",
        )


def nonresident_papers(terms: LvNonresTerms, _ground: Ground) -> Violations:
    """R-PRE-1: application and scheme; no scheme where the company builds up to the meter (I18)."""
    yield from paper_violations(
        terms, ("application",) if terms.zero_investment else ("application", "supply_scheme")
    )


def resident_papers(terms: LvResTerms, _ground: Ground) -> Violations:
    """R-PRE-1: a household needs its application alone; no scheme, no inspection report."""
    yield from paper_violations(terms, ("application",))


def zero_investment_ends_at_the_meter(terms: LvNonresTerms, _ground: Ground) -> Violations:
    """R-ZERO-1: the company's investment reaches the meter, and no fee is charged for it (C14)."""
    if not terms.zero_investment:
        return
    if not any(word in terms.investment_interface for word in _METER_WORDS):
        yield Violation(
            path="investment_interface",
            en="the company invests up to the meter and its box: say so",
            zh="投资到表计的，投资界面应写明供电人投资至电能表（含表箱）",
        )
    if terms.other_fees:
        yield Violation(
            path="other_fees",
            en="no fee for a zero-investment connection; remove it",
            zh="投资到表计的用电接入不得另行收费，请删除其他收费",
        )


def dwelling_is_resident_use(terms: LvResTerms, _ground: Ground) -> Violations:
    """R-RES-1: the residents' contract is for residents' electricity, priced as its tariff says."""
    if terms.elec_categ not in _DWELLING:
        yield Violation(
            path="elec_categ",
            en=f"{terms.elec_categ.value} is not residents' use; take the low-voltage non-resident contract",
            zh=f"用电类别“{terms.elec_categ.zh}”不属于居民生活用电，请改用低压非居民供用电合同",
        )
    due = ResidentPrice.UNIFORM if "合表" in terms.tariff_name else ResidentPrice.LADDER
    if terms.price_scheme is not due:
        yield Violation(
            path="price_scheme",
            en=f"tariff {terms.tariff_code} is priced {due.value}, the terms say {terms.price_scheme.value}",
            zh=f"电价“{terms.tariff_name}”应执行{due.zh}，现为{terms.price_scheme.zh}",
        )


def household_meters_stand_at_the_demarcation(terms: LvResTerms, ground: Ground) -> Violations:
    """R-MET-1: a household bears no loss, so its meter stands at the demarcation (条例 art. 26)."""
    for path, meter in terms.metering_points():
        if not meter.at_demarcation:
            yield Violation(
                path=f"{path}.at_demarcation",
                en=f"meter {meter.no} stands away from the demarcation",
                zh=f"居民用户的电能表应装于产权分界处，计量点 {meter.no} 不在产权分界处",
            )
    yield from after_meter_lines_are_short(terms, ground)


def property_is_proven(terms: LvResTerms, _ground: Ground) -> Violations:
    """R-RES-2: the proof of property is there before signing (C9); nothing else is asked for (C10)."""
    paper = terms.property_proof
    if paper is None:
        yield Violation(
            path="property_proof", en="attach the proof of property before signing", zh="签订前请补齐房产证明"
        )
    elif paper.dated > terms.sign_by:
        yield Violation(
            path="property_proof.dated",
            en=f"dated {paper.dated}, after the last day for signing {terms.sign_by}",
            zh=f"房产证明日期 {paper.dated} 晚于签署截止日 {terms.sign_by}",
        )


def resident_late_fee_is_the_lowest(terms: LvResTerms, ground: Ground) -> Violations:
    """R-LATE-2: residents pay the residents' rate a day, for every year's arrears."""
    due = ground.profile.late_fee_default_resident_permille
    fees = (
        ("late_fee_permille_per_day", terms.late_fee_permille_per_day),
        ("late_fee_earlier_permille_per_day", terms.late_fee_earlier_permille_per_day),
    )
    for path, fee in fees:
        if fee > due:
            yield Violation(
                path=path,
                en=f"a household pays {decimal_text(due)} permille a day, found {decimal_text(fee)}",
                zh=f"居民用户违约金每日为 {decimal_text(due)}‰，现为 {decimal_text(fee)}‰",
            )


def _lv_heads(terms: SupplyTerms, ground: Ground) -> Violations:
    yield from seven_heads_have_content(terms, ground)
    yield from sources_are_listed(terms, ground)
    yield from demarcations_name_their_source(terms, ground)


def _nonres_tariff(terms: LvNonresTerms, ground: Ground) -> Violations:
    yield from tariff_fits_the_category(terms, ground)
    yield from tariff_system_is_the_listed_one(terms, ground)


LV_NONRES_CHECKS: Final[Mapping[str, Callable[[LvNonresTerms, Ground], Violations]]] = MappingProxyType(
    {
        **SUPPLY_CHECKS,
        "R-HEAD-1": _lv_heads,
        "R-PRE-1": nonresident_papers,
        "R-LV-1": voltage_is_low,
        "R-VOLT-3": large_load_takes_high_voltage,
        "R-CAP-2": capacity_is_the_equipment,
        "R-ZERO-1": zero_investment_ends_at_the_meter,
        "R-TAR-1": _nonres_tariff,
        "R-TAR-2": tariff_system_fits_the_capacity,
        "R-PF-1": power_factor_standard_fits,
        "R-MET-1": meters_stand_at_the_demarcation,
        "R-MET-2": loss_follows_the_metering_mode,
        "R-REL-1": important_users_have_two_sources,
        "R-BKP-1": backup_sources_are_interlocked,
        "R-MKT-1": retail_is_recorded,
        "R-LINT-1": fees_are_published,
        "R-CODE-1": codes_have_their_form,
    }
)

LV_RES_CHECKS: Final[Mapping[str, Callable[[LvResTerms, Ground], Violations]]] = MappingProxyType(
    {
        **SUPPLY_CHECKS,
        "R-HEAD-1": _lv_heads,
        "R-PRE-1": resident_papers,
        "R-LV-1": voltage_is_low,
        "R-MET-1": household_meters_stand_at_the_demarcation,
        "R-RES-1": dwelling_is_resident_use,
        "R-RES-2": property_is_proven,
        "R-LATE-2": resident_late_fee_is_the_lowest,
    }
)
