"""FEE_SETTLEMENT 电费结算协议: two to four parties (reference §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.classes.agreement_class import AgreementClass
from contracts_chain.agreements.rules.settlement_rules import SETTLEMENT_CHECKS
from contracts_chain.agreements.settlement_tables import (
    SETTLEMENT_CONDITIONS,
    SETTLEMENT_PHRASES,
    SETTLEMENT_TABLES,
)
from contracts_chain.agreements.shown import field_text
from contracts_chain.agreements.terms import AgreementKind
from contracts_chain.agreements.terms.settlement import FeeSettlementTerms

__all__ = ["FEE_SETTLEMENT"]


def _cover(terms: FeeSettlementTerms) -> Iterator[tuple[str, str]]:
    yield "用户编号", terms.cust_no
    yield "对应供用电合同", terms.supply_contract_no
    yield "结算方式", field_text(terms, "mode")


FEE_SETTLEMENT: Final = AgreementClass(
    id="FEE_SETTLEMENT",
    kind=AgreementKind.FEE_SETTLEMENT,
    terms=FeeSettlementTerms,
    templates=("fee_settlement.toml",),
    tables=SETTLEMENT_TABLES,
    phrases=SETTLEMENT_PHRASES,
    conditions=SETTLEMENT_CONDITIONS,
    checks=SETTLEMENT_CHECKS,
    conspicuous=frozenset({"esign", "evidence", "late_fee", "payment"}),
    cover=_cover,
    unruled=MappingProxyType(
        {
            "prepayment.terminal_no": "number of a device",
            "renewal": "both ways of renewing are lawful",
            "settle_cycle": "both cycles are lawful",
        }
    ),
)
