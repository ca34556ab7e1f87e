"""GRID_DISPATCH 并网调度协议 with a conventional plant: coal, gas, hydro, nuclear (reference §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass, Choice
from contracts_chain.agreements.dispatch_phrases import numbers_on_the_cover
from contracts_chain.agreements.rules.dispatch_unruled import STATION_UNRULED
from contracts_chain.agreements.rules.station_rules import PLANT_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.station_phrases import GENERATING_PHRASES, PLANT_CONDITIONS
from contracts_chain.agreements.station_tables import PLANT_TABLES
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.dispatch_plant import PlantDispatchTerms

__all__ = ["GRID_DISPATCH_PLANT"]


def _cover(terms: PlantDispatchTerms) -> Iterator[tuple[str, str]]:
    yield from numbers_on_the_cover(terms)
    yield "电站名称", terms.station_name
    yield "电源类型", field_text(terms, "station_type")
    yield "总装机容量", field_text(terms, "installed_mw")
    yield "购售电合同", value_text(terms.purchase_contract_nos)
    yield "电力调度机构", terms.dispatch_org.name


GRID_DISPATCH_PLANT: Final = AgreementClass(
    id="GRID_DISPATCH_PLANT",
    kind=AgreementKind.GRID_DISPATCH,
    terms=PlantDispatchTerms,
    templates=("grid_dispatch_plant.toml",),
    tables=PLANT_TABLES,
    phrases=GENERATING_PHRASES,
    conditions=PLANT_CONDITIONS,
    checks=PLANT_CHECKS,
    conspicuous=frozenset({"command", "esign", "evidence", "exemption", "owner_breach", "urgent_dispatch"}),
    cover=_cover,
    unruled=STATION_UNRULED,
    choice=Choice(
        field="station_type", words=frozenset(str(one.value) for one in PlantDispatchTerms.STATION_TYPES)
    ),
)
