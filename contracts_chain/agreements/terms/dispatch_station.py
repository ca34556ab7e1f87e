"""并网调度协议 with a station that generates or stores: what the three variants share (reference §4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.dispatch import DispatchTerms
from contracts_chain.agreements.terms.generation import PlanDeadlines, PrimaryFrequency
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import Party

__all__ = ["StationDispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDispatchTerms(DispatchTerms):
    """Terms of one dispatch agreement with the owner of a station.

    Attributes:
        purchase_contract_nos: 购售电合同 by their own numbers; they are drafted elsewhere.
        cust_no: Account of the station's own use; a plant may have none.
    """

    OPERATOR_SIDE: ClassVar[codes.DutySide] = codes.DutySide.STATION

    cust_no: Annotated[str | None, Label("用户编号")] = None
    purchase_contract_nos: Annotated[tuple[str, ...], Label("对应购售电合同编号")]
    owner: Annotated[Party, Label("电站方")]
    primary_freq: Annotated[PrimaryFrequency, Label("一次调频")]
    plan_deadlines: Annotated[PlanDeadlines, Label("计划报送期限")]
