"""补充协议: what changes in a contract, field by field, and nothing else (reference §6.4, §7.2).

Decides only shape. The main contract's own text is never touched: old and new words of each
changed field stand here side by side.
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

__all__ = ["ChangedField", "SupplementTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedField:
    """One field of the main contract as it was and as it is to be.

    Attributes:
        path: Field path in the main contract's terms.
        label: What the contract calls it.
    """

    path: Annotated[str, Label("字段")]
    label: Annotated[str, Label("变更事项")]
    old_text: Annotated[str, Label("原约定")]
    new_text: Annotated[str, Label("变更为")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementTerms(AgreementTerms):
    """Terms of one supplement; its ``valid_from`` is the day from which the change is performed.

    Attributes:
        main_contract_no: Number of the contract that is supplemented, itself no supplement.
        main_formed_on: Day on which that was formed.
        capacity_after_kva: Contract capacity after the change, where it changes.
        valid_to: Ends with the main contract.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.SUPPLEMENT

    supplier: Annotated[Party, Label("供电人")]
    consumer: Annotated[Party, Label("用电人")]
    cust_no: Annotated[str, Label("用户编号")]
    main_contract_no: Annotated[str, Label("原合同编号")]
    main_formed_on: Annotated[date, Label("原合同成立日期")]
    change_order_no: Annotated[str, Label("变更业务单号")]
    trigger: Annotated[ChangeTrigger, Label("变更业务")]
    changed: Annotated[tuple[ChangedField, ...], Label("变更内容")]
    capacity_after_kva: Annotated[Decimal | None, Label("变更后合同容量", "kVA")] = None
    dispute: Annotated[Dispute, Label("争议解决")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Capacity after the change, against which authority is measured."""
        return self.capacity_after_kva

    def related_numbers(self) -> tuple[str, ...]:
        """The main contract."""
        return (self.main_contract_no,)
