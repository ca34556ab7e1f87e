"""并网调度协议, conventional plant variant: coal, gas, hydro, nuclear (reference §4.1, §4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms.codes import StationType
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.generation import GeneratingUnit
from contracts_chain.agreements.terms.label import Label

__all__ = ["PlantDispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantDispatchTerms(StationDispatchTerms):
    """Terms of one dispatch agreement with a conventional plant."""

    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "电网方", "owner": "电厂方", "dispatch_centre": "调度方"}
    )
    STATION_TYPES: ClassVar[frozenset[StationType]] = frozenset(
        {StationType.THERMAL, StationType.HYDRO, StationType.GAS, StationType.NUCLEAR}
    )

    installed_mw: Annotated[Decimal, Label("总装机容量", "MW")]
    unit_count: Annotated[int, Label("机组台数", "台")]
    units: Annotated[tuple[GeneratingUnit, ...], Label("机组")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Installed capacity of the plant, 1 kW counted as 1 kVA."""
        return self.installed_mw * 1000
