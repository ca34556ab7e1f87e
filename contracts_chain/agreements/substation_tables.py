"""Tables that only the dispatch agreement with a customer substation has (reference §4.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.dispatch_tables import DISPATCH_TABLES
from contracts_chain.agreements.table_rows import TableBlock, field_table, grid_table
from contracts_chain.agreements.terms import SubstationDispatchTerms
from contracts_chain.agreements.terms import dispatch_equipment as grid
from pdfgen.document import FieldTable, GridTable

__all__ = ["SUBSTATION_TABLES"]


def _station(terms: SubstationDispatchTerms) -> FieldTable:
    return field_table(
        "用户变电站",
        terms,
        "station_name",
        "dispatch_name",
        "location",
        "station_type",
        "installed_mva",
        "first_sync_date",
        "channel",
    )


def _main_transformers(terms: SubstationDispatchTerms) -> GridTable:
    columns = (("no", 1.2), ("model", 2), ("capacity_mva", 1.4), ("primary_kv", 1.4), ("secondary_kv", 1.4))
    return grid_table("主变压器", grid.MainTransformer, terms.main_transformers, columns)


SUBSTATION_TABLES: Final[Mapping[str, Callable[[SubstationDispatchTerms], TableBlock]]] = MappingProxyType(
    {**DISPATCH_TABLES, "main_transformers": _main_transformers, "station": _station}
)
