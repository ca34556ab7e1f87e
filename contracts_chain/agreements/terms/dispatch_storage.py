"""并网调度协议, electrochemical storage variant (reference §4.1, §4.2, §4.4).

A storage station also takes energy from the grid: it has an account and refers to its
supply contract as well as to its purchase contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms.codes import StationType
from contracts_chain.agreements.terms.dispatch_station import StationDispatchTerms
from contracts_chain.agreements.terms.generation import RideThrough, StorageUnit
from contracts_chain.agreements.terms.label import Label

__all__ = ["StorageDispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageDispatchTerms(StationDispatchTerms):
    """Terms of one dispatch agreement with an electrochemical storage station.

    Attributes:
        soc_min: Lowest permitted state of charge, percent.
        soc_max: Highest.
    """

    REFERENCES: ClassVar[tuple[str, ...]] = ("related_contract_nos",)
    ROLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"supplier": "电网方", "owner": "储能方", "dispatch_centre": "调度方"}
    )
    STATION_TYPES: ClassVar[frozenset[StationType]] = frozenset({StationType.STORAGE})

    cust_no: Annotated[str, Label("用户编号")]
    related_contract_nos: Annotated[tuple[str, ...], Label("对应供用电合同编号")]
    technology: Annotated[str, Label("储能技术路线")]
    rated_mw: Annotated[Decimal, Label("额定功率", "MW")]
    rated_mwh: Annotated[Decimal, Label("额定能量", "MWh")]
    unit_count: Annotated[int, Label("储能单元数", "个")]
    units: Annotated[tuple[StorageUnit, ...], Label("储能单元")]
    soc_min: Annotated[Decimal, Label("荷电状态下限", "%")]
    soc_max: Annotated[Decimal, Label("荷电状态上限", "%")]
    response_ms: Annotated[int, Label("功率响应时间", "ms")]
    lvrt: Annotated[RideThrough, Label("低电压穿越")]
    hvrt: Annotated[RideThrough, Label("高电压穿越")]

    @property
    def capacity_kva(self) -> Decimal | None:
        """Rated power of the station, 1 kW counted as 1 kVA."""
        return self.rated_mw * 1000
