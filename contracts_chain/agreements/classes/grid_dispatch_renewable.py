"""GRID_DISPATCH 并网调度协议 with a renewable station: wind, PV, CSP (reference §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass, Choice
from contracts_chain.agreements.dispatch_phrases import DISPATCH_CONDITIONS, numbers_on_the_cover
from contracts_chain.agreements.rules.dispatch_unruled import STATION_UNRULED
from contracts_chain.agreements.rules.station_rules import RENEWABLE_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.station_phrases import GENERATING_PHRASES
from contracts_chain.agreements.station_tables import RENEWABLE_TABLES
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.dispatch_renewable import RenewableDispatchTerms

__all__ = ["GRID_DISPATCH_RENEWABLE"]


def _cover(terms: RenewableDispatchTerms) -> Iterator[tuple[str, str]]:
    yield from numbers_on_the_cover(terms)
    yield "电站名称", terms.station_name
    yield "电源类型", field_text(terms, "station_type")
    yield "总装机容量", field_text(terms, "installed_mw")
    yield "购售电合同", value_text(terms.purchase_contract_nos)
    yield "电力调度机构", terms.dispatch_org.name


GRID_DISPATCH_RENEWABLE: Final = AgreementClass(
    id="GRID_DISPATCH_RENEWABLE",
    kind=AgreementKind.GRID_DISPATCH,
    terms=RenewableDispatchTerms,
    templates=("grid_dispatch_renewable.toml",),
    tables=RENEWABLE_TABLES,
    phrases=GENERATING_PHRASES,
    conditions=DISPATCH_CONDITIONS,
    checks=RENEWABLE_CHECKS,
    conspicuous=frozenset({"command", "esign", "evidence", "exemption", "owner_breach", "urgent_dispatch"}),
    cover=_cover,
    unruled=STATION_UNRULED,
    choice=Choice(
        field="station_type", words=frozenset(str(one.value) for one in RenewableDispatchTerms.STATION_TYPES)
    ),
)
