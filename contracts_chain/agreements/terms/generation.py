"""Parts of a generating or storing station that a dispatch agreement describes (reference §4.4).

Decides only shape; units are MW, MWh, percent and hertz as the labels say.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from contracts_chain.agreements.terms.label import Label

__all__ = [
    "GeneratingUnit",
    "PlanDeadlines",
    "PowerForecast",
    "PrimaryFrequency",
    "RampLimit",
    "RideThrough",
    "StorageUnit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratingUnit:
    """机组、逆变器或发电单元, or several alike (``quantity``)."""

    no: Annotated[str, Label("编号")]
    model: Annotated[str, Label("型号")]
    capacity_mw: Annotated[Decimal, Label("单台容量", "MW")]
    quantity: Annotated[int, Label("台数")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUnit:
    """储能单元, or several alike (``quantity``)."""

    no: Annotated[str, Label("编号")]
    model: Annotated[str, Label("型号")]
    capacity_mw: Annotated[Decimal, Label("单元功率", "MW")]
    energy_mwh: Annotated[Decimal, Label("单元能量", "MWh")]
    quantity: Annotated[int, Label("数量")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryFrequency:
    """一次调频; droop and dead band only where it is enabled."""

    enabled: Annotated[bool, Label("一次调频投入")]
    droop_pct: Annotated[Decimal | None, Label("调差率", "%")] = None
    dead_band_hz: Annotated[Decimal | None, Label("死区", "Hz")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RideThrough:
    """低/高电压穿越; ``limits`` is the curve in words, ``/`` if not fitted."""

    fitted: Annotated[bool, Label("具备")]
    limits: Annotated[str, Label("要求")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerForecast:
    """功率预测."""

    fitted: Annotated[bool, Label("功率预测系统")]
    day_ahead: Annotated[str, Label("短期预测报送")]
    ultra_short: Annotated[str, Label("超短期预测报送")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RampLimit:
    """有功功率变化限值."""

    one_minute_mw: Annotated[Decimal, Label("一分钟有功变化限值", "MW")]
    ten_minutes_mw: Annotated[Decimal, Label("十分钟有功变化限值", "MW")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDeadlines:
    """发电（充放电）计划建议报送期限."""

    yearly: Annotated[str, Label("年度计划建议")]
    monthly: Annotated[str, Label("月度计划建议")]
    daily: Annotated[str, Label("日计划建议")]
