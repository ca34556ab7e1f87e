"""Wording of the photovoltaic generation-use contract that depends on its terms (``phrases``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

from contracts_chain.agreements.phrases import dispute, formation
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms.gen_use import FeedInMode, GenUseTerms, InvoiceBy

__all__ = ["GEN_USE_CONDITIONS", "GEN_USE_PHRASES"]


def _consumption(terms: GenUseTerms) -> str:
    mode = terms.mode
    if mode is FeedInMode.FULL_FEED_IN:
        return "项目所发电量全部上网，由供电人收购。项目自身从电网取用的电量为下网电量，按本合同结算。"
    if mode is FeedInMode.SELF_USE_SURPLUS:
        return (
            f"项目所发电量首先供关联用电户（户号{value_text(terms.cust_no)}）使用，多余电量上网，由供电人收购。"
            f"关联用电户从电网取用的电量，按该户的供用电合同（编号{value_text(terms.related_contract_nos)}）"
            "执行，本合同不改变其内容。"
        )
    assert_never(mode)


def _roof_user(terms: GenUseTerms) -> str:
    if terms.roof_user is None:
        return ""
    return (
        f"项目所在场所及关联用电户属于场所用电人{terms.roof_user.name}。场所用电人同意项目业主在该场所建设、"
        "运行和维护本项目，并为供电人进入现场抄表、检验和抢修提供便利。项目业主与场所用电人之间的电量、"
        "电费和场地使用由其双方另行约定，不影响本合同的履行。"
    )


def _third_party(terms: GenUseTerms) -> str:
    return "" if terms.roof_user is None else "，场所用电人作为第三方共同签订"


def _two_way(terms: GenUseTerms) -> str:
    return "装置具备双向计量功能，分别记录上网电量和下网电量。" if terms.two_way_meter else ""


def _account(terms: GenUseTerms) -> str:
    owner = terms.owner
    return (
        f"项目业主的账户（户名：{value_text(owner.acct_name)}，开户银行：{value_text(owner.bank_name)}，"
        f"账号：{value_text(owner.bank_acct)}）"
    )


def _invoice(terms: GenUseTerms) -> str:
    issuer = terms.invoice_by
    if issuer is InvoiceBy.GRID_REVERSE:
        return "项目业主应配合提供代为开票所需的信息，并按规定办理涉税事项。"
    if issuer is InvoiceBy.OWNER:
        return "项目业主应在收到结算单后及时开具合格的发票。"
    assert_never(issuer)


GEN_USE_PHRASES: Final[Mapping[str, Callable[[GenUseTerms], str]]] = MappingProxyType(
    {
        "account": _account,
        "consumption": _consumption,
        "dispute": dispute,
        "formation": formation,
        "late_pay": lambda terms: f"{value_text(terms.late_pay_permille_per_day)}‰",
        "reverse": _invoice,
        "roof_user": _roof_user,
        "subsidy": lambda terms: f"{value_text(terms.subsidy)}。",
        "third_party": _third_party,
        "two_way": _two_way,
    }
)

GEN_USE_CONDITIONS: Final[Mapping[str, Callable[[GenUseTerms], bool]]] = MappingProxyType(
    {"THIRD_PARTY": lambda terms: terms.roof_user is not None}
)
