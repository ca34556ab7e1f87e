"""Rules of dispatch agreements with stations that generate or store (reference §4.4; ids are ours).

Plant, renewable and storage variants each take what their fields call for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol

from contracts_chain.agreements.rules.dispatch_rules import DISPATCH_CHECKS, NOTHING
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.reference_rules import list_reference_violations
from contracts_chain.agreements.terms.dispatch_plant import PlantDispatchTerms
from contracts_chain.agreements.terms.dispatch_renewable import RenewableDispatchTerms
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.dispatch_storage import StorageDispatchTerms
from contracts_chain.agreements.terms.generation import RideThrough
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["PLANT_CHECKS", "RENEWABLE_CHECKS", "STORAGE_CHECKS"]


class _WithRideThrough(Protocol):
    @property
    def lvrt(self) -> RideThrough: ...

    @property
    def hvrt(self) -> RideThrough: ...


def purchase_contract_is_named(terms: StationDispatchTerms, _ground: Ground) -> Violations:
    """D-REL-2: whose energy is bought under which contract."""
    if not terms.purchase_contract_nos:
        yield Violation(
            path="purchase_contract_nos",
            en="name the purchase contract; 无 if energy is sold in the market only",
            zh="请填写对应的购售电合同编号；全部电量参与市场交易的填“无”",
        )


def units_sum_up(terms: PlantDispatchTerms | RenewableDispatchTerms, _ground: Ground) -> Violations:
    """D-UNIT-1: installed capacity and number of units are those of the list."""
    total = sum((unit.capacity_mw * unit.quantity for unit in terms.units), Decimal(0))
    yield from _agree("installed_mw", terms.installed_mw, total, "MW")
    yield from _count(terms.unit_count, (unit.quantity for unit in terms.units))


def storage_units_sum_up(terms: StorageDispatchTerms, _ground: Ground) -> Violations:
    """D-UNIT-1 for storage: rated power, rated energy and number of units are those of the list."""
    power = sum((unit.capacity_mw * unit.quantity for unit in terms.units), Decimal(0))
    energy = sum((unit.energy_mwh * unit.quantity for unit in terms.units), Decimal(0))
    yield from _agree("rated_mw", terms.rated_mw, power, "MW")
    yield from _agree("rated_mwh", terms.rated_mwh, energy, "MWh")
    yield from _count(terms.unit_count, (unit.quantity for unit in terms.units))


def _agree(path: str, said: Decimal, summed: Decimal, unit: str) -> Violations:
    if said != summed or said <= 0:
        yield Violation(
            path=path,
            en=f"{decimal_text(said)} {unit}, the units sum to {decimal_text(summed)} {unit}",
            zh=f"填写 {decimal_text(said)} {unit}，各单元合计 {decimal_text(summed)} {unit}，应一致且大于零",
        )


def _count(said: int, quantities: Iterable[int]) -> Violations:
    listed = list(quantities)
    if said != sum(listed) or any(quantity < 1 for quantity in listed):
        yield Violation(
            path="unit_count",
            en=f"{said} units said, {sum(listed)} listed; every quantity is at least 1",
            zh=f"填写 {said} 台（个），清单合计 {sum(listed)} 台（个），每项数量至少为 1",
        )


def primary_frequency_has_its_settings(terms: StationDispatchTerms, _ground: Ground) -> Violations:
    """D-PERF-1: an enabled governor has droop and dead band above zero; a disabled one has none."""
    settings = terms.primary_freq
    for name, value, zh in (
        ("droop_pct", settings.droop_pct, "调差率"),
        ("dead_band_hz", settings.dead_band_hz, "死区"),
    ):
        if settings.enabled and (value is None or value <= 0):
            yield Violation(
                path=f"primary_freq.{name}",
                en="enabled: write a figure above zero",
                zh=f"一次调频投入的，{zh}应填写大于零的数值",
            )
        elif not settings.enabled and value is not None:
            yield Violation(
                path=f"primary_freq.{name}", en="not enabled: remove it", zh=f"一次调频未投入，请删除{zh}"
            )


def ride_through_is_described(terms: _WithRideThrough, _ground: Ground) -> Violations:
    """D-RIDE-1: low and high voltage ride-through fitted and described."""
    for name, through, zh in (("lvrt", terms.lvrt, "低电压穿越"), ("hvrt", terms.hvrt, "高电压穿越")):
        if not through.fitted or through.limits in NOTHING:
            yield Violation(
                path=name,
                en="fit it and write its limits",
                zh=f"应具备{zh}能力并写明要求，不具备的请说明处理措施",
            )


def output_is_forecast(terms: RenewableDispatchTerms, _ground: Ground) -> Violations:
    """D-FC-1: the station forecasts its output, day ahead and ultra-short."""
    forecast = terms.forecast
    if not forecast.fitted or forecast.day_ahead in NOTHING or forecast.ultra_short in NOTHING:
        yield Violation(
            path="forecast",
            en="fit a forecast system and say when it reports",
            zh="应配置功率预测系统，并写明短期、超短期预测的报送要求",
        )


def ramp_limits_are_in_order(terms: RenewableDispatchTerms, _ground: Ground) -> Violations:
    """D-RAMP-1: limits above zero, no wider in one minute than in ten, none above what is installed."""
    one, ten = terms.ramp.one_minute_mw, terms.ramp.ten_minutes_mw
    if not 0 < one <= ten <= terms.installed_mw:
        yield Violation(
            path="ramp",
            en=f"{one} MW in one minute, {ten} MW in ten: 0 < one <= ten <= {terms.installed_mw} MW",
            zh=f"一分钟 {one} MW、十分钟 {ten} MW，应大于零、依次不减且不超过装机 {terms.installed_mw} MW",
        )


def project_is_recorded(terms: RenewableDispatchTerms, _ground: Ground) -> Violations:
    """D-LIC-1: the grid signs with renewable generators that are licensed or filed."""
    if terms.project_filing_no in NOTHING and terms.owner.licence_no is None:
        yield Violation(
            path="project_filing_no",
            en="write the filing of the project or the generator's licence",
            zh="请填写项目备案（核准）文号或者发电业务许可证编号",
        )


def charge_stays_in_range(terms: StorageDispatchTerms, _ground: Ground) -> Violations:
    """D-STO-1: 0 <= lowest < highest <= 100 percent; the response time is positive."""
    if not 0 <= terms.soc_min < terms.soc_max <= 100:
        yield Violation(
            path="soc_min",
            en=f"{terms.soc_min} % to {terms.soc_max} %: 0 <= lowest < highest <= 100",
            zh=f"荷电状态 {terms.soc_min}% 至 {terms.soc_max}%，应满足 0 ≤ 下限 < 上限 ≤ 100",
        )
    if terms.response_ms < 1:
        yield Violation(path="response_ms", en="write milliseconds above 0", zh="功率响应时间应大于零")


def storage_supply_contract_is_named(terms: StorageDispatchTerms, _ground: Ground) -> Violations:
    """D-REL-1 for storage: the supply contract under which it charges."""
    yield from list_reference_violations("related_contract_nos", terms.related_contract_nos)


_STATION: Final[Mapping[str, Callable[[StationDispatchTerms, Ground], Violations]]] = MappingProxyType(
    {
        **DISPATCH_CHECKS,
        "D-REL-2": purchase_contract_is_named,
        "D-PERF-1": primary_frequency_has_its_settings,
    }
)

PLANT_CHECKS: Final[Mapping[str, Callable[[PlantDispatchTerms, Ground], Violations]]] = MappingProxyType(
    {**_STATION, "D-UNIT-1": units_sum_up}
)

RENEWABLE_CHECKS: Final[Mapping[str, Callable[[RenewableDispatchTerms, Ground], Violations]]] = (
    MappingProxyType(
        {
            **_STATION,
            "D-UNIT-1": units_sum_up,
            "D-RIDE-1": ride_through_is_described,
            "D-FC-1": output_is_forecast,
            "D-RAMP-1": ramp_limits_are_in_order,
            "D-LIC-1": project_is_recorded,
        }
    )
)

STORAGE_CHECKS: Final[Mapping[str, Callable[[StorageDispatchTerms, Ground], Violations]]] = MappingProxyType(
    {
        **_STATION,
        "D-REL-1": storage_supply_contract_is_named,
        "D-UNIT-1": storage_units_sum_up,
        "D-STO-1": charge_stays_in_range,
        "D-RIDE-1": ride_through_is_described,
    }
)
