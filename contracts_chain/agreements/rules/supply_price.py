"""Rules of supply contracts about tariff, demand, late fee and market (reference §3.6).

A class lists the checks that fit its fields: ``SUPPLY_PRICE_CHECKS`` fit every supply
contract, those that take a facet any terms with its fields, the rest high voltage only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.identity_codes import IdentityCodeError, verify_uscc
from contracts_chain.agreements.rules.facets import WithLateFee, WithMarket, WithTariffSystem
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, HvCheck, SupplyCheck, Violations
from contracts_chain.agreements.rules.profile import TariffClass
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import (
    BasicFeeChangeKind,
    BasicFeeMode,
    ElecCategory,
    MarketAttr,
    TariffSystem,
)
from contracts_chain.agreements.typed_json import decimal_text

__all__ = [
    "HV_PRICE_CHECKS",
    "SUPPLY_PRICE_CHECKS",
    "late_fee_is_in_range",
    "retail_is_recorded",
    "tariff_fits_the_category",
    "tariff_system_fits_the_capacity",
    "tariff_system_is_the_listed_one",
]

_RESIDENT: Final = frozenset(
    {
        ElecCategory.RESIDENT,
        ElecCategory.RURAL_RESIDENT,
        ElecCategory.URBAN_RESIDENT,
        ElecCategory.SCHOOL,
    }
)
_FARM: Final = frozenset({ElecCategory.AGRICULTURE, ElecCategory.IRRIGATION})


def tariff_fits_the_category(terms: SupplyTerms, ground: Ground) -> Violations:
    """R-TAR-1: a listed tariff whose class, name and voltages agree with the terms."""
    tariff = ground.profile.find_tariff(terms.tariff_code)
    if tariff is None:
        yield Violation(
            path="tariff_code",
            en=f"no tariff {terms.tariff_code} in this province",
            zh=f"本省电价目录中没有代码 {terms.tariff_code}",
        )
        return
    due = _tariff_class(terms.elec_categ)
    voltages = "、".join(decimal_text(voltage) for voltage in tariff.voltages_kv)
    compared = (
        ("tariff_code", tariff.tariff_class is due, tariff.tariff_class.zh, due.zh),
        ("tariff_name", tariff.name == terms.tariff_name, tariff.name, terms.tariff_name),
        (
            "supply_voltage",
            terms.supply_voltage in tariff.voltages_kv,
            f"{voltages} kV",
            f"{decimal_text(terms.supply_voltage)} kV",
        ),
    )
    for path, agrees, listed, found in compared:
        if not agrees:
            yield _tariff_violation(path, tariff.code, listed, found)


def tariff_system_is_the_listed_one(terms: WithTariffSystem, ground: Ground) -> Violations:
    """R-TAR-1: the system of price is that of the listed tariff."""
    tariff, found = ground.profile.find_tariff(terms.tariff_code), terms.tariff_system
    if tariff is not None and found is not None and tariff.system is not found:
        yield _tariff_violation("tariff_system", tariff.code, tariff.system.zh, found.zh)


def _tariff_and_system(terms: HvSupplyTerms, ground: Ground) -> Violations:
    yield from tariff_fits_the_category(terms, ground)
    yield from tariff_system_is_the_listed_one(terms, ground)


def _tariff_violation(path: str, code: str, listed: str, found: str) -> Violation:
    return Violation(
        path=path,
        en=f"tariff {code} is for {listed}, the terms say {found}",
        zh=f"电价 {code} 适用于{listed}，条款为{found}",
    )


def _tariff_class(category: ElecCategory) -> TariffClass:
    if category in _RESIDENT:
        return TariffClass.RESIDENT
    if category is ElecCategory.WHOLESALE:
        return TariffClass.WHOLESALE
    return TariffClass.AGRICULTURE if category in _FARM else TariffClass.BUSINESS


def tariff_system_fits_the_capacity(terms: WithTariffSystem, ground: Ground) -> Violations:
    """R-TAR-2: single part to 100 kVA, two part from 315 kVA, a recorded choice between."""
    if _tariff_class(terms.elec_categ) is not TariffClass.BUSINESS:
        return
    low, high = ground.figures.single_part_max_kva, ground.figures.two_part_min_kva
    capacity, system = terms.contract_cap, terms.tariff_system
    chosen = terms.tariff_choice is not None
    if capacity <= low and system is TariffSystem.TWO_PART:
        en, zh = f"up to {low} kVA: single part", f"容量不超过 {low} kVA 的执行单一制"
    elif capacity >= high and system is TariffSystem.SINGLE_PART and not chosen:
        en = f"from {high} kVA: two part, unless an existing single-part user's choice is recorded"
        zh = f"容量 {high} kVA 及以上执行两部制；原单一制用户可选择的须记录其选择"
    elif low < capacity < high and not chosen:
        en, zh = (
            "record the customer's choice of system",
            f"{low}–{high} kVA 的用户可选择电价制式，须记录其选择",
        )
    else:
        return
    shown = decimal_text(capacity)
    word = "无" if system is None else system.value
    yield Violation(path="tariff_system", en=f"{shown} kVA, {word}: {en}", zh=f"{shown} kVA：{zh}")


def high_use_earns_a_discount(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-TAR-3: demand-mode users above 260 kWh per kVA a month pay 90 % of the demand price."""
    modes = {BasicFeeMode.BY_CONTRACT_DEMAND, BasicFeeMode.BY_ACTUAL_DEMAND}
    if terms.expected_monthly_kwh is None or terms.basic_fee_mode not in modes or not terms.contract_cap:
        return
    hours = terms.expected_monthly_kwh / terms.contract_cap
    limit = ground.figures.demand_discount_kwh_per_kva
    if hours >= limit:
        shown = decimal_text(hours.quantize(Decimal(1)))
        yield Violation(
            path="expected_monthly_kwh",
            en=f"{shown} kWh per kVA a month, from {limit}: demand price at 90 % in such months",
            zh=f"预计每月每千伏安用电 {shown} 千瓦时，达到 {limit} 的当月需量电价按 90% 执行",
        )


