"""Tables of the entrusted relay agreement, and its wording that depends on the terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, everyone, formation
from contracts_chain.agreements.supply_tables import fee_table
from contracts_chain.agreements.table_rows import (
    INSTRUMENT_COLUMNS,
    METER_COLUMNS,
    TableBlock,
    annexes,
    contacts,
    field_table,
    grid_table,
    reference_cells,
)
from contracts_chain.agreements.terms.relay import RelayPoint, RelayTerms
from contracts_chain.agreements.terms.site import MeteringPoint
from contracts_chain.agreements.wholesale_tables import agreed_items
from pdfgen.document import FieldTable, GridTable

__all__ = ["RELAY_CONDITIONS", "RELAY_PHRASES", "RELAY_TABLES"]


def _basics(terms: RelayTerms) -> FieldTable:
    return field_table(
        "转供用户", terms, "cust_no", "relayer_cust_no", "relayed_addr", "relayed_elec_categ", "channel"
    )


def _consent(terms: RelayTerms) -> FieldTable:
    number, dated, digest = reference_cells(terms.approval)
    rows = [("文件编号", number), ("日期", dated), ("文件 SHA-256", digest)]
    return FieldTable(title="供电方同意转供的文件", rows=rows)


def _capacity(terms: RelayTerms) -> FieldTable:
    return field_table(
        "容量分配",
        terms,
        "relayer_capacity_kva",
        "own_capacity_kva",
        "relayed_capacity_kva",
        "relay_loss_pct",
    )


def _points(terms: RelayTerms) -> GridTable:
    columns = (
        ("no", 1),
        ("location", 2.2),
        ("voltage_kv", 0.9),
        ("line", 1.6),
        ("switch", 1.8),
        ("boundary", 3.4),
    )
    return grid_table("转供点和产权分界", RelayPoint, terms.relay_points, columns)


def _meters(terms: RelayTerms) -> GridTable:
    return grid_table("被转供方计量点", MeteringPoint, terms.meters, METER_COLUMNS)


def _instruments(terms: RelayTerms) -> GridTable:
    return grid_table("被转供方计量装置", MeteringPoint, terms.meters, INSTRUMENT_COLUMNS)


RELAY_TABLES: Final[Mapping[str, Callable[[RelayTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "basics": _basics,
        "capacity": _capacity,
        "consent": _consent,
        "contacts": contacts,
        "further_items": lambda terms: agreed_items(terms.further_items),
        "instruments": _instruments,
        "meters": _meters,
        "other_fees": lambda terms: fee_table(terms.other_fees),
        "points": _points,
    }
)

RELAY_PHRASES: Final[Mapping[str, Callable[[RelayTerms], str]]] = MappingProxyType(
    {"dispute": dispute, "everyone": everyone, "formation": formation}
)

RELAY_CONDITIONS: Final[Mapping[str, Callable[[RelayTerms], bool]]] = MappingProxyType(
    {
        "FEES": lambda terms: bool(terms.other_fees),
        "NO_FEES": lambda terms: not terms.other_fees,
    }
)
