"""Wording that all four dispatch variants share (``phrases``), and what their cover adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, everyone, formation
from contracts_chain.agreements.terms import DispatchTerms
from contracts_chain.agreements.terms.codes import RelayCalculator

__all__ = ["DISPATCH_CONDITIONS", "DISPATCH_PHRASES", "numbers_on_the_cover"]


def numbers_on_the_cover(terms: DispatchTerms) -> Iterator[tuple[str, str]]:
    """The other parties' own numbers of this agreement."""
    for title, number in _numbers(terms):
        yield f"{title}合同编号", number


def _numbers(terms: DispatchTerms) -> Iterator[tuple[str, str]]:
    titles = {held.role: held.title for held in terms.parties()}
    for held in terms.contract_nos:
        yield titles.get(held.role, held.role), held.number


def _relay(terms: DispatchTerms) -> str:
    settings = terms.relay_settings
    if settings.calculator is RelayCalculator.DESIGNER:
        return "定值由用户方委托的设计单位按电力调度机构提供的电网交界面定值限额核算。"
    return "电力调度机构的整定计算和审核备案不收取费用。" if settings.free_of_charge else ""


def _own_numbers(terms: DispatchTerms) -> str:
    own = "；".join(f"{title}为{number}" for title, number in _numbers(terms))
    return f"{own}。" if own else "无。"


def _parties(terms: DispatchTerms) -> str:
    *others, last = (held.title for held in terms.parties())
    return f"{'、'.join(others)}与{last}"


DISPATCH_PHRASES: Final[Mapping[str, Callable[[DispatchTerms], str]]] = MappingProxyType(
    {
        "dispute": dispute,
        "everyone": everyone,
        "formation": formation,
        "own_numbers": _own_numbers,
        "parties": _parties,
        "relay": _relay,
    }
)

DISPATCH_CONDITIONS: Final[Mapping[str, Callable[[DispatchTerms], bool]]] = MappingProxyType(
    {"THIRD_PARTY": lambda terms: terms.dispatch_centre is not None}
)
"""When a clause is part of the agreement; clauses without a condition always are."""
