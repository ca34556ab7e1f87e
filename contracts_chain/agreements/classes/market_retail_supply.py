"""MARKET_RETAIL_SUPPLY 市场化零售供用电合同 (reference §5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.market_wording import MARKET_CONDITIONS, MARKET_PHRASES, MARKET_TABLES
from contracts_chain.agreements.rules.market_rules import MARKET_CHECKS
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.market_retail import MarketRetailTerms

__all__ = ["MARKET_RETAIL_SUPPLY"]


def _cover(terms: MarketRetailTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "档案号", terms.archive_no
    yield "用电地址", terms.supply_addr
    yield "合同容量", field_text(terms, "contract_cap")
    yield "市场主体注册编号", terms.market_entry_no


MARKET_RETAIL_SUPPLY: Final = AgreementClass(
    id="MARKET_RETAIL_SUPPLY",
    kind=AgreementKind.MARKET_RETAIL_SUPPLY,
    terms=MarketRetailTerms,
    templates=("market_retail_supply.toml",),
    tables=MARKET_TABLES,
    phrases=MARKET_PHRASES,
    conditions=MARKET_CONDITIONS,
    checks=MARKET_CHECKS,
    conspicuous=frozenset(
        {
            "basic_fee",
            "cut_off",
            "esign",
            "evidence",
            "exemption",
            "fallback",
            "forbidden",
            "late_fee",
            "retail_settlement",
            "unlawful_use",
        }
    ),
    needs_heads=True,
    cover=_cover,
    unruled=MappingProxyType(
        {
            "industry_name": "words beside the code, which R-CODE-1 reads",
            "load_class": "classified by the utility's own survey of the load",
            "load_traits[]": "facts of the customer's equipment; the clause on power quality answers them",
            "non_elec_safety": "measures of the customer's own trade",
            "rest_day": "the customer's own calendar",
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "shifts": "the customer's own working day",
            "tou_flag": "follows from the price document in force, which names its users",
        }
    ),
)
