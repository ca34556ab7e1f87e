"""One question, one answer: may this order be connected, and if not, what is missing.

The policy's 工程完工即投产 (reference C2) asks that signing never holds up a finished work, and
the law that nothing is connected before it is signed (条例 art. 32; 调度条例 arts 25-26). Decides
from agreements and recorded facts alone; every gap says who does what next. Must never
ask for a paper that the order's class does not need (I18; R-PRE-1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.terms import AgreementKind, Terms
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = [
    "AgreementFacts",
    "Missing",
    "OrderFactKind",
    "OrderFacts",
    "fact_kind_named",
    "judge_readiness",
    "required_kinds",
]

DISPATCH_FROM_KV: Final = Decimal(35)
"""From this supply voltage on the customer's station is run by dispatch (reference C17, §4.3)."""

_NO_SCHEME: Final = frozenset({AgreementKind.LV_NONRES_SUPPLY, AgreementKind.LV_RES_SUPPLY})
_NO_INSPECTION: Final = _NO_SCHEME | {AgreementKind.TEMP_SUPPLY}
_NOT_FOR_CONNECTION: Final = frozenset({AgreementKind.SUPPLEMENT, AgreementKind.TERMINATION})
_STANDING: Final = frozenset(
    {AgreementState.EXECUTED, AgreementState.IN_FORCE, AgreementState.AMENDING, AgreementState.RENEWING}
)
_GIVEN_UP: Final = frozenset({AgreementState.WITHDRAWN, AgreementState.REJECTED, AgreementState.LAPSED})


class OrderFactKind(Coded):
    """Facts of an order that may be recorded beside the terms, each with its paper."""

    SUPPLY_SCHEME = ("SUPPLY_SCHEME", "供电方案答复")
    INSPECTION_REPORT = ("INSPECTION_REPORT", "受电工程竣工检验报告")
    DISPATCH_RUN = ("DISPATCH_RUN", "调度管辖用户认定")
    DISPATCH_NAMING = ("DISPATCH_NAMING", "调度命名批复")
    RELAY_APPROVAL = ("RELAY_APPROVAL", "保护定值审核备案")
    FEES_SETTLED = ("FEES_SETTLED", "业务费用结清")


