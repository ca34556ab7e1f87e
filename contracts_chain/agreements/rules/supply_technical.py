"""Rules of supply contracts about what is built and measured (reference §3.6).

Voltage, capacity, power factor, quality, metering, reliability, backup sources. A class
lists the checks that fit its fields (see ``facets``); ``SUPPLY_TECHNICAL_CHECKS`` fit all.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.facets import (
    WithBackup,
    WithImportance,
    WithLossAllocation,
    WithMeters,
    WithPowerFactor,
)
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Figures, Ground, HvCheck, SupplyCheck, Violations
from contracts_chain.agreements.rules.profile import LimitUnit
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import (
    ElecCategory,
    ImportanceLevel,
    LossMode,
    MeterMode,
    PfStandard,
    SourceCount,
)
from contracts_chain.agreements.terms.site import MeteringPoint
from contracts_chain.agreements.typed_json import decimal_text

__all__ = [
    "HV_TECHNICAL_CHECKS",
    "SUPPLY_TECHNICAL_CHECKS",
    "after_meter_lines_are_short",
    "backup_sources_are_interlocked",
    "important_users_have_two_sources",
    "loss_follows_the_metering_mode",
    "meters_stand_at_the_demarcation",
    "multiplier_violations",
    "multipliers_are_products",
    "power_factor_standard_fits",
]

_INDUSTRIAL: Final = frozenset(
    {
        ElecCategory.LARGE_INDUSTRY,
        ElecCategory.FERTILISER,
        ElecCategory.LARGE_INDUSTRY_PREFERENTIAL,
        ElecCategory.ORDINARY_INDUSTRY,
        ElecCategory.ORDINARY_FERTILISER,
    }
)
_NON_INDUSTRIAL: Final = frozenset(
    {
        ElecCategory.GENERAL_BUSINESS,
        ElecCategory.NON_INDUSTRIAL,
        ElecCategory.COMMERCE,
        ElecCategory.NON_RESIDENT_LIGHTING,
    }
)
_NOTHING: Final = frozenset({"无", "/"})
_NO_INSTRUMENT: Final = (Decimal(1), Decimal(1))
_HIGH_VOLTAGE_KV: Final = 1


def voltage_is_a_supply_voltage(terms: SupplyTerms, ground: Ground) -> Violations:
    """R-VOLT-1: a listed voltage; a legacy one only where the profile keeps it."""
    allowed = (*ground.figures.voltages_kv, *ground.profile.legacy_voltages_kv)
    listed = "、".join(decimal_text(v) for v in allowed)
    places = [("supply_voltage", terms.supply_voltage)]
    places += [(f"{path}.voltage_kv", source.voltage_kv) for path, source in terms.sources()]
    for path, voltage in places:
        if voltage not in allowed:
            yield Violation(
                path=path,
                en=f"{decimal_text(voltage)} kV is no supply voltage; one of {listed} kV",
                zh=f"供电电压 {decimal_text(voltage)} kV 不在标准电压（{listed} kV）之内",
            )


def small_load_takes_low_voltage(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-VOLT-2: permanent small customers are connected at low voltage in principle (C13, C22)."""
    if terms.is_temporary or terms.supply_voltage < _HIGH_VOLTAGE_KV:
        return
    for limit in ground.profile.lv_access_threshold:
        is_here = not limit.places or any(place in terms.supply_addr for place in limit.places)
        load = terms.contract_cap if limit.unit is LimitUnit.KVA else terms.connected_load_kw
        if is_here and load <= limit.value:
            shown, most, unit = decimal_text(load), decimal_text(limit.value), limit.unit.value
            yield Violation(
                path="supply_voltage",
                en=f"{shown} {unit}; up to {most} {unit} ({limit.area}) low voltage is due; say why not",
                zh=f"{limit.area} {most} {unit} 及以下原则上采用低压方式接入，现为 {shown} {unit}；"
                "确需高压的请写明理由",
            )
            return


