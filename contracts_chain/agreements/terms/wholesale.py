"""趸购电合同: a utility sells to a local utility that supplies its own area (reference §3.1, §3.5).

The field set of wholesale contracts is not established by any source: what every supply
contract has is kept, gateway meters stand in its metering points, the price of each
gateway is agreed by shares of use, and ``further_items`` takes what a place adds.
Decides only shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreed_item import AgreedItem
from contracts_chain.agreements.terms.commercial import InvoiceProfile, LossAllocation, PublishedFee
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.supply_terms import SupplyTerms

__all__ = ["SettlementShare", "WholesaleCategory", "WholesaleTerms"]


class WholesaleCategory(codes.Coded):
    """趸售类别, codes 500-506; what 501-506 stand for is not established, so they keep their number."""

    C500 = ("500", "趸售（500）")
    C501 = ("501", "趸售（501）")
    C502 = ("502", "趸售（502）")
    C503 = ("503", "趸售（503）")
    C504 = ("504", "趸售（504）")
    C505 = ("505", "趸售（505）")
    C506 = ("506", "趸售（506）")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementShare:
    """Share of a gateway's energy that is settled at one wholesale price.

    Attributes:
        meter_no: Number of a metering point of this contract.
    """

    meter_no: Annotated[str, Label("关口计量点")]
    category: Annotated[WholesaleCategory, Label("趸售类别")]
    tariff_code: Annotated[str, Label("电价代码")]
    share_pct: Annotated[Decimal, Label("电量比例", "%")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholesaleTerms(SupplyTerms):
    """Terms of one wholesale contract between utilities.

    Attributes:
        supply_area: 供电营业区 in which the buyer resells; one supplier per area (条例 art. 8).
        manages_large_industry: Whether 大工业 users of the area are the buyer's, not directly
            managed by the seller (R-PF-1).
        dispatch_contract_no: Dispatch agreement of the gateways; ``None`` where none is needed.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.WHOLESALE_SUPPLY
    REFERENCES: ClassVar[tuple[str, ...]] = ("dispatch_contract_no",)
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "供电人（趸售方）", "consumer": "用电人（趸购方）"}
    )

    supply_area: Annotated[str, Label("趸购方供电营业区")]
    manages_large_industry: Annotated[bool, Label("区内大工业用户由趸购方管理")]
    dispatch_contract_no: Annotated[str | None, Label("并网调度协议编号")] = None
    expected_annual_mwh: Annotated[Decimal, Label("预计年趸购电量", "MWh")]
    max_demand_kw: Annotated[Decimal, Label("约定最大负荷", "kW")]
    pf_standard: Annotated[codes.PfStandard, Label("功率因数考核标准")]
    loss_allocation: Annotated[LossAllocation, Label("损耗分摊")]
    settlement_shares: Annotated[tuple[SettlementShare, ...], Label("分类结算比例")]
    share_review: Annotated[str, Label("分类比例核定方式")]
    reading_day: Annotated[int, Label("抄表例日", "日")]
    settle_cycle: Annotated[codes.SettleCycle, Label("结算周期")]
    invoice_profile: Annotated[InvoiceProfile, Label("开票信息")]
    other_fees: Annotated[tuple[PublishedFee, ...], Label("其他收费")] = ()
    further_items: Annotated[tuple[AgreedItem, ...], Label("其他约定事项")] = ()
