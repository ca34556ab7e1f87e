"""What stands at a grid connection and who runs it: the parts of every dispatch agreement (reference §4.4).

Decides only shape. Plant-only parts (units, ride-through, forecast) stand in ``generation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef

__all__ = [
    "AutomationFunction",
    "AutomationKind",
    "DispatchOrg",
    "DutyPerson",
    "JurisdictionItem",
    "MainTransformer",
    "NamedEquipment",
    "OverhaulDeadlines",
    "PartyContractNo",
    "PointOfConnection",
    "RelaySettings",
    "SecurityZones",
    "TelecomChannel",
]


class AutomationKind(codes.Coded):
    """调度自动化 functions that the agreement must answer for, one by one."""

    RTU = ("RTU", "远动终端（RTU）")
    AGC = ("AGC", "自动发电控制（AGC）")
    AVC = ("AVC", "自动电压控制（AVC）")
    PMU = ("PMU", "同步相量测量（PMU）")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyContractNo:
    """The number under which one of the other parties files the same agreement.

    Attributes:
        role: Field of that party in the terms.
        number: ``无`` where it keeps none.
    """

    role: Annotated[str, Label("当事人")]
    number: Annotated[str, Label("合同编号")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchOrg:
    """电力调度机构."""

    name: Annotated[str, Label("名称")]
    level: Annotated[codes.DispatchLevel, Label("调度级别")]
    phone: Annotated[str, Label("调度电话")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MainTransformer:
    """主变压器."""

    no: Annotated[str, Label("编号")]
    model: Annotated[str, Label("型号")]
    capacity_mva: Annotated[Decimal, Label("容量", "MVA")]
    primary_kv: Annotated[Decimal, Label("高压侧电压", "kV")]
    secondary_kv: Annotated[Decimal, Label("低压侧电压", "kV")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointOfConnection:
    """并网点."""

    no: Annotated[str, Label("编号")]
    grid_station: Annotated[str, Label("系统侧变电站")]
    voltage_kv: Annotated[Decimal, Label("电压", "kV")]
    bay: Annotated[str, Label("间隔")]
    line: Annotated[str, Label("线路")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEquipment:
    """A device with the name the dispatcher gave it."""

    name: Annotated[str, Label("调度命名")]
    device: Annotated[str, Label("设备")]
    approval_no: Annotated[str, Label("批准文号")]
    approved_on: Annotated[date, Label("批准日期")]


@dataclass(frozen=True, slots=True, kw_only=True)
class JurisdictionItem:
    """Who commands a device."""

    equipment: Annotated[str, Label("设备")]
    mode: Annotated[codes.JurisdictionMode, Label("管辖方式")]
    level: Annotated[codes.DispatchLevel | None, Label("调度级别")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """保护定值 at the grid interface (reference C17)."""

    calculator: Annotated[codes.RelayCalculator, Label("整定计算单位")]
    new_connection: Annotated[bool, Label("新增并网")]
    free_of_charge: Annotated[bool, Label("免费提供")]
    approval: Annotated[DocumentRef | None, Label("定值审核备案")] = None
    review_on: Annotated[date, Label("复核日期")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationFunction:
    """AGC, AVC, RTU or PMU: fitted or not, with parameters (``/`` if not fitted)."""

    function: Annotated[AutomationKind, Label("功能")]
    fitted: Annotated[bool, Label("配置")]
    parameters: Annotated[str, Label("参数")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TelecomChannel:
    """调度通信通道."""

    no: Annotated[str, Label("编号")]
    kind: Annotated[str, Label("通道类型")]
    route: Annotated[str, Label("路由")]
    use: Annotated[str, Label("用途")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityZones:
    """电力监控系统安全防护."""

    zones: Annotated[str, Label("安全分区")]
    grade: Annotated[str, Label("网络安全等级")]
    filing_no: Annotated[str, Label("备案编号")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPerson:
    """值班人员 or 调度联系人; dispatch staff need a certificate (调度条例 art. 11)."""

    side: Annotated[codes.DutySide, Label("所属")]
    name: Annotated[str, Label("姓名")]
    certificate_no: Annotated[str | None, Label("证书编号")] = None
    phone: Annotated[str, Label("电话")]
    valid_to: Annotated[date | None, Label("证书有效期至")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverhaulDeadlines:
    """检修计划报送期限."""

    yearly: Annotated[str, Label("年度检修计划")]
    monthly: Annotated[str, Label("月度检修计划")]
    daily: Annotated[str, Label("日检修申请")]