def frequency_is_fifty(terms: SupplyTerms, ground: Ground) -> Violations:
    """R-FREQ-1: the rated frequency is fixed."""
    if terms.frequency_hz != ground.figures.frequency_hz:
        yield Violation(
            path="frequency_hz",
            en=f"rated frequency is {ground.figures.frequency_hz} Hz, not {terms.frequency_hz}",
            zh=f"额定频率应为 {ground.figures.frequency_hz} Hz，现为 {terms.frequency_hz} Hz",
        )


def capacity_adds_up(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-CAP-1: contract capacity is what is installed; running capacity is no more."""
    installed = terms.receiving_capacity()
    if terms.contract_cap != installed:
        yield Violation(
            path="contract_cap",
            en=f"contract capacity {terms.contract_cap} kVA, installed {decimal_text(installed)} kVA",
            zh=f"合同容量 {terms.contract_cap} kVA，受电变压器与高压电动机合计 {decimal_text(installed)} kVA",
        )
    if terms.run_cap > terms.contract_cap:
        yield Violation(
            path="run_cap",
            en=f"running capacity {terms.run_cap} exceeds contract capacity {terms.contract_cap} kVA",
            zh=f"运行容量 {terms.run_cap} kVA 超过合同容量 {terms.contract_cap} kVA",
        )


def power_factor_standard_fits(terms: WithPowerFactor, _ground: Ground) -> Violations:
    """R-PF-1: the standard follows from voltage, category, capacity and voltage regulation."""
    due, found = _due_pf(terms), terms.pf_standard or PfStandard.NONE
    if found is not due:
        yield Violation(
            path="pf_standard",
            en=f"standard should be {due.value}, found {found.value}",
            zh=f"功率因数考核标准应为 {due.zh}，现为 {found.zh}",
        )


def _due_pf(terms: WithPowerFactor) -> PfStandard:
    capacity, category = terms.contract_cap, terms.elec_categ
    regulated = any(t.on_load_tap_changer for _, t in terms.transformers())
    irrigation = category is ElecCategory.IRRIGATION
    strict = (category in _INDUSTRIAL and capacity > 160) or regulated or (irrigation and capacity >= 3200)
    if strict and terms.supply_voltage >= _HIGH_VOLTAGE_KV:
        return PfStandard.P90
    if capacity < 100:
        return PfStandard.NONE
    if category in _INDUSTRIAL or category in _NON_INDUSTRIAL or irrigation:
        return PfStandard.P85
    if category in {ElecCategory.AGRICULTURE, ElecCategory.WHOLESALE}:
        return PfStandard.P80
    return PfStandard.NONE


def quality_is_within_limits(terms: SupplyTerms, ground: Ground) -> Violations:
    """R-QUAL-1: agreed voltage deviation is not wider than the rules allow."""
    quality, figures = terms.quality, ground.figures
    plus, minus = abs(quality.deviation_plus_pct), abs(quality.deviation_minus_pct)
    limit_plus, limit_minus = _deviation_limits(terms.supply_voltage, figures)
    if terms.supply_voltage >= 35:
        if plus + minus > figures.deviation_sum_ge35_pct:
            yield Violation(
                path="quality.deviation_plus_pct",
                en=f"deviations sum to {plus + minus} %, limit {figures.deviation_sum_ge35_pct} %",
                zh=f"正负偏差绝对值之和 {plus + minus}%，不得超过 {figures.deviation_sum_ge35_pct}%",
            )
    elif plus > limit_plus or minus > limit_minus:
        yield Violation(
            path="quality.deviation_plus_pct",
            en=f"deviation +{plus} %/-{minus} %, limit +{limit_plus} %/-{limit_minus} %",
            zh=f"电压偏差 +{plus}%/-{minus}%，限值 +{limit_plus}%/-{limit_minus}%",
        )
    if abs(quality.abnormal_pct) > figures.deviation_abnormal_pct:
        yield Violation(
            path="quality.abnormal_pct",
            en=f"{quality.abnormal_pct} % in abnormal state, limit {figures.deviation_abnormal_pct} %",
            zh=f"非正常状态偏差 {quality.abnormal_pct}%，限值 {figures.deviation_abnormal_pct}%",
        )


def _deviation_limits(voltage: Decimal, figures: Figures) -> tuple[Decimal, Decimal]:
    if voltage == Decimal("0.22"):
        return figures.deviation_three_phase_pct, figures.deviation_220v_minus_pct
    return figures.deviation_three_phase_pct, figures.deviation_three_phase_pct


def meters_stand_at_the_demarcation(terms: WithLossAllocation, ground: Ground) -> Violations:
    """R-MET-1: elsewhere the line loss clause must say who bears it; after-meter line limit."""
    loss = terms.loss_allocation
    for path, meter in terms.metering_points():
        if not meter.at_demarcation and (loss is None or loss.line_loss in _NOTHING):
            yield Violation(
                path=f"{path}.at_demarcation",
                en=f"meter {meter.no} stands away from the demarcation: agree who bears the line loss",
                zh=f"计量点 {meter.no} 未装于产权分界处，须约定线路损耗由谁承担",
            )
    yield from after_meter_lines_are_short(terms, ground)


def after_meter_lines_are_short(terms: WithMeters, ground: Ground) -> Violations:
    """R-MET-1: the line after a low-voltage meter is no longer than the province allows (C16)."""
    limit = ground.profile.after_meter_line_max_m
    for path, meter in terms.metering_points():
        length = meter.after_meter_line_m
        if limit is not None and length is not None and length > limit:
            yield Violation(
                path=f"{path}.after_meter_line_m",
                en=f"{decimal_text(length)} m of line after the meter, at most {decimal_text(limit)} m",
                zh=f"表后线 {decimal_text(length)} 米，不得超过 {decimal_text(limit)} 米",
            )


def loss_follows_the_metering_mode(terms: WithLossAllocation, _ground: Ground) -> Violations:
    """R-MET-2: low-voltage metering bears transformer loss, high-voltage metering does not."""
    loss = terms.loss_allocation
    for path, meter in terms.metering_points():
        due = LossMode.CHARGED if meter.mode is MeterMode.HV_LV else LossMode.NOT_CHARGED
        found = LossMode.NOT_CHARGED if loss is None else loss.transformer_loss
        if found is not due:
            yield Violation(
                path="loss_allocation.transformer_loss",
                en=f"{meter.mode.value} at {path} calls for {due.value}, found {found.value}",
                zh=f"计量点 {meter.no} 为{meter.mode.zh}，应{due.zh}，现为{found.zh}",
            )


def multipliers_are_products(terms: WithMeters, ground: Ground) -> Violations:
    """R-MET-3: multiplier = PT ratio × CT ratio, standard secondaries."""
    for path, meter in terms.metering_points():
        yield from multiplier_violations(path, meter, ground.figures)


def multiplier_violations(path: str, meter: MeteringPoint, figures: Figures) -> Violations:
    """R-MET-3 for one metering point; ``/`` or ``无`` stands for no instrument transformer."""
    potential = _ratio(meter.pt_ratio)
    current = _ratio(meter.ct_ratio)
    if potential is None or current is None:
        place = "pt_ratio" if potential is None else "ct_ratio"
        yield Violation(
            path=f"{path}.{place}",
            en="write the ratio as on the plate, e.g. 35000/100 or 150/5, or /",
            zh="变比应按铭牌填写，如 35000/100、150/5；没有互感器填“/”",
        )
        return
    secondaries = (
        ("pt_ratio", potential, (figures.pt_secondary_v,), "V"),
        ("ct_ratio", current, figures.ct_secondary_a, "A"),
    )
    for place, ratio, allowed, unit in secondaries:
        if ratio != _NO_INSTRUMENT and ratio[1] not in allowed:
            wanted = "、".join(decimal_text(value) for value in allowed)
            yield Violation(
                path=f"{path}.{place}",
                en=f"secondary {decimal_text(ratio[1])} {unit}, should be {wanted} {unit}",
                zh=f"二次侧 {decimal_text(ratio[1])} {unit}，应为 {wanted} {unit}",
            )
    product = potential[0] * current[0] / (potential[1] * current[1])
    if meter.multiplier != product:
        yield Violation(
            path=f"{path}.multiplier",
            en=f"multiplier {decimal_text(meter.multiplier)}, ratios give {decimal_text(product)}",
            zh=f"综合倍率 {decimal_text(meter.multiplier)}，按变比应为 {decimal_text(product)}",
        )


def _ratio(text: str) -> tuple[Decimal, Decimal] | None:
    if text in _NOTHING:
        return _NO_INSTRUMENT
    first, slash, second = text.partition("/")
    if not (slash and first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return None
    primary, secondary = Decimal(first), Decimal(second)
    return (primary, secondary) if primary and secondary else None


def important_users_have_two_sources(terms: WithImportance, _ground: Ground) -> Violations:
    """R-REL-1: special, first and second class users need at least two sources."""
    level = terms.importance_level or ImportanceLevel.NORMAL
    is_single = (terms.source_count or SourceCount.SINGLE) is SourceCount.SINGLE
    if level is not ImportanceLevel.NORMAL and is_single:
        yield Violation(
            path="source_count",
            en=f"{level.value} user with a single source; plan a second",
            zh=f"{level.zh}仅有单电源，应至少双电源",
        )


def backup_sources_are_interlocked(terms: WithBackup, _ground: Ground) -> Violations:
    """R-BKP-1: interlock described and parallel running excluded."""
    for index, backup in enumerate(terms.backup_sources):
        if backup.quantity < 1:
            continue
        if backup.interlock in _NOTHING:
            yield Violation(
                path=f"backup_sources[{index}].interlock",
                en=f"describe the interlock of {backup.kind}",
                zh=f"{backup.kind}须写明闭锁方式",
            )
        if not backup.not_paralleled:
            yield Violation(
                path=f"backup_sources[{index}].not_paralleled",
                en=f"{backup.kind} must not run parallel to the grid",
                zh=f"{backup.kind}须约定不与电网并列运行",
            )


def backup_covers_security_load(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-BKP-2: backup capacity of at least 120 % of the security load."""
    if terms.security_load_kw is None:
        return
    capacity = sum((b.capacity_kw * b.quantity for b in terms.backup_sources), Decimal(0))
    due = terms.security_load_kw * ground.figures.backup_share
    if capacity < due:
        yield Violation(
            path="backup_sources",
            en=f"backup {decimal_text(capacity)} kW, security load calls for {decimal_text(due)} kW",
            zh=f"自备应急电源 {decimal_text(capacity)} kW，按保安负荷应不少于 {decimal_text(due)} kW",
        )


SUPPLY_TECHNICAL_CHECKS: Final[Mapping[str, SupplyCheck]] = MappingProxyType(
    {
        "R-VOLT-1": voltage_is_a_supply_voltage,
        "R-FREQ-1": frequency_is_fifty,
        "R-QUAL-1": quality_is_within_limits,
        "R-MET-1": after_meter_lines_are_short,
        "R-MET-3": multipliers_are_products,
    }
)
HV_TECHNICAL_CHECKS: Final[Mapping[str, HvCheck]] = MappingProxyType(
    {
        **SUPPLY_TECHNICAL_CHECKS,
        "R-VOLT-2": small_load_takes_low_voltage,
        "R-CAP-1": capacity_adds_up,
        "R-PF-1": power_factor_standard_fits,
        "R-MET-1": meters_stand_at_the_demarcation,
        "R-MET-2": loss_follows_the_metering_mode,
        "R-REL-1": important_users_have_two_sources,
        "R-BKP-1": backup_sources_are_interlocked,
        "R-BKP-2": backup_covers_security_load,
    }
)
