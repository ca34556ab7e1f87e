"""Wording of the high-voltage supply contract that depends on its terms (``phrases``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

from contracts_chain.agreements.phrases import (
    dispute,
    formation,
    late_fee,
    late_fee_earlier,
    market,
    tou,
    transformer_loss,
)
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import BasicFeeMode, MarketAttr, TariffSystem

__all__ = ["SUPPLY_CONDITIONS", "SUPPLY_PHRASES", "operations"]


def operations(terms: SupplyTerms) -> str:
    """How each feed is run."""
    return "；".join(f"{source.no}（{source.line_name}）{source.operation}" for _, source in terms.sources())


def _basic_fee(terms: HvSupplyTerms) -> str:
    mode = terms.basic_fee_mode
    if mode is None:
        return "用电人不执行基本电费。"
    change = (
        "用电人变更计收方式的，应提前十五个工作日申请，按季变更；"
        "变更合同最大需量核定值的，应提前五个工作日申请，按月变更。"
    )
    if mode is BasicFeeMode.BY_CAPACITY:
        return f"基本电费按受电变压器容量计收，计费容量为{value_text(terms.contract_cap, 'kVA')}。{change}"
    if mode is BasicFeeMode.BY_ACTUAL_DEMAND:
        return f"基本电费按抄见的实际最大需量计收，多路供电的分别计算后相加。{change}"
    if mode is BasicFeeMode.BY_CONTRACT_DEMAND:
        return (
            f"基本电费按合同最大需量计收，核定值为{value_text(terms.contract_demand_kw, 'kW')}，"
            f"其中：{_feed_demands(terms)}。实际最大需量超过核定值105%的，超过部分加一倍计收；"
            f"未超过105%的，按核定值计收。{change}"
        )
    assert_never(mode)


def _feed_demands(terms: HvSupplyTerms) -> str:
    return "，".join(
        f"{source.no}为{value_text(source.contract_demand_kw, 'kW')}" for _, source in terms.sources()
    )


SUPPLY_PHRASES: Final[Mapping[str, Callable[[HvSupplyTerms], str]]] = MappingProxyType(
    {
        "basic_fee": _basic_fee,
        "dispute": dispute,
        "formation": formation,
        "late_fee": late_fee,
        "late_fee_earlier": late_fee_earlier,
        "load_traits": lambda terms: value_text(terms.load_traits),
        "market": market,
        "operations": operations,
        "tou": tou,
        "transformer_loss": transformer_loss,
    }
)

SUPPLY_CONDITIONS: Final[Mapping[str, Callable[[HvSupplyTerms], bool]]] = MappingProxyType(
    {
        "RETAIL": lambda terms: terms.market_attr is MarketAttr.RETAIL,
        "TWO_PART": lambda terms: terms.tariff_system is TariffSystem.TWO_PART,
    }
)
"""When a clause is part of the contract; clauses without a condition always are."""
