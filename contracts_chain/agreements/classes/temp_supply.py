"""TEMP_SUPPLY 临时供用电合同 (reference §3.1, §3.3 column T)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.lv_phrases import TEMP_PHRASES
from contracts_chain.agreements.lv_tables import TEMP_TABLES
from contracts_chain.agreements.rules.temp_rules import TEMP_CHECKS
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.temp_supply import TempSupplyTerms

__all__ = ["TEMP_SUPPLY"]


def _cover(terms: TempSupplyTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "档案号", terms.archive_no
    yield "用电地址", terms.supply_addr
    yield "临时用电用途", terms.purpose
    yield "合同容量", value_text(terms.contract_cap, terms.capacity_unit)


TEMP_SUPPLY: Final = AgreementClass(
    id="TEMP_SUPPLY",
    kind=AgreementKind.TEMP_SUPPLY,
    terms=TempSupplyTerms,
    templates=("temp_supply.toml",),
    tables=TEMP_TABLES,
    phrases=TEMP_PHRASES,
    checks=TEMP_CHECKS,
    conspicuous=frozenset(
        {
            "cut_off",
            "end",
            "esign",
            "evidence",
            "exemption",
            "forbidden",
            "late_fee",
            "temp_limits",
            "unlawful_use",
            "urgent_stop",
        }
    ),
    needs_heads=True,
    cover=_cover,
    unruled=MappingProxyType(
        {
            "equipment[].name": "name on the customer's own list; its power is what counts (R-CAP-2)",
            "industry_name": "words beside the code, which R-CODE-1 reads",
            "settle_cycle": "free agreement of the parties; the code list already limits the choices",
            "tou_flag": "follows from the price document in force, which names its users",
        }
    ),
)
