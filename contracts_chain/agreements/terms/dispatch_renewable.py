"""并网调度协议, renewable station variant: wind, PV, CSP (reference §4.1, §4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms.codes import StationType
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.generation import GeneratingUnit, PowerForecast, RampLimit, RideThrough
from contracts_chain.agreements.terms.label import Label

__all__ = ["RenewableDispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewableDispatchTerms(StationDispatchTerms):
    """Terms of one dispatch agreement with a renewable station.

    Attributes:
        project_filing_no: Filing or approval of the project (可再生能源法 art. 14).
    """

    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "电网方", "owner": "场站方", "dispatch_centre": "调度方"}
    )
    STATION_TYPES: ClassVar[frozenset[StationType]] = frozenset(
        {StationType.WIND, StationType.PV, StationType.CSP}
    )

    project_filing_no: Annotated[str, Label("项目备案（核准）文号")]
    installed_mw: Annotated[Decimal, Label("总装机容量", "MW")]
    unit_count: Annotated[int, Label("发电单元数", "台")]
    units: Annotated[tuple[GeneratingUnit, ...], Label("发电单元")]
    lvrt: Annotated[RideThrough, Label("低电压穿越")]
    hvrt: Annotated[RideThrough, Label("高电压穿越")]
    forecast: Annotated[PowerForecast, Label("功率预测")]
    ramp: Annotated[RampLimit, Label("有功变化限值")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Installed capacity of the station, 1 kW counted as 1 kVA."""
        return self.installed_mw * 1000
