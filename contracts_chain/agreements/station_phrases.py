"""Wording of dispatch agreements with stations that generate or store (``phrases``, conditions)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.dispatch_phrases import DISPATCH_CONDITIONS, DISPATCH_PHRASES
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.terms.codes import StationType
from contracts_chain.agreements.terms.dispatch_plant import PlantDispatchTerms
from contracts_chain.agreements.terms.dispatch_renewable import RenewableDispatchTerms
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.dispatch_storage import StorageDispatchTerms

__all__ = ["GENERATING_PHRASES", "PLANT_CONDITIONS", "STORAGE_PHRASES"]

_FUELLED: Final = frozenset({StationType.THERMAL, StationType.GAS})


def _purchases(terms: StationDispatchTerms) -> str:
    return "、".join(terms.purchase_contract_nos) or "无"


def _units(terms: PlantDispatchTerms | RenewableDispatchTerms) -> str:
    return f"总装机容量为{field_text(terms, 'installed_mw')}，共{field_text(terms, 'unit_count')}。"


def _storage_units(terms: StorageDispatchTerms) -> str:
    return (
        f"额定功率为{field_text(terms, 'rated_mw')}，额定能量为{field_text(terms, 'rated_mwh')}，"
        f"储能单元共{field_text(terms, 'unit_count')}。"
    )


_STATION: Final[Mapping[str, Callable[[StationDispatchTerms], str]]] = MappingProxyType(
    {**DISPATCH_PHRASES, "purchases": _purchases}
)

GENERATING_PHRASES: Final[Mapping[str, Callable[[PlantDispatchTerms | RenewableDispatchTerms], str]]] = (
    MappingProxyType({**_STATION, "units": _units})
)

STORAGE_PHRASES: Final[Mapping[str, Callable[[StorageDispatchTerms], str]]] = MappingProxyType(
    {
        **_STATION,
        "related": lambda terms: value_text(terms.related_contract_nos),
        "units": _storage_units,
    }
)

PLANT_CONDITIONS: Final[Mapping[str, Callable[[PlantDispatchTerms], bool]]] = MappingProxyType(
    {
        **DISPATCH_CONDITIONS,
        "FUEL": lambda terms: terms.station_type in _FUELLED,
        "HYDRO": lambda terms: terms.station_type is StationType.HYDRO,
        "NUCLEAR": lambda terms: terms.station_type is StationType.NUCLEAR,
    }
)
"""What each kind of plant adds; clauses without a condition always are part of the agreement."""
