"""Rules of fee settlement agreements (reference §5.2, R-LATE-1; the other ids are ours)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.reference_rules import reference_violations
from contracts_chain.agreements.rules.supply_price import late_fee_is_in_range
from contracts_chain.agreements.rules.supply_procedure import invoice_goes_to_the_consumer
from contracts_chain.agreements.terms.settlement import FeeSettlementTerms, SettlementMode
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["SETTLEMENT_CHECKS"]

_NOTHING: Final = frozenset({"无", "/"})
_WHOLE: Final = Decimal(100)


def supply_contract_is_named(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-REF-1: the supply contract whose bills are settled."""
    yield from reference_violations("supply_contract_no", terms.supply_contract_no)


def mode_has_what_it_needs(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-MODE-1: each way of paying has its particulars, and no other way's."""
    parts = (
        (SettlementMode.INSTALMENTS, "instalments", bool(terms.instalments), "分次支付"),
        (SettlementMode.INSTALMENTS, "base_estimate", terms.base_estimate is not None, "分次支付的计算基础"),
        (SettlementMode.PREPAID_LOAD_CONTROL, "prepayment", terms.prepayment is not None, "负控预付费约定"),
        (SettlementMode.BANK_COLLECTION, "bank_collection", terms.bank_collection is not None, "代扣账户"),
    )
    for mode, path, is_there, zh in parts:
        if is_there is not (terms.mode is mode):
            wanted, en = ("请填写", "fill it in") if terms.mode is mode else ("请删除", "remove it")
            yield Violation(
                path=path, en=f"mode {terms.mode.value}: {en}", zh=f"结算方式为{terms.mode.zh}，{wanted}{zh}"
            )


def instalments_make_a_whole(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-INST-1: two or more, numbered and dated in order, shares of 100 percent together."""
    rows = terms.instalments
    if not rows:
        return
    total = sum((row.share_pct for row in rows), Decimal(0))
    if total != _WHOLE or any(row.share_pct <= 0 for row in rows):
        yield Violation(
            path="instalments",
            en=f"shares above 0 that sum to 100 %, found {decimal_text(total)} %",
            zh=f"各期比例应大于零且合计 100%，现合计 {decimal_text(total)}%",
        )
    in_order = all(first.day < second.day for first, second in pairwise(rows))
    if len(rows) == 1 or not in_order or [row.no for row in rows] != list(range(1, len(rows) + 1)):
        yield Violation(
            path="instalments",
            en="at least two, numbered 1, 2, … on ascending days",
            zh="分次支付至少两期，期次从 1 起连续，支付日依次递增",
        )


def prepayment_is_told_in_time(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-PRE-1: a low balance is told before load is controlled; prices are agreed."""
    ahead = terms.prepayment
    if ahead is None:
        return
    for name, value in (
        ("warning_balance_fen", ahead.warning_balance_fen),
        ("warning_hours", ahead.warning_hours),
    ):
        if value <= 0:
            yield Violation(
                path=f"prepayment.{name}",
                en="above 0: the customer is reminded before any load control",
                zh="应大于零：采取负荷控制前必须先提醒用电人",
            )
    for name in ("first_price", "later_price"):
        if getattr(ahead, name) in _NOTHING:
            yield Violation(
                path=f"prepayment.{name}", en="say at which price energy is bought", zh="请写明购电所用的电价"
            )


def month_is_trued_up(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-TRUE-1: what is paid before the reading is settled after it."""
    ahead = terms.mode in {SettlementMode.PREPAID_LOAD_CONTROL, SettlementMode.INSTALMENTS}
    if ahead and terms.true_up in _NOTHING:
        yield Violation(
            path="true_up",
            en="say how the month is settled after the reading",
            zh="预付或者分次支付的，请约定抄表后的月末清算办法",
        )


def market_parties_have_their_part(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-PARTY-1: who signs besides supplier and customer has a part in the settlement."""
    signs = terms.retailer is not None or terms.generator is not None
    if signs is not (terms.market_settlement is not None):
        yield Violation(
            path="market_settlement",
            en="write it if a retailer or generator signs, and only then",
            zh="售电公司或者发电企业签订的，请写明市场电费结算关系；没有的请删除",
        )
    parties = terms.parties()
    if len({held.party.id_no for held in parties}) != len(parties):
        yield Violation(
            path="consumer.id_no", en="two parties are one person", zh="有两方为同一主体，请核对证件号码"
        )


def collection_debits_the_consumer(terms: FeeSettlementTerms, _ground: Ground) -> Violations:
    """S-BANK-1: the debited account is the customer's own, with a mandate."""
    held = terms.bank_collection
    if held is None:
        return
    if held.acct_name != terms.consumer.name:
        yield Violation(
            path="bank_collection.acct_name",
            en=f"the account is {held.acct_name}'s, the customer is {terms.consumer.name}",
            zh=f"代扣账户户名为“{held.acct_name}”，用电人为“{terms.consumer.name}”，应一致",
        )
    for name, zh in (("bank_name", "开户银行"), ("acct_no", "账号"), ("mandate_no", "代扣授权书编号")):
        if getattr(held, name) in _NOTHING:
            yield Violation(path=f"bank_collection.{name}", en="fill it in", zh=f"请填写{zh}")


SETTLEMENT_CHECKS: Final[Mapping[str, Callable[[FeeSettlementTerms, Ground], Violations]]] = MappingProxyType(
    {
        "R-LATE-1": late_fee_is_in_range,
        "R-INV-1": invoice_goes_to_the_consumer,
        "S-REF-1": supply_contract_is_named,
        "S-MODE-1": mode_has_what_it_needs,
        "S-INST-1": instalments_make_a_whole,
        "S-PRE-1": prepayment_is_told_in_time,
        "S-TRUE-1": month_is_trued_up,
        "S-PARTY-1": market_parties_have_their_part,
        "S-BANK-1": collection_debits_the_consumer,
    }
)
