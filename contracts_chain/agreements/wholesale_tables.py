"""Tables of the wholesale contract, and its wording that depends on the terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import (
    dispute,
    formation,
    late_fee,
    late_fee_earlier,
    transformer_loss,
)
from contracts_chain.agreements.supply_tables import SUPPLY_TABLES, fee_table, invoice_table
from contracts_chain.agreements.table_rows import TableBlock, field_table, grid_table
from contracts_chain.agreements.terms.agreed_item import AgreedItem
from contracts_chain.agreements.terms.wholesale import SettlementShare, WholesaleTerms
from pdfgen.document import FieldTable, GridTable

__all__ = ["WHOLESALE_CONDITIONS", "WHOLESALE_PHRASES", "WHOLESALE_TABLES", "agreed_items"]


def agreed_items(items: tuple[AgreedItem, ...]) -> GridTable:
    """Matters that the parties added."""
    return grid_table("其他约定事项", AgreedItem, items, (("name", 2), ("content", 6)))


def _basics(terms: WholesaleTerms) -> FieldTable:
    return field_table(
        "趸购基本情况",
        terms,
        "supply_area",
        "elec_categ",
        "contract_cap",
        "max_demand_kw",
        "expected_annual_mwh",
        "manages_large_industry",
        "archive_no",
        "channel",
    )


def _tariff(terms: WholesaleTerms) -> FieldTable:
    return field_table(
        "电价",
        terms,
        "tariff_name",
        "tariff_code",
        "tariff_version",
        "pf_standard",
        "late_fee_permille_per_day",
    )


def _shares(terms: WholesaleTerms) -> GridTable:
    columns = (("meter_no", 2), ("category", 2), ("tariff_code", 2), ("share_pct", 1.4))
    return grid_table("关口电量分类结算比例", SettlementShare, terms.settlement_shares, columns)


WHOLESALE_TABLES: Final[Mapping[str, Callable[[WholesaleTerms], TableBlock]]] = MappingProxyType(
    {
        **SUPPLY_TABLES,
        "basics": _basics,
        "further_items": lambda terms: agreed_items(terms.further_items),
        "invoice_profile": lambda terms: invoice_table(terms.invoice_profile),
        "other_fees": lambda terms: fee_table(terms.other_fees),
        "shares": _shares,
        "tariff": _tariff,
    }
)


def _operations(terms: WholesaleTerms) -> str:
    ways = (f"{source.no}（{source.line_name}）{source.operation}" for _, source in terms.sources())
    return "；".join(ways) or "无"


WHOLESALE_PHRASES: Final[Mapping[str, Callable[[WholesaleTerms], str]]] = MappingProxyType(
    {
        "dispute": dispute,
        "formation": formation,
        "late_fee": late_fee,
        "late_fee_earlier": late_fee_earlier,
        "operations": _operations,
        "transformer_loss": transformer_loss,
    }
)

WHOLESALE_CONDITIONS: Final[Mapping[str, Callable[[WholesaleTerms], bool]]] = MappingProxyType(
    {"DISPATCH": lambda terms: terms.dispatch_contract_no is not None}
)
