"""GRID_DISPATCH 并网调度协议 with a customer substation (reference §4)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass, Choice
from contracts_chain.agreements.dispatch_phrases import (
    DISPATCH_CONDITIONS,
    DISPATCH_PHRASES,
    numbers_on_the_cover,
)
from contracts_chain.agreements.rules.dispatch_unruled import DISPATCH_UNRULED
from contracts_chain.agreements.rules.substation_rules import SUBSTATION_CHECKS
from contracts_chain.agreements.substation_tables import SUBSTATION_TABLES
from contracts_chain.agreements.terms import AgreementKind, SubstationDispatchTerms

__all__ = ["GRID_DISPATCH_SUBSTATION"]


def _cover(terms: SubstationDispatchTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "对应供用电合同", "、".join(terms.related_contract_nos)
    yield from numbers_on_the_cover(terms)
    yield "用户变电站", terms.station_name
    yield "电力调度机构", terms.dispatch_org.name


GRID_DISPATCH_SUBSTATION: Final = AgreementClass(
    id="GRID_DISPATCH_SUBSTATION",
    kind=AgreementKind.GRID_DISPATCH,
    terms=SubstationDispatchTerms,
    templates=("grid_dispatch.toml",),
    tables=SUBSTATION_TABLES,
    phrases=MappingProxyType(
        {**DISPATCH_PHRASES, "related": lambda terms: "、".join(terms.related_contract_nos)}
    ),
    conditions=DISPATCH_CONDITIONS,
    checks=SUBSTATION_CHECKS,
    conspicuous=frozenset({"command", "consumer_breach", "esign", "evidence", "exemption"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            **DISPATCH_UNRULED,
            "main_transformers[].model": "type designation of the maker",
            "normal_operation": "operating mode that the dispatcher approves",
            "own_generation": "describes what stands on the site; the text forbids running it in parallel",
        }
    ),
    choice=Choice(
        field="station_type", words=frozenset(str(one.value) for one in SubstationDispatchTerms.STATION_TYPES)
    ),
)
