"""委托转供电协议: a customer carries energy to another whom the utility cannot reach yet (R-RELAY-1).

Three parties sign. The relayed user keeps its own supply contract with the utility, to
which this agreement refers; the utility bills it, never the relaying customer. The field
set is not established by any source: ``further_items`` takes what a place adds.
Decides only shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreed_item import AgreedItem
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute, OutageNotice, PublishedFee
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import MeteringPoint

__all__ = ["RelayPoint", "RelayTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayPoint:
    """转供点: where the relaying customer's network hands energy to the relayed user."""

    no: Annotated[str, Label("编号")]
    location: Annotated[str, Label("位置")]
    voltage_kv: Annotated[Decimal, Label("电压", "kV")]
    line: Annotated[str, Label("供出线路")]
    switch: Annotated[str, Label("供出开关")]
    boundary: Annotated[str, Label("产权分界")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTerms(AgreementTerms):
    """Terms of one entrusted relay supply.

    Attributes:
        cust_no: Account of the relayed user.
        relayer_contract_no: Supply contract of the relaying customer.
        relayed_contract_no: The relayed user's own supply contract (R-RELAY-1).
        relayer_is_defence: Important defence users never relay (R-RELAY-1).
        relayer_capacity_kva: Contract capacity of the relaying customer's receiving point.
        own_capacity_kva: Part that stays the relaying customer's.
        relayed_capacity_kva: Part that is relayed.
        relay_loss_pct: Loss between the relaying customer's meter and the relayed user's,
            percent of relayed energy; who bears it says ``loss_bearer``.
        other_fees: Only what has a published basis.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.ENTRUSTED_RELAY_SUPPLY
    REFERENCES: ClassVar[tuple[str, ...]] = ("relayer_contract_no", "relayed_contract_no")
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电方", "relayer": "转供方", "relayed": "被转供方"}
    )

    cust_no: Annotated[str, Label("被转供方用户编号")]
    relayer_cust_no: Annotated[str, Label("转供方用户编号")]
    relayer_contract_no: Annotated[str, Label("转供方供用电合同编号")]
    relayed_contract_no: Annotated[str, Label("被转供方供用电合同编号")]
    supplier: Annotated[Party, Label("供电方")]
    relayer: Annotated[Party, Label("转供方")]
    relayed: Annotated[Party, Label("被转供方")]
    reason: Annotated[str, Label("委托转供的原因")]
    approval: Annotated[DocumentRef | None, Label("供电方同意转供的文件")] = None
    relayer_is_defence: Annotated[bool, Label("转供方为重要国防军工用户")]
    relayed_addr: Annotated[str, Label("被转供方用电地址")]
    relayed_elec_categ: Annotated[codes.ElecCategory, Label("被转供方用电类别")]
    relayer_capacity_kva: Annotated[Decimal, Label("转供方合同容量", "kVA")]
    own_capacity_kva: Annotated[Decimal, Label("转供方自用容量", "kVA")]
    relayed_capacity_kva: Annotated[Decimal, Label("转供容量", "kVA")]
    relay_points: Annotated[tuple[RelayPoint, ...], Label("转供点")]
    meters: Annotated[tuple[MeteringPoint, ...], Label("被转供方计量点")]
    relay_loss_pct: Annotated[Decimal, Label("转供损耗率", "%")]
    loss_bearer: Annotated[str, Label("转供损耗的承担")]
    deduction: Annotated[str, Label("转供电量和需量的扣减")]
    other_fees: Annotated[tuple[PublishedFee, ...], Label("转供费用")] = ()
    outage_notice: Annotated[OutageNotice, Label("停电通知")]
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
    further_items: Annotated[tuple[AgreedItem, ...], Label("其他约定事项")] = ()

    @property
    def capacity_kva(self) -> Decimal | None:
        """The relayed capacity."""
        return self.relayed_capacity_kva

    def metering_points(self) -> Iterator[tuple[str, MeteringPoint]]:
        """The relayed user's meters with their field paths."""
        for index, meter in enumerate(self.meters):
            yield f"meters[{index}]", meter
