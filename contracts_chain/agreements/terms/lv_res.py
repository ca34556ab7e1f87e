"""居民供用电合同: the short standard form of a household (reference §3.3 column R).

The customer is a natural person, or an organisation that supplies dwellings. Decides
only shape. Whether the values are lawful is the rule pack's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = ["LvResTerms", "ResidentPrice"]


class ResidentPrice(Coded):
    """How residents pay for energy: by steps of use, or one price for a shared meter."""

    LADDER = ("LADDER", "居民阶梯电价")
    UNIFORM = ("UNIFORM", "居民合表电价")


@dataclass(frozen=True, slots=True, kw_only=True)
class LvResTerms(SupplyTerms):
    """Terms of one contract for a dwelling.

    Attributes:
        contract_cap: kW.
        property_proof: 房产证明, the second and last paper a household is asked for (reference C9).
        meter_box: Where the box with the meter hangs; its owner is the company.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.LV_RES_SUPPLY

    property_proof: Annotated[DocumentRef | None, Label("房产证明")] = None
    contract_cap: Annotated[Decimal, Label("合同容量", "kW")]
    meter_box: Annotated[str, Label("表箱位置")]
    price_scheme: Annotated[ResidentPrice, Label("居民电价执行方式")]
    tou_flag: Annotated[bool, Label("执行分时电价")] = False
    reading_day: Annotated[int | None, Label("抄表例日", "日")] = None
    settle_cycle: Annotated[codes.SettleCycle | None, Label("结算周期")] = None
