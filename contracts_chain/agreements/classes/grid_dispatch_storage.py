"""GRID_DISPATCH 并网调度协议 with an electrochemical storage station (reference §4)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass, Choice
from contracts_chain.agreements.dispatch_phrases import DISPATCH_CONDITIONS, numbers_on_the_cover
from contracts_chain.agreements.rules.dispatch_unruled import STATION_UNRULED
from contracts_chain.agreements.rules.station_rules import STORAGE_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.station_phrases import STORAGE_PHRASES
from contracts_chain.agreements.station_tables import STORAGE_TABLES
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.dispatch_storage import StorageDispatchTerms

__all__ = ["GRID_DISPATCH_STORAGE"]


def _cover(terms: StorageDispatchTerms) -> Iterator[tuple[str, str]]:
    yield from numbers_on_the_cover(terms)
    yield "电站名称", terms.station_name
    yield "电源类型", field_text(terms, "station_type")
    yield "额定功率和能量", f"{field_text(terms, 'rated_mw')} / {field_text(terms, 'rated_mwh')}"
    yield "用户编号", terms.cust_no
    yield "供用电合同", value_text(terms.related_contract_nos)
    yield "购售电合同", value_text(terms.purchase_contract_nos)
    yield "电力调度机构", terms.dispatch_org.name


GRID_DISPATCH_STORAGE: Final = AgreementClass(
    id="GRID_DISPATCH_STORAGE",
    kind=AgreementKind.GRID_DISPATCH,
    terms=StorageDispatchTerms,
    templates=("grid_dispatch_storage.toml",),
    tables=STORAGE_TABLES,
    phrases=STORAGE_PHRASES,
    conditions=DISPATCH_CONDITIONS,
    checks=STORAGE_CHECKS,
    conspicuous=frozenset({"command", "esign", "evidence", "exemption", "owner_breach", "urgent_dispatch"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            **STATION_UNRULED,
            "technology": "any technology may be connected; its tests are the connection conditions",
        }
    ),
    choice=Choice(
        field="station_type", words=frozenset(str(one.value) for one in StorageDispatchTerms.STATION_TYPES)
    ),
)
