"""Tables of the fee settlement agreement, and its wording that depends on the terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, everyone, formation
from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.supply_tables import invoice_table
from contracts_chain.agreements.table_rows import TableBlock, annexes, contacts, field_table, grid_table
from contracts_chain.agreements.terms.settlement import (
    FeeSettlementTerms,
    Instalment,
    Prepayment,
    SettlementMode,
)
from pdfgen.document import FieldTable, GridTable

__all__ = ["SETTLEMENT_CONDITIONS", "SETTLEMENT_PHRASES", "SETTLEMENT_TABLES"]

_NONE: Final = (("约定", "无"),)


def _basics(terms: FeeSettlementTerms) -> FieldTable:
    return field_table(
        "结算基本情况",
        terms,
        "supply_contract_no",
        "cust_no",
        "reading_day",
        "reading_hour",
        "settle_cycle",
        "mode",
        "pay_by_day",
        "channel",
    )


def _instalments(terms: FeeSettlementTerms) -> GridTable:
    columns = (("no", 1), ("day", 1.4), ("share_pct", 1.4))
    return grid_table("分次支付", Instalment, terms.instalments, columns)


def _prepayment(terms: FeeSettlementTerms) -> FieldTable:
    ahead = terms.prepayment
    if ahead is None:
        return FieldTable(title="预购电约定", rows=_NONE)
    return FieldTable(
        title="预购电约定",
        rows=[
            ("首次购电电价", ahead.first_price),
            ("以后各次购电电价", ahead.later_price),
            ("余额提醒值", _yuan(ahead)),
            ("提醒后最短时间", value_text(ahead.warning_hours, "小时")),
            ("负荷控制终端编号", ahead.terminal_no),
        ],
    )


def _yuan(ahead: Prepayment) -> str:
    return value_text(Decimal(ahead.warning_balance_fen) / 100, "元")


def _bank(terms: FeeSettlementTerms) -> FieldTable:
    held = terms.bank_collection
    if held is None:
        return FieldTable(title="代扣账户", rows=_NONE)
    return field_table("代扣账户", held, "bank_name", "acct_name", "acct_no", "mandate_no")


def _payee(terms: FeeSettlementTerms) -> FieldTable:
    payee = terms.supplier
    return field_table("供电人收款账户", payee, "acct_name", "bank_name", "bank_acct")


SETTLEMENT_TABLES: Final[Mapping[str, Callable[[FeeSettlementTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "bank": _bank,
        "basics": _basics,
        "contacts": contacts,
        "instalments": _instalments,
        "invoice_profile": lambda terms: invoice_table(terms.invoice_profile),
        "payee": _payee,
        "prepayment": _prepayment,
    }
)


def _late_fee(terms: FeeSettlementTerms) -> str:
    return value_text(terms.late_fee_permille_per_day) + "‰"


def _late_fee_earlier(terms: FeeSettlementTerms) -> str:
    return value_text(terms.late_fee_earlier_permille_per_day) + "‰"


def _estimate(terms: FeeSettlementTerms) -> str:
    return terms.base_estimate or "上一结算期的电费"


SETTLEMENT_PHRASES: Final[Mapping[str, Callable[[FeeSettlementTerms], str]]] = MappingProxyType(
    {
        "dispute": dispute,
        "estimate": _estimate,
        "everyone": everyone,
        "formation": formation,
        "late_fee": _late_fee,
        "late_fee_earlier": _late_fee_earlier,
    }
)

SETTLEMENT_CONDITIONS: Final[Mapping[str, Callable[[FeeSettlementTerms], bool]]] = MappingProxyType(
    {
        "BANK": lambda terms: terms.mode is SettlementMode.BANK_COLLECTION,
        "GENERATOR": lambda terms: terms.generator is not None,
        "INSTALMENTS": lambda terms: terms.mode is SettlementMode.INSTALMENTS,
        "MARKET": lambda terms: terms.market_settlement is not None,
        "POSTPAID": lambda terms: terms.mode is SettlementMode.POSTPAID,
        "PREPAID": lambda terms: terms.mode is SettlementMode.PREPAID_LOAD_CONTROL,
        "RETAILER": lambda terms: terms.retailer is not None,
    }
)
