"""Terms of the 服务契约: when the supporting works are done, who does and pays what (reference §5.1, C4, C5).

Signed while the customer's own works are still ahead, so the customer may have no account
number yet. Decides only shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.process_steps import GridProjectType
from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party

__all__ = [
    "BoundaryRow",
    "CompactMilestone",
    "CompactSide",
    "CustomerClass",
    "DuctShare",
    "ServiceCompactTerms",
]


class CompactSide(codes.Coded):
    """Which side something falls to."""

    SUPPLIER = ("SUPPLIER", "供电方")
    CUSTOMER = ("CUSTOMER", "客户方")


class CustomerClass(codes.Coded):
    """Kinds of customer whose investment interface the papers fix (reference C14, C15, C22)."""

    LV_SMALL_MICRO = ("LV_SMALL_MICRO", "低压小微企业")
    KV10_PARK = ("KV10_PARK", "10（20）千伏园区客户")
    OTHER = ("OTHER", "其他客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactMilestone:
    """One line of the 里程碑计划 (reference C20); ``actual`` stays empty until it is reached."""

    name: Annotated[str, Label("节点")]
    owner: Annotated[CompactSide, Label("责任方")]
    planned: Annotated[date, Label("计划完成日")]
    actual: Annotated[date | None, Label("实际完成日")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryRow:
    """One line of the 责任界面 (reference C14, C15, C21, C23)."""

    asset: Annotated[str, Label("设施")]
    owner: Annotated[CompactSide, Label("产权")]
    investor: Annotated[CompactSide, Label("出资")]
    builder: Annotated[CompactSide, Label("建设")]
    maintainer: Annotated[CompactSide, Label("维护")]
    demarcation: Annotated[str, Label("分界位置")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuctShare:
    """电缆通道（排管）: how many ducts are built, how many the customer uses and pays for (reference C23)."""

    route: Annotated[str, Label("路径")]
    built: Annotated[int, Label("建设", "孔")]
    used_by_customer: Annotated[int, Label("客户方使用", "孔")]
    paid_by_customer: Annotated[int, Label("客户方出资", "孔")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCompactTerms(AgreementTerms):
    """Terms of one service compact.

    Attributes:
        cust_no: 户号, where the customer has one already.
        admin_approval_date: Day on which the approval was given or is expected; the works start on it.
        working_days: Agreed duration from approval; ``None`` where the customer's own completion decides.
        customer_completion_date: Day the customer's own works are to be complete.
        days_provisional: Whether the duration runs into days without a holiday decree.
        interface_extended: Whether the utility invests beyond the usual interface (reference C24).
        later_reason: Why the agreed day is later than the intended one; 无 otherwise.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.SERVICE_COMPACT
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType({"supplier": "供电方", "consumer": "客户方"})

    supplier: Annotated[Party, Label("供电方")]
    consumer: Annotated[Party, Label("客户方")]
    application: Annotated[DocumentRef, Label("用电申请")]
    cust_no: Annotated[str | None, Label("用户编号")] = None
    project: Annotated[str, Label("项目名称")]
    project_addr: Annotated[str, Label("用电地址")]
    investment_project_code: Annotated[str | None, Label("投资项目代码")] = None
    customer_class: Annotated[CustomerClass, Label("客户类别")]
    supply_voltage_kv: Annotated[Decimal, Label("供电电压", "kV")]
    applied_capacity_kva: Annotated[Decimal, Label("申请容量", "kVA")]

    grid_project_type: Annotated[GridProjectType, Label("配套工程类型")]
    works_scope: Annotated[str, Label("配套工程内容")]
    intended_connection_date: Annotated[date, Label("客户意向接电日")]
    admin_approval_date: Annotated[date, Label("行政审批日")]
    start_date: Annotated[date, Label("开工日")]
    working_days: Annotated[int | None, Label("约定工期", "个工作日")] = None
    customer_completion_date: Annotated[date | None, Label("客户工程计划竣工日")] = None
    completion_date: Annotated[date, Label("配套工程完成日")]
    agreed_connection_date: Annotated[date, Label("商定接电日")]
    days_provisional: Annotated[bool, Label("含暂定工作日")]
    later_reason: Annotated[str, Label("晚于意向的原因")]

    milestones: Annotated[tuple[CompactMilestone, ...], Label("里程碑计划")]
    boundary: Annotated[tuple[BoundaryRow, ...], Label("责任界面")]
    ducts: Annotated[tuple[DuctShare, ...], Label("电缆通道")] = ()
    interface_extended: Annotated[bool, Label("延伸电网投资界面")]
    approval_ref: Annotated[DocumentRef | None, Label("投资界面延伸审批")] = None
    remedies: Annotated[str, Label("补救措施")]
    dispute: Annotated[Dispute, Label("争议解决")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """The capacity applied for."""
        return self.applied_capacity_kva
