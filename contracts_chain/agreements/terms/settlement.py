"""电费结算协议: when energy is read, how it is paid, what happens at month's end (reference §5.2).

Signed by supplier and customer, and by the retailer or generator whose settlement it
fixes (2024 Rules art. 94 allows it beside the supply contract). Decides only shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute, InvoiceProfile
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["BankCollection", "FeeSettlementTerms", "Instalment", "Prepayment", "SettlementMode"]


class SettlementMode(codes.Coded):
    """结算方式."""

    POSTPAID = ("POSTPAID", "抄表后一次支付")
    PREPAID_LOAD_CONTROL = ("PREPAID_LOAD_CONTROL", "负控预付费")
    INSTALMENTS = ("INSTALMENTS", "分次支付、月末结清")
    BANK_COLLECTION = ("BANK_COLLECTION", "银行代扣")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One payment within the month."""

    no: Annotated[int, Label("期次")]
    day: Annotated[int, Label("支付日", "日")]
    share_pct: Annotated[Decimal, Label("比例", "%")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """负控预付费: at which price energy is bought ahead, and when a low balance is told.

    Attributes:
        warning_balance_fen: Balance at which the customer is reminded.
        warning_hours: Hours from the reminder to any load control.
    """

    first_price: Annotated[str, Label("首次购电电价")]
    later_price: Annotated[str, Label("以后各次购电电价")]
    warning_balance_fen: Annotated[int, Label("余额提醒值", "分")]
    warning_hours: Annotated[int, Label("余额提醒提前时间", "小时")]
    terminal_no: Annotated[str, Label("负荷控制终端编号")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankCollection:
    """The account that is debited, and the customer's mandate to do so."""

    bank_name: Annotated[str, Label("开户银行")]
    acct_name: Annotated[str, Label("户名")]
    acct_no: Annotated[str, Label("账号")]
    mandate_no: Annotated[str, Label("代扣授权书编号")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSettlementTerms(AgreementTerms):
    """Terms of one fee settlement agreement.

    Attributes:
        supply_contract_no: The supply contract whose bills are settled.
        retailer: Where the customer buys from a retailer that settles through the utility.
        generator: Where energy of a generator is settled with this customer.
        market_settlement: Who settles which part with whom; only where one of them signs.
        reading_hour: Hour of the reading day at which registers are frozen, 0-23.
        base_estimate: From what the instalments are computed before the reading.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.FEE_SETTLEMENT
    REFERENCES: ClassVar[tuple[str, ...]] = ("supply_contract_no",)
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电人", "consumer": "用电人", "retailer": "售电公司", "generator": "发电企业"}
    )

    cust_no: Annotated[str, Label("用户编号")]
    supply_contract_no: Annotated[str, Label("对应供用电合同编号")]
    supplier: Annotated[Party, Label("供电人")]
    consumer: Annotated[Party, Label("用电人")]
    retailer: Annotated[Party | None, Label("售电公司")] = None
    generator: Annotated[Party | None, Label("发电企业")] = None
    market_settlement: Annotated[str | None, Label("市场电费结算关系")] = None
    reading_day: Annotated[int, Label("抄表例日", "日")]
    reading_hour: Annotated[int, Label("抄表时刻", "时")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    mode: Annotated[SettlementMode, Label("结算方式")]
    pay_by_day: Annotated[int, Label("电费支付期限", "日")]
    instalments: Annotated[tuple[Instalment, ...], Label("分次支付")] = ()
    base_estimate: Annotated[str | None, Label("分次支付的计算基础")] = None
    prepayment: Annotated[Prepayment | None, Label("负控预付费")] = None
    bank_collection: Annotated[BankCollection | None, Label("银行代扣")] = None
    true_up: Annotated[str, Label("月末清算")]
    late_fee_permille_per_day: Annotated[Decimal, Label("当年欠费违约金", "‰/日")]
    late_fee_earlier_permille_per_day: Annotated[Decimal, Label("跨年度欠费违约金", "‰/日")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
