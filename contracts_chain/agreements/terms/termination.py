"""合同终止协议: how a contract ends and what is settled at its end (reference §7.2, §7.3).

Decides only shape. ``valid_from`` is the day on which the main contract ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["FinalReading", "FinalSettlement", "TerminationTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalReading:
    """The last reading of one meter; both sides read it together."""

    meter_no: Annotated[str, Label("计量点")]
    reading_kwh: Annotated[Decimal, Label("止码", "kWh")]
    multiplier: Annotated[Decimal, Label("综合倍率")]
    read_on: Annotated[date, Label("抄录日期")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalSettlement:
    """What was owed and paid at the end, in integer fen.

    Attributes:
        deposit: What becomes of advance payments and deposits, or 无.
    """

    settled: Annotated[bool, Label("电费已结清")]
    settled_on: Annotated[date, Label("结清日期")]
    final_amount_fen: Annotated[int, Label("末次结算金额", "分")]
    deposit: Annotated[str, Label("预收款项和保证金处理")]
    equipment: Annotated[str, Label("计量装置拆除和停电安排")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationTerms(AgreementTerms):
    """Terms of one termination; a termination record has no term of its own.

    Attributes:
        paper_service: The customer is handed the paper as well, for it ends supply (§7.3).
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.TERMINATION

    supplier: Annotated[Party, Label("供电人")]
    consumer: Annotated[Party, Label("用电人")]
    cust_no: Annotated[str, Label("用户编号")]
    main_contract_no: Annotated[str, Label("原合同编号")]
    main_formed_on: Annotated[date, Label("原合同成立日期")]
    change_order_no: Annotated[str, Label("业务单号")]
    trigger: Annotated[ChangeTrigger, Label("终止业务")]
    reason: Annotated[str, Label("终止原因")]
    readings: Annotated[tuple[FinalReading, ...], Label("止码")]
    settlement: Annotated[FinalSettlement, Label("最终结算")]
    paper_service: Annotated[bool, Label("另行纸质送达")]
    dispute: Annotated[Dispute, Label("争议解决")]

    def related_numbers(self) -> tuple[str, ...]:
        """The main contract."""
        return (self.main_contract_no,)
