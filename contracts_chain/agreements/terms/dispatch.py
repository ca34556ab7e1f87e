"""并网调度协议, customer substation variant: every field of the class (reference §4.4).

Plant-only fields (ride-through, forecast, ramp, state of charge) belong to other
variants and are not part of this one. Decides only shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Final

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.commercial import Annex, Dispute
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import MeteringPoint

__all__ = [
    "ORDER_REFERENCE",
    "AutomationFunction",
    "DispatchOrg",
    "DispatchTerms",
    "DutyPerson",
    "JurisdictionItem",
    "MainTransformer",
    "NamedEquipment",
    "OverhaulDeadlines",
    "PointOfConnection",
    "RelaySettings",
    "SecurityZones",
    "TelecomChannel",
]


ORDER_REFERENCE: Final = "order:"
"""Before the kind of a sister agreement in one order file whose number does not exist yet."""


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
    new_connection: Annotated[bool, Label("新增用户")]
    free_of_charge: Annotated[bool, Label("免费提供")]
    approval: Annotated[DocumentRef | None, Label("定值审核备案")] = None
    review_on: Annotated[date, Label("复核日期")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationFunction:
    """AGC, AVC, RTU or PMU: fitted or not, with parameters."""

    name: Annotated[str, Label("功能")]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchTerms:
    """Terms of one grid-connection dispatch agreement with a customer substation.

    Attributes:
        related_contract_nos: Numbers of the supply contracts it refers back to; inside an
            order file ``order:HV_SUPPLY`` stands for the sister agreement not yet numbered.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.GRID_DISPATCH

    province: Annotated[str, Label("省级单位")]
    channel: Annotated[codes.Channel, Label("受理渠道")]
    rule_pack_version: Annotated[str, Label("规则包版本")]
    consumer_contract_no: Annotated[str | None, Label("用户方合同编号")] = None
    model_text_no: Annotated[str | None, Label("统一合同文本编号")] = None
    cust_no: Annotated[str, Label("用户编号")]
    related_contract_nos: Annotated[tuple[str, ...], Label("对应供用电合同编号")]
    supplier: Annotated[Party, Label("电网方")]
    consumer: Annotated[Party, Label("用户方")]
    dispatch_org: Annotated[DispatchOrg, Label("电力调度机构")]
    signed_on: Annotated[date | None, Label("签订日期")] = None
    sign_by: Annotated[date, Label("签署截止日")]
    signed_at: Annotated[str, Label("签订地点")]

    station_name: Annotated[str, Label("变电站名称")]
    location: Annotated[str, Label("变电站位置")]
    station_type: Annotated[codes.StationType, Label("类型")]
    installed_mva: Annotated[Decimal, Label("主变总容量", "MVA")]
    main_transformers: Annotated[tuple[MainTransformer, ...], Label("主变压器")]
    poc: Annotated[tuple[PointOfConnection, ...], Label("并网点")]
    connection_mode: Annotated[str, Label("并网方式")]
    normal_operation: Annotated[str, Label("正常运行方式")]
    own_generation: Annotated[str | None, Label("自备电源并网情况")] = None
    first_sync_date: Annotated[date, Label("首次并网日")]
    dispatch_name: Annotated[str, Label("调度命名")]
    dispatch_name_approval: Annotated[DocumentRef | None, Label("调度命名批复")] = None
    equipment_names: Annotated[tuple[NamedEquipment, ...], Label("设备调度命名")]
    jurisdiction: Annotated[tuple[JurisdictionItem, ...], Label("调度管辖范围")]
    relay_settings: Annotated[RelaySettings, Label("保护定值")]
    stability_devices: Annotated[tuple[str, ...], Label("安全自动装置")] = ()
    automation: Annotated[tuple[AutomationFunction, ...], Label("调度自动化")]
    telecom_channels: Annotated[tuple[TelecomChannel, ...], Label("调度通信通道")]
    secmon: Annotated[SecurityZones, Label("电力监控系统安全防护")]
    gateway_meters: Annotated[tuple[MeteringPoint, ...], Label("关口计量")]
    duty_staff: Annotated[tuple[DutyPerson, ...], Label("值班人员")]
    overhaul_deadlines: Annotated[OverhaulDeadlines, Label("检修计划报送期限")]
    valid_from: Annotated[date, Label("协议起始日")]
    valid_to: Annotated[date | None, Label("协议截止日")] = None
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
    special_terms: Annotated[str, Label("特别约定")]
    annexes: Annotated[tuple[Annex, ...], Label("附件")] = ()
