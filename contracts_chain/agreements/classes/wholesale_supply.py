"""WHOLESALE_SUPPLY 趸购电合同 between utilities (reference §3.1, §3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.rules.wholesale_rules import WHOLESALE_CHECKS
from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.wholesale import WholesaleTerms
from contracts_chain.agreements.wholesale_tables import (
    WHOLESALE_CONDITIONS,
    WHOLESALE_PHRASES,
    WHOLESALE_TABLES,
)

__all__ = ["WHOLESALE_SUPPLY"]


def _cover(terms: WholesaleTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "档案号", terms.archive_no
    yield "趸购方供电营业区", terms.supply_area
    yield "合同容量", field_text(terms, "contract_cap")
    yield "并网调度协议", value_text(terms.dispatch_contract_no)


WHOLESALE_SUPPLY: Final = AgreementClass(
    id="WHOLESALE_SUPPLY",
    kind=AgreementKind.WHOLESALE_SUPPLY,
    terms=WholesaleTerms,
    templates=("wholesale_supply.toml",),
    tables=WHOLESALE_TABLES,
    phrases=WHOLESALE_PHRASES,
    conditions=WHOLESALE_CONDITIONS,
    checks=WHOLESALE_CHECKS,
    conspicuous=frozenset({"cut_off", "esign", "evidence", "exemption", "late_fee", "resale"}),
    needs_heads=True,
    cover=_cover,
    unruled=MappingProxyType(
        {
            "further_items[].content": "added by the parties; the rules about text in general read it",
            "further_items[].name": "added by the parties; the rules about text in general read it",
            "receiving_points[].transformers[].on_load_tap_changer": "changes no wholesale standard",
            "settle_cycle": "both cycles are lawful",
            "settlement_shares[].category": "one of a closed list; what 501-506 stand for is not established",
            "share_review": "agreed between utilities; no source fixes it",
            "supply_area": "as the licence names it; it is not in these terms",
        }
    ),
)
