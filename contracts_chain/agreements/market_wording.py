"""Tables and wording of the retail-market supply contract (reference §5.3).

The technical body is that of a high-voltage contract; only what the market adds is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import formation
from contracts_chain.agreements.supply_phrases import SUPPLY_CONDITIONS, SUPPLY_PHRASES
from contracts_chain.agreements.supply_tables import HV_TABLES
from contracts_chain.agreements.table_rows import TableBlock, field_table
from contracts_chain.agreements.terms.market_retail import MarketRetailTerms
from pdfgen.document import FieldTable

__all__ = ["MARKET_CONDITIONS", "MARKET_PHRASES", "MARKET_TABLES"]


def _market(terms: MarketRetailTerms) -> FieldTable:
    return field_table("市场化信息", terms, "market_attr", "market_entry_no", "trading_centre", "cust_no")


def _third_party(terms: MarketRetailTerms) -> str:
    return "" if terms.retailer is None else "，售电公司作为第三方共同签订"


MARKET_TABLES: Final[Mapping[str, Callable[[MarketRetailTerms], TableBlock]]] = MappingProxyType(
    {**HV_TABLES, "market": _market}
)

MARKET_PHRASES: Final[Mapping[str, Callable[[MarketRetailTerms], str]]] = MappingProxyType(
    {**SUPPLY_PHRASES, "formation": formation, "third_party": _third_party}
)

MARKET_CONDITIONS: Final[Mapping[str, Callable[[MarketRetailTerms], bool]]] = MappingProxyType(
    {**SUPPLY_CONDITIONS, "RETAILER_SIGNS": lambda terms: terms.retailer is not None}
)
