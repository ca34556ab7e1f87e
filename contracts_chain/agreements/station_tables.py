"""Tables of dispatch agreements with stations that generate or store (reference §4.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from contracts_chain.agreements.dispatch_tables import DISPATCH_TABLES
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.table_rows import TableBlock, field_table, grid_table
from contracts_chain.agreements.terms import generation
from contracts_chain.agreements.terms.dispatch_plant import PlantDispatchTerms
from contracts_chain.agreements.terms.dispatch_renewable import RenewableDispatchTerms
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.dispatch_storage import StorageDispatchTerms
from pdfgen.document import FieldTable, GridTable

__all__ = ["PLANT_TABLES", "RENEWABLE_TABLES", "STORAGE_TABLES"]

_FIRST: Final = ("station_name", "dispatch_name", "location", "station_type")
_LAST: Final = ("first_sync_date", "channel")


class _WithRideThrough(Protocol):
    @property
    def lvrt(self) -> generation.RideThrough: ...

    @property
    def hvrt(self) -> generation.RideThrough: ...


def _plant(terms: PlantDispatchTerms) -> FieldTable:
    return field_table("电厂", terms, *_FIRST, "installed_mw", "unit_count", *_LAST)


def _renewable(terms: RenewableDispatchTerms) -> FieldTable:
    names = (*_FIRST, "installed_mw", "unit_count", "project_filing_no", *_LAST)
    return field_table("新能源场站", terms, *names)


def _storage(terms: StorageDispatchTerms) -> FieldTable:
    own = ("technology", "rated_mw", "rated_mwh", "unit_count", "soc_min", "soc_max", "response_ms")
    return field_table("储能电站", terms, *_FIRST, *own, *_LAST)


def _units(title: str, units: Sequence[generation.GeneratingUnit]) -> GridTable:
    columns = (("no", 2), ("model", 3), ("capacity_mw", 1.6), ("quantity", 1))
    return grid_table(title, generation.GeneratingUnit, units, columns)


def _storage_units(terms: StorageDispatchTerms) -> GridTable:
    columns = (("no", 2), ("model", 3), ("capacity_mw", 1.6), ("energy_mwh", 1.6), ("quantity", 1))
    return grid_table("储能单元", generation.StorageUnit, terms.units, columns)


def _performance(terms: StationDispatchTerms) -> FieldTable:
    return field_table("一次调频", terms.primary_freq, "enabled", "droop_pct", "dead_band_hz")


def _ride_through(terms: _WithRideThrough) -> GridTable:
    rows = [
        [zh, field_text(through, "fitted"), through.limits]
        for zh, through in (("低电压穿越", terms.lvrt), ("高电压穿越", terms.hvrt))
    ]
    return GridTable(title="故障穿越", header=["能力", "具备", "要求"], rows=rows, widths=[1.6, 0.8, 6])


def _forecast(terms: RenewableDispatchTerms) -> FieldTable:
    return field_table("功率预测", terms.forecast, "fitted", "day_ahead", "ultra_short")


def _plan_deadlines(terms: StationDispatchTerms) -> FieldTable:
    return field_table("计划建议报送期限", terms.plan_deadlines, "yearly", "monthly", "daily")


_STATION: Final[Mapping[str, Callable[[StationDispatchTerms], TableBlock]]] = MappingProxyType(
    {**DISPATCH_TABLES, "performance": _performance, "plan_deadlines": _plan_deadlines}
)

PLANT_TABLES: Final[Mapping[str, Callable[[PlantDispatchTerms], TableBlock]]] = MappingProxyType(
    {**_STATION, "station": _plant, "units": lambda terms: _units("机组", terms.units)}
)

RENEWABLE_TABLES: Final[Mapping[str, Callable[[RenewableDispatchTerms], TableBlock]]] = MappingProxyType(
    {
        **_STATION,
        "forecast": _forecast,
        "ride_through": _ride_through,
        "station": _renewable,
        "units": lambda terms: _units("发电单元", terms.units),
    }
)

STORAGE_TABLES: Final[Mapping[str, Callable[[StorageDispatchTerms], TableBlock]]] = MappingProxyType(
    {**_STATION, "ride_through": _ride_through, "station": _storage, "units": _storage_units}
)
