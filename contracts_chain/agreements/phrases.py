"""Wording that several classes share: ``{=name}`` in a template.

Each phrase is a function of the terms to finished Chinese, so that templates stay
plain text and no branch of a contract goes untested.
"""

from __future__ import annotations

from typing import Protocol, assert_never

from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms import AgreementTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import DisputeForum, LossMode, MarketAttr
from contracts_chain.agreements.terms.commercial import Dispute, LossAllocation
from contracts_chain.agreements.terms.party import PartyInRole

__all__ = [
    "WithDispute",
    "WithLoss",
    "WithMarket",
    "WithTimeOfUse",
    "dispute",
    "everyone",
    "formation",
    "late_fee",
    "late_fee_earlier",
    "market",
    "tou",
    "transformer_loss",
]


class WithDispute(Protocol):
    """Terms that say how disputes end."""

    @property
    def dispute(self) -> Dispute:
        """Court or arbitration."""
        ...


class WithLoss(Protocol):
    """Terms that say who bears losses."""

    @property
    def loss_allocation(self) -> LossAllocation:
        """Transformer and line loss."""
        ...


class WithMarket(Protocol):
    """Terms that say how the customer buys its energy."""

    @property
    def market_attr(self) -> MarketAttr:
        """市场化属性."""
        ...


class WithTimeOfUse(Protocol):
    """Terms that say whether prices follow the hour."""

    @property
    def tou_flag(self) -> bool:
        """执行分时电价."""
        ...


def dispute(terms: WithDispute) -> str:
    """Litigation or arbitration, never both."""
    forum = terms.dispute.forum
    if forum is DisputeForum.LITIGATE:
        return f"协商、调解不成的，任何一方可以向{terms.dispute.body}提起诉讼。"
    if forum is DisputeForum.ARBITRATE:
        return (
            f"协商、调解不成的，提交{terms.dispute.body}，按其申请时有效的仲裁规则仲裁。"
            "仲裁裁决是终局的，对争议各方均有约束力。"
        )
    assert_never(forum)


def everyone(terms: AgreementTerms) -> str:
    """All who sign, as a sentence calls them: 双方, 三方 or 各方."""
    return {2: "双方", 3: "三方"}.get(len(terms.parties()), "各方")


def formation(terms: AgreementTerms) -> str:
    """What each party owes before the contract is formed: a hand, and an organisation's seal too."""
    return "；".join(_owed(held) for held in terms.parties())


def _owed(held: PartyInRole) -> str:
    if held.party.seal_name is None:
        agent = "法定代理人" if held.party.has_guardian else "委托代理人"
        by = agent if held.party.agent is not None else "本人"
        return f"{held.title}由{by}签字"
    return f"{held.title}由法定代表人（负责人）或者委托代理人签字，并加盖{held.party.seal_name}"


def market(terms: WithMarket) -> str:
    """How the customer buys its energy, and which prices that leaves alone."""
    way = terms.market_attr
    if way is MarketAttr.NON_MARKET:
        return "用电人不参与电力市场交易，执行政府核定的目录电价。"
    if way is MarketAttr.AGENT_PURCHASE:
        return (
            "用电人由供电人代理购电，代理购电价格按月公布；输配电价、上网环节线损费用、系统运行费用、"
            "政府性基金及附加按规定执行。用电人可以按规定退出代理购电，直接参与市场交易。"
        )
    if way is MarketAttr.RETAIL:
        return (
            "用电人通过售电公司参与零售市场交易。零售合同约定的电能量价格代替目录电价中的电能量价格；"
            "输配电价、上网环节线损费用、系统运行费用、政府性基金及附加仍按规定执行，不受零售合同影响。"
        )
    if way is MarketAttr.WHOLESALE:
        return "用电人直接参与批发市场交易，电能量价格按交易结果执行，其他各项价格和附加按规定执行。"
    assert_never(way)


def tou(terms: WithTimeOfUse) -> str:
    """Whether prices follow the hour."""
    if terms.tou_flag:
        return (
            "用电人执行分时电价，时段划分、浮动比例和季节性调整按价格主管部门的规定执行，"
            "计量装置应具备分时计量功能。"
        )
    return "用电人不执行分时电价。政策规定应当执行的，自规定之日起执行。"


def late_fee(terms: SupplyTerms) -> str:
    """Share of this year's arrears a day: ``2‰``."""
    return value_text(terms.late_fee_permille_per_day) + "‰"


def late_fee_earlier(terms: SupplyTerms) -> str:
    """Share of earlier years' arrears a day."""
    return value_text(terms.late_fee_earlier_permille_per_day) + "‰"


def transformer_loss(terms: WithLoss) -> str:
    """Whether transformer loss is added to the metered energy."""
    if terms.loss_allocation.transformer_loss is LossMode.CHARGED:
        return (
            "计量装置装设在变压器低压侧，计收变压器损耗："
            "变压器的有功、无功损耗由用电人承担，按规定的方法计入计费电量。"
        )
    return "计量装置装设在变压器高压侧，不计收变压器损耗。"
