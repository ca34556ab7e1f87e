"""Tables of the photovoltaic generation-use contract (reference §5.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.table_rows import (
    INSTRUMENT_COLUMNS,
    TableBlock,
    annexes,
    contacts,
    field_table,
    grid_table,
    reference_cells,
)
from contracts_chain.agreements.terms import site
from contracts_chain.agreements.terms.gen_use import FeedInPoint, GenUseTerms, Inverter
from pdfgen.document import FieldTable, GridTable

__all__ = ["GEN_USE_TABLES"]


def _papers(terms: GenUseTerms) -> GridTable:
    named = (
        ("并网申请", terms.application),
        ("接入电网意见函", terms.grid_opinion),
        ("项目备案", terms.filing),
        ("并网验收意见单", terms.acceptance),
        *(("地方另行要求的材料", paper) for paper in terms.local_files),
    )
    return GridTable(
        title="签约依据文件",
        header=["文件", "编号", "日期", "SHA-256 摘要"],
        rows=[[title, *reference_cells(paper)] for title, paper in named],
        widths=[2.6, 2.8, 2.5, 6.3],
    )


def _basics(terms: GenUseTerms) -> FieldTable:
    return field_table(
        "项目基本情况",
        terms,
        "project_name",
        "location",
        "gen_account_no",
        "cust_no",
        "capacity_kwp",
        "mode",
        "roof_is_owners",
        "first_sync_date",
        "anti_islanding",
        "channel",
    )


def _inverters(terms: GenUseTerms) -> GridTable:
    return grid_table("逆变器", Inverter, terms.inverters, (("model", 4), ("power_kw", 2), ("quantity", 1)))


def _points(terms: GenUseTerms) -> GridTable:
    columns = (
        ("no", 1.2),
        ("voltage_kv", 1.1),
        ("location", 2.2),
        ("grid_side", 2.4),
        ("demarcation", 3.4),
        ("break_device", 2.4),
    )
    return grid_table("并网点和产权分界点", FeedInPoint, terms.points, columns)


def _meters(terms: GenUseTerms) -> GridTable:
    columns = (
        ("no", 1.1),
        ("purpose", 1.7),
        ("location", 2.4),
        ("mode", 1.2),
        ("wiring", 1.2),
        ("at_demarcation", 1.2),
        ("collection", 2.2),
    )
    return grid_table("计量点", site.MeteringPoint, terms.meters, columns)


def _instruments(terms: GenUseTerms) -> GridTable:
    return grid_table("计量装置", site.MeteringPoint, terms.meters, INSTRUMENT_COLUMNS)


def _price(terms: GenUseTerms) -> FieldTable:
    return field_table(
        "上网电费",
        terms,
        "price_basis",
        "subsidy",
        "station_use_tariff",
        "reading_day",
        "settle_cycle",
        "pay_within_days",
        "invoice_by",
        "invoice_email",
    )


GEN_USE_TABLES: Final[Mapping[str, Callable[[GenUseTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "contacts": contacts,
        "gen_basics": _basics,
        "gen_meters": _meters,
        "gen_papers": _papers,
        "gen_price": _price,
        "instruments": _instruments,
        "inverters": _inverters,
        "points": _points,
    }
)
