"""Wording that depends on the terms: ``{=name}`` in a template.

Each phrase is a function of the terms to finished Chinese, so that templates stay
plain text and no branch of a contract goes untested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms, Terms
from contracts_chain.agreements.terms.codes import (
    BasicFeeMode,
    DisputeForum,
    LossMode,
    MarketAttr,
    RelayCalculator,
    TariffSystem,
)

__all__ = ["CONDITIONS", "DISPATCH_PHRASES", "SUPPLY_PHRASES"]


def _dispute(terms: Terms) -> str:
    forum = terms.dispute.forum
    if forum is DisputeForum.LITIGATE:
        return f"协商、调解不成的，任何一方可以向{terms.dispute.body}提起诉讼。"
    if forum is DisputeForum.ARBITRATE:
        return (
            f"协商、调解不成的，提交{terms.dispute.body}，按其申请时有效的仲裁规则仲裁。"
            "仲裁裁决是终局的，对双方均有约束力。"
        )
    assert_never(forum)


def _seals(terms: Terms) -> str:
    names = dict.fromkeys((terms.supplier.seal_name, terms.consumer.seal_name))
    return "或者".join(names)


def _operations(terms: HvSupplyTerms) -> str:
    return "；".join(f"{source.no}（{source.line_name}）{source.operation}" for _, source in terms.sources())


def _transformer_loss(terms: HvSupplyTerms) -> str:
    if terms.loss_allocation.transformer_loss is LossMode.CHARGED:
        return (
            "计量装置装设在变压器低压侧，计收变压器损耗："
            "变压器的有功、无功损耗由用电人承担，按规定的方法计入计费电量。"
        )
    return "计量装置装设在变压器高压侧，不计收变压器损耗。"


def _market(terms: HvSupplyTerms) -> str:
    market = terms.market_attr
    if market is MarketAttr.NON_MARKET:
        return "用电人不参与电力市场交易，执行政府核定的目录电价。"
    if market is MarketAttr.AGENT_PURCHASE:
        return (
            "用电人由供电人代理购电，代理购电价格按月公布；输配电价、上网环节线损费用、系统运行费用、"
            "政府性基金及附加按规定执行。用电人可以按规定退出代理购电，直接参与市场交易。"
        )
    if market is MarketAttr.RETAIL:
        return (
            "用电人通过售电公司参与零售市场交易。零售合同约定的电能量价格代替目录电价中的电能量价格；"
            "输配电价、上网环节线损费用、系统运行费用、政府性基金及附加仍按规定执行，不受零售合同影响。"
        )
    if market is MarketAttr.WHOLESALE:
        return "用电人直接参与批发市场交易，电能量价格按交易结果执行，其他各项价格和附加按规定执行。"
    assert_never(market)


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


def _tou(terms: HvSupplyTerms) -> str:
    if terms.tou_flag:
        return (
            "用电人执行分时电价，时段划分、浮动比例和季节性调整按价格主管部门的规定执行，"
            "计量装置应具备分时计量功能。"
        )
    return "用电人不执行分时电价。政策规定应当执行的，自规定之日起执行。"


def _late_fee(terms: HvSupplyTerms) -> str:
    return value_text(terms.late_fee_permille_per_day) + "‰"


def _late_fee_earlier(terms: HvSupplyTerms) -> str:
    return value_text(terms.late_fee_earlier_permille_per_day) + "‰"


def _related(terms: DispatchTerms) -> str:
    return "、".join(terms.related_contract_nos)


def _relay(terms: DispatchTerms) -> str:
    settings = terms.relay_settings
    if settings.calculator is RelayCalculator.DESIGNER:
        return "定值由用户方委托的设计单位按电力调度机构提供的电网交界面定值限额核算。"
    return "电力调度机构的整定计算和审核备案不收取费用。" if settings.free_of_charge else ""


SUPPLY_PHRASES: Final[Mapping[str, Callable[[HvSupplyTerms], str]]] = MappingProxyType(
    {
        "basic_fee": _basic_fee,
        "dispute": _dispute,
        "late_fee": _late_fee,
        "late_fee_earlier": _late_fee_earlier,
        "load_traits": lambda terms: value_text(terms.load_traits),
        "market": _market,
        "operations": _operations,
        "seals": _seals,
        "tou": _tou,
        "transformer_loss": _transformer_loss,
    }
)

DISPATCH_PHRASES: Final[Mapping[str, Callable[[DispatchTerms], str]]] = MappingProxyType(
    {"dispute": _dispute, "related": _related, "relay": _relay, "seals": _seals}
)

CONDITIONS: Final[Mapping[str, Callable[[HvSupplyTerms], bool]]] = MappingProxyType(
    {
        "RETAIL": lambda terms: terms.market_attr is MarketAttr.RETAIL,
        "TWO_PART": lambda terms: terms.tariff_system is TariffSystem.TWO_PART,
    }
)
"""When a clause is part of the contract; clauses without a condition always are."""
