"""What stands at the customer's site: feeds, transformers, meters, demarcation (reference §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms.codes import (
    BackupTransfer,
    DemarcationOwner,
    EntryKind,
    LineKind,
    MeterMode,
    SourceRole,
    TransformerState,
)
from contracts_chain.agreements.terms.label import Label

__all__ = [
    "BackupSource",
    "DemarcationPoint",
    "Equipment",
    "HvMotor",
    "MeteringPoint",
    "ReceivingPoint",
    "Source",
    "Transformer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One feed; ``contract_demand_kw`` where demand is agreed per feed (R-DEM-3)."""

    no: Annotated[str, Label("编号")]
    role: Annotated[SourceRole, Label("电源性质")]
    voltage_kv: Annotated[Decimal, Label("电压", "kV")]
    substation: Annotated[str, Label("电源变电站")]
    bay: Annotated[str, Label("母线及开关")]
    line_name: Annotated[str, Label("线路名称")]
    line_kind: Annotated[LineKind, Label("线路性质")]
    tap_point: Annotated[str, Label("杆号（T接点）")]
    entry: Annotated[EntryKind, Label("进线方式")]
    laying: Annotated[str, Label("敷设方式")]
    line_type: Annotated[str, Label("线路型号")]
    capacity_kva: Annotated[Decimal, Label("供电容量", "kVA")]
    protection: Annotated[str, Label("保护方式")]
    operation: Annotated[str, Label("运行方式")]
    contract_demand_kw: Annotated[Decimal | None, Label("合同最大需量", "kW")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """A receiving transformer, or several alike (``quantity``)."""

    no: Annotated[str, Label("编号")]
    model: Annotated[str, Label("型号")]
    capacity_kva: Annotated[Decimal, Label("单台容量", "kVA")]
    primary_kv: Annotated[Decimal, Label("一次电压", "kV")]
    secondary_kv: Annotated[Decimal, Label("二次电压", "kV")]
    quantity: Annotated[int, Label("台数")]
    on_load_tap_changer: Annotated[bool, Label("有载调压")]
    state: Annotated[TransformerState, Label("运行状态")]
    permanently_reduced: Annotated[bool, Label("永久性减容停用")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HvMotor:
    """High-voltage motors alike; counted only if no receiving transformer stands before them."""

    no: Annotated[str, Label("编号")]
    power_kw: Annotated[Decimal, Label("单台功率", "kW")]
    quantity: Annotated[int, Label("台数")]
    behind_transformer: Annotated[bool, Label("经受电变压器供电")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """Electrical equipment alike, as the low-voltage equipment list names it (reference §3.4 annex 2)."""

    name: Annotated[str, Label("设备名称")]
    power_kw: Annotated[Decimal, Label("单台功率", "kW")]
    quantity: Annotated[int, Label("台数")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringPoint:
    """A metering point; ratios as printed on the plates: ``35000/100``, ``150/5``.

    Attributes:
        multiplier: 综合倍率, PT ratio times CT ratio (R-MET-3).
        at_demarcation: Whether the meter stands at the property demarcation (条例 art. 26).
        after_meter_line_m: Length of the line after the meter, metres, low voltage only.
    """

    no: Annotated[str, Label("编号")]
    purpose: Annotated[str, Label("用途")]
    location: Annotated[str, Label("装设位置")]
    mode: Annotated[MeterMode, Label("计量方式")]
    wiring: Annotated[str, Label("接线方式")]
    meter_spec: Annotated[str, Label("电能表规格")]
    meter_class: Annotated[str, Label("电能表精度")]
    pt_ratio: Annotated[str, Label("电压互感器变比")]
    pt_class: Annotated[str, Label("电压互感器精度")]
    ct_ratio: Annotated[str, Label("电流互感器变比")]
    ct_class: Annotated[str, Label("电流互感器精度")]
    multiplier: Annotated[Decimal, Label("综合倍率")]
    collection: Annotated[str, Label("采集方式")]
    at_demarcation: Annotated[bool, Label("装于产权分界处")]
    after_meter_line_m: Annotated[Decimal | None, Label("表后线长度", "m")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingPoint:
    """受电点 with sources, transformers, motors and meters of its own."""

    no: Annotated[str, Label("编号")]
    name: Annotated[str, Label("名称")]
    sources: Annotated[tuple[Source, ...], Label("电源")]
    transformers: Annotated[tuple[Transformer, ...], Label("受电变压器")]
    hv_motors: Annotated[tuple[HvMotor, ...], Label("高压电动机")] = ()
    metering_points: Annotated[tuple[MeteringPoint, ...], Label("计量点")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSource:
    """自备应急电源; ``not_paralleled`` is the customer's undertaking (R-BKP-1)."""

    kind: Annotated[str, Label("类型")]
    quantity: Annotated[int, Label("台数")]
    capacity_kw: Annotated[Decimal, Label("单台容量", "kW")]
    site: Annotated[str, Label("安装位置")]
    transfer: Annotated[BackupTransfer, Label("投切方式")]
    interlock: Annotated[str, Label("闭锁方式")]
    not_paralleled: Annotated[bool, Label("不与电网并列运行")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemarcationPoint:
    """产权分界点: default place of performance (民法典 art. 650)."""

    no: Annotated[str, Label("编号")]
    source_no: Annotated[str, Label("对应电源")]
    description: Annotated[str, Label("位置描述")]
    voltage_kv: Annotated[Decimal, Label("电压", "kV")]
    line: Annotated[str, Label("线路")]
    pole: Annotated[str, Label("杆号或设备")]
    point_owner: Annotated[DemarcationOwner, Label("分界点产权归属")]