def contract_demand_is_enough(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-DEM-1: two-part users choose a mode; contract demand of at least 40 % of capacity."""
    if terms.tariff_system is TariffSystem.TWO_PART and terms.basic_fee_mode is None:
        yield Violation(
            path="basic_fee_mode", en="choose the basic fee mode", zh="两部制须选择基本电费计收方式"
        )
    if terms.basic_fee_mode is not BasicFeeMode.BY_CONTRACT_DEMAND:
        return
    demand = terms.contract_demand_kw
    least = terms.receiving_capacity() * ground.figures.demand_min_share
    if demand is None or demand < least:
        found = "无" if demand is None else decimal_text(demand)
        yield Violation(
            path="contract_demand_kw",
            en=f"contract demand {found} kW, at least 40 % of capacity: {decimal_text(least)} kW",
            zh=f"合同最大需量 {found} kW，不得低于容量的 40%（{decimal_text(least)} kW）",
        )


def demand_above_contract_doubles(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-DEM-2: demand above 105 % of the contract value is billed double."""
    if terms.basic_fee_mode is BasicFeeMode.BY_CONTRACT_DEMAND and terms.contract_demand_kw is not None:
        limit = decimal_text(terms.contract_demand_kw * ground.figures.demand_free_share)
        yield Violation(
            path="contract_demand_kw",
            en=f"demand above {limit} kW is billed double, below the contract value is billed",
            zh=f"实际最大需量超过 {limit} kW 的部分加一倍收取；不足核定值的按核定值收取",
        )


def demand_is_agreed_per_feed(terms: HvSupplyTerms, _ground: Ground) -> Violations:
    """R-DEM-3: with two or more feeds, demand per feed, and the sum."""
    feeds = tuple(terms.sources())
    if terms.basic_fee_mode is not BasicFeeMode.BY_CONTRACT_DEMAND or len(feeds) < 2:
        return
    total = Decimal(0)
    for path, source in feeds:
        if source.contract_demand_kw is None:
            yield Violation(
                path=f"{path}.contract_demand_kw",
                en=f"agree the demand of feed {source.no}",
                zh=f"多路供电须按路约定最大需量：电源 {source.no} 未填",
            )
        total += source.contract_demand_kw or Decimal(0)
    if terms.contract_demand_kw is not None and total != terms.contract_demand_kw:
        yield Violation(
            path="contract_demand_kw",
            en=f"feeds sum to {decimal_text(total)} kW, the contract says {terms.contract_demand_kw} kW",
            zh=f"各路最大需量合计 {decimal_text(total)} kW，合同核定值为 {terms.contract_demand_kw} kW",
        )


def fee_changes_are_early_enough(terms: HvSupplyTerms, ground: Ground) -> Violations:
    """R-DEM-4: 15 working days before a mode change, 5 before a demand change."""
    change = terms.basic_fee_change
    if change is None:
        return
    is_mode = change.kind is BasicFeeChangeKind.MODE
    due = ground.figures.fee_mode_change_days if is_mode else ground.figures.demand_change_days
    days = (change.effective_on - change.applied_on).days
    found = min(change.working_days_before, days)
    if found < due:
        yield Violation(
            path="basic_fee_change.working_days_before",
            en=f"applied {found} working days before, {due} are needed",
            zh=f"{change.kind.zh}提前 {found} 个工作日申请，应提前 {due} 个工作日",
        )


def late_fee_is_in_range(terms: WithLateFee, ground: Ground) -> Violations:
    """R-LATE-1: between 1‰ and 3‰ of the bill a day."""
    low, high = ground.figures.late_fee_min_permille, ground.figures.late_fee_max_permille
    fees = (
        ("late_fee_permille_per_day", terms.late_fee_permille_per_day),
        ("late_fee_earlier_permille_per_day", terms.late_fee_earlier_permille_per_day),
    )
    for path, fee in fees:
        if not low <= fee <= high:
            yield Violation(
                path=path,
                en=f"late fee a day must be {low}-{high} permille, found {decimal_text(fee)}",
                zh=f"违约金每日应为 {low}‰–{high}‰，现为 {decimal_text(fee)}‰",
            )


def retail_is_recorded(terms: WithMarket, _ground: Ground) -> Violations:
    """R-MKT-1: a retail customer names its retailer; periods do not overlap."""
    if terms.market_attr is not MarketAttr.RETAIL:
        if terms.retail:
            word = MarketAttr.NON_MARKET if terms.market_attr is None else terms.market_attr
            yield Violation(
                path="retail",
                en=f"{word.value} customers have no retail contract",
                zh=f"市场化属性为“{word.zh}”，不应填写零售合同",
            )
        return
    if not terms.retail:
        yield Violation(
            path="retail", en="name retailer, contract and period", zh="零售用户须填写售电公司及零售合同"
        )
    yield from _retail_contracts(terms)


def _retail_contracts(terms: WithMarket) -> Iterator[Violation]:
    for index, contract in enumerate(terms.retail):
        try:
            verify_uscc(contract.retailer_uscc)
        except IdentityCodeError as problem:
            yield Violation(path=f"retail[{index}].retailer_uscc", en=problem.en, zh=problem.zh)
    ordered = sorted(terms.retail, key=lambda contract: contract.retail_from)
    for first, second in pairwise(ordered):
        if second.retail_from <= first.retail_to:
            one, other = first.retail_contract_no, second.retail_contract_no
            yield Violation(
                path="retail",
                en=f"periods of {one} and {other} overlap",
                zh=f"零售合同 {one} 与 {other} 期限重叠，同一户号同期只能有一家售电公司",
            )


SUPPLY_PRICE_CHECKS: Final[Mapping[str, SupplyCheck]] = MappingProxyType(
    {"R-TAR-1": tariff_fits_the_category, "R-LATE-1": late_fee_is_in_range}
)
HV_PRICE_CHECKS: Final[Mapping[str, HvCheck]] = MappingProxyType(
    {
        **SUPPLY_PRICE_CHECKS,
        "R-TAR-1": _tariff_and_system,
        "R-TAR-2": tariff_system_fits_the_capacity,
        "R-TAR-3": high_use_earns_a_discount,
        "R-DEM-1": contract_demand_is_enough,
        "R-DEM-2": demand_above_contract_doubles,
        "R-DEM-3": demand_is_agreed_per_feed,
        "R-DEM-4": fee_changes_are_early_enough,
        "R-MKT-1": retail_is_recorded,
    }
)