def fact_kind_named(code: str) -> OrderFactKind:
    """The kind of a code.

    Raises:
        KeyError: No such code.
    """
    return {kind.value: kind for kind in OrderFactKind}[code]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """One agreement of the order.

    Attributes:
        executed_on: Day of the last signature, Beijing time; ``None`` until then.
    """

    number: str
    kind: AgreementKind
    state: AgreementState
    executed_on: date | None
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """Everything the answer rests on."""

    order_no: str
    agreements: tuple[AgreementFacts, ...]
    recorded: frozenset[OrderFactKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that is not there yet.

    Attributes:
        code: Stable, for machines.
        subject: Number of the agreement, or its class if there is none yet, or the order.
        zh: What is missing.
        en: The same.
        to_do_zh: Who does what next.
        to_do_en: The same.
    """

    code: str
    subject: str
    zh: str
    en: str
    to_do_zh: str
    to_do_en: str


def required_kinds(facts: OrderFacts) -> tuple[AgreementKind, ...]:
    """Classes that the order needs: those drafted, and dispatch where the customer is run by dispatch."""
    kinds = [one.kind for one in facts.agreements if one.kind not in _NOT_FOR_CONNECTION]
    if _needs_dispatch(facts):
        kinds.append(AgreementKind.GRID_DISPATCH)
    return tuple(dict.fromkeys(kinds))


def judge_readiness(facts: OrderFacts) -> tuple[Missing, ...]:
    """Everything that is missing before the order may be energised; empty when it is ready."""
    return (
        *(found for kind in required_kinds(facts) for found in _agreement(facts, kind)),
        *(found for one in _live(facts) for found in _papers(facts, one)),
        *(found for one in _live(facts) for found in _formed_in_time(one)),
    )


def _live(facts: OrderFacts) -> tuple[AgreementFacts, ...]:
    return tuple(one for one in facts.agreements if one.state not in _GIVEN_UP)


def _needs_dispatch(facts: OrderFacts) -> bool:
    if OrderFactKind.DISPATCH_RUN in facts.recorded:
        return True
    return any(
        isinstance(one.terms, SupplyTerms) and one.terms.supply_voltage >= DISPATCH_FROM_KV
        for one in _live(facts)
    )


def _agreement(facts: OrderFacts, kind: AgreementKind) -> Iterator[Missing]:
    standing = [one for one in _live(facts) if one.kind is kind]
    if not standing:
        yield Missing(
            code="agreement_not_drafted",
            subject=kind.value,
            zh=f"尚未起草{kind.zh}",
            en=f"no {kind.value} is drafted",
            to_do_zh="营销人员起草并送审",
            to_do_en="marketing drafts it and submits it for review",
        )
    for one in standing:
        if one.state not in _STANDING:
            yield _not_standing(one)


def _not_standing(one: AgreementFacts) -> Missing:
    ended = one.executed_on is not None
    return Missing(
        code="agreement_not_in_force" if ended else "agreement_not_executed",
        subject=one.number,
        zh=f"{one.kind.zh} {one.number} 现为“{one.state.zh}”",
        en=f"{one.kind.value} {one.number} is {one.state.value}",
        to_do_zh="另行签订或解除中止、争议后再查" if ended else "催办签署，直至各方签署完成",
        to_do_en="sign a new one, or end the suspension or dispute"
        if ended
        else "have all parties finish signing",
    )


def _papers(facts: OrderFacts, one: AgreementFacts) -> Iterator[Missing]:
    if isinstance(one.terms, SupplyTerms):
        if one.kind not in _NO_SCHEME and one.terms.supply_scheme is None:
            yield from _lacking(facts, OrderFactKind.SUPPLY_SCHEME, one, "营销人员补录供电方案答复单")
        if one.kind not in _NO_INSPECTION and one.terms.inspection_report is None:
            yield from _lacking(facts, OrderFactKind.INSPECTION_REPORT, one, "竣工检验合格后上传检验报告")
        if getattr(one.terms, "other_fees", ()):
            yield from _lacking(facts, OrderFactKind.FEES_SETTLED, one, "客户按公布的收费项目结清后登记")
    if one.kind is AgreementKind.GRID_DISPATCH:
        if getattr(one.terms, "dispatch_name_approval", None) is None:
            yield from _lacking(facts, OrderFactKind.DISPATCH_NAMING, one, "调控中心批复调度命名后登记文号")
        settings = getattr(one.terms, "relay_settings", None)
        if getattr(settings, "approval", None) is None:
            yield from _lacking(facts, OrderFactKind.RELAY_APPROVAL, one, "调控中心审核备案保护定值后登记")


def _lacking(facts: OrderFacts, kind: OrderFactKind, one: AgreementFacts, to_do_zh: str) -> Iterator[Missing]:
    if kind in facts.recorded:
        return
    yield Missing(
        code=f"{kind.value.lower()}_missing",
        subject=one.number,
        zh=f"缺少{kind.zh}",
        en=f"{kind.value.lower().replace('_', ' ')} is not on record",
        to_do_zh=to_do_zh,
        to_do_en="record it with its number, and the digest of its file where there is one",
    )


def _formed_in_time(one: AgreementFacts) -> Iterator[Missing]:
    """调度条例 arts 25-26, 条例 art. 32: formed before connection, so that day must still be ahead."""
    agreed = getattr(one.terms, "first_sync_date", None) or getattr(one.terms, "supply_start", None)
    if isinstance(agreed, date) and one.executed_on is not None and one.executed_on > agreed:
        yield Missing(
            code="formed_after_connection_date",
            subject=one.number,
            zh=f"{one.number} 于 {one.executed_on} 成立，晚于约定的接电（并网）日 {agreed}",
            en=f"{one.number} was formed on {one.executed_on}, after the agreed connection date {agreed}",
            to_do_zh="以补充协议重新约定接电（并网）日，在此之前不得接电",
            to_do_en="agree on a later date by a supplement; nothing is connected before",
        )
