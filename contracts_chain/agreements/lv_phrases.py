"""Wording of the low-voltage and temporary contracts that depends on their terms (``phrases``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
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
from contracts_chain.agreements.shown import day_text, field_text, value_text
from contracts_chain.agreements.supply_phrases import operations
from contracts_chain.agreements.terms import SupplyTerms
from contracts_chain.agreements.terms.codes import MarketAttr, PfStandard
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms
from contracts_chain.agreements.terms.lv_res import LvResTerms, ResidentPrice
from contracts_chain.agreements.terms.temp_supply import TempSupplyTerms

__all__ = ["LV_NONRES_CONDITIONS", "LV_NONRES_PHRASES", "RES_PHRASES", "TEMP_PHRASES"]

_PHASES: Final[Mapping[Decimal, str]] = MappingProxyType(
    {Decimal("0.22"): "220伏单相", Decimal("0.38"): "380/220伏三相四线制"}
)


def _phase(terms: SupplyTerms) -> str:
    known = _PHASES.get(terms.supply_voltage)
    return known or f"{value_text(terms.supply_voltage)}千伏三相"


def _power_factor(standard: PfStandard) -> str:
    if standard is PfStandard.NONE:
        return "用电人不执行功率因数考核。"
    return (
        f"用电人的功率因数考核标准为{standard.zh}。供电人按月计算实际功率因数，"
        "并按国家规定的功率因数调整办法减收或者增收电费。"
    )


def _investment(terms: LvNonresTerms) -> str:
    if not terms.zero_investment:
        return ""
    return (
        "用电人的用电接入执行投资到表计的政策：电能表、表箱以及产权分界点电源侧的线路、"
        "电缆管沟等土建由供电人出资，用电人无须为此支付费用，签约前也无须取得供电方案答复。"
    )


def _ladder(terms: LvResTerms) -> str:
    scheme = terms.price_scheme
    if scheme is ResidentPrice.LADDER:
        text = "按居民阶梯电价分档计价。"
    elif scheme is ResidentPrice.UNIFORM:
        text = "按居民合表电价计价，不分档。"
    else:
        assert_never(scheme)
    return text + ("用电人选择执行居民分时电价。" if terms.tou_flag else "")


def _reading(terms: LvResTerms) -> str:
    day = "按公布的抄表例日" if terms.reading_day is None else f"以每月{terms.reading_day}日为例日"
    cycle = "" if terms.settle_cycle is None else f"，{terms.settle_cycle.zh}结算电费"
    return f"供电人{day}抄录电能表{cycle}。"


def _authority(terms: SupplyTerms) -> str:
    agents = [held for held in terms.parties() if held.party.agent and not held.party.has_guardian]
    note = terms.consumer.capacity_note
    return ("委托代理人签署的，其授权委托书作为附件。" if agents else "") + (
        f"用电人的民事行为能力：{note}。" if note is not None else ""
    )


def _metering(terms: TempSupplyTerms) -> str:
    if terms.unmetered_basis is None:
        return (
            "供电人在下表所列计量点装设用电计量装置，其记录作为计算电费的依据。计量装置由供电人负责安装、"
            "更换、校验和加封；用电人应提供符合要求的安装位置，保护其完好，并不得擅自开启。"
        )
    return (
        f"用电地点不具备装表条件，电量按下列依据计算：{terms.unmetered_basis}。"
        "具备装表条件后，供电人应装设用电计量装置，并自装表之日起按计量记录计算电费。"
    )


def _loss(terms: TempSupplyTerms) -> str:
    return transformer_loss(terms) if terms.is_high_voltage else ""


def _permission(terms: TempSupplyTerms) -> str:
    paper = terms.term_permission
    if paper is None:
        return "未另行准许延长期限"
    return f"供电人已以{paper.number}（{day_text(paper.dated)}）准许该期限"


LV_NONRES_PHRASES: Final[Mapping[str, Callable[[LvNonresTerms], str]]] = MappingProxyType(
    {
        "dispute": dispute,
        "formation": formation,
        "investment": _investment,
        "late_fee": late_fee,
        "late_fee_earlier": late_fee_earlier,
        "market": market,
        "phase": _phase,
        "power_factor": lambda terms: _power_factor(terms.pf_standard),
        "tou": tou,
    }
)

LV_NONRES_CONDITIONS: Final[Mapping[str, Callable[[LvNonresTerms], bool]]] = MappingProxyType(
    {
        "BACKUP": lambda terms: bool(terms.backup_sources),
        "RETAIL": lambda terms: terms.market_attr is MarketAttr.RETAIL,
    }
)

RES_PHRASES: Final[Mapping[str, Callable[[LvResTerms], str]]] = MappingProxyType(
    {
        "authority": _authority,
        "dispute": dispute,
        "formation": formation,
        "late_fee": late_fee,
        "late_fee_earlier": late_fee_earlier,
        "pay_by": lambda terms: f"每月{field_text(terms, 'pay_by_day')}",
        "phase": _phase,
        "price": _ladder,
        "reading": _reading,
    }
)

TEMP_PHRASES: Final[Mapping[str, Callable[[TempSupplyTerms], str]]] = MappingProxyType(
    {
        "capacity": lambda terms: value_text(terms.contract_cap, terms.capacity_unit),
        "dispute": dispute,
        "formation": formation,
        "late_fee": late_fee,
        "late_fee_earlier": late_fee_earlier,
        "metering": _metering,
        "operations": operations,
        "permission": _permission,
        "phase": _phase,
        "power_factor": lambda terms: _power_factor(terms.pf_standard),
        "tou": tou,
        "transformer_loss": _loss,
    }
)
