"""并网调度协议: what all four variants agree on (reference §4.4).

The variant follows from ``station_type``: a customer's substation, a conventional plant,
a renewable station or an electrochemical storage station. Two parties, or three where the
provincial dispatch centre signs too; each files the agreement under a number of its own.
Decides only shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from contracts_chain.agreements.terms import codes
from contracts_chain.agreements.terms.agreement_terms import AgreementTerms
from contracts_chain.agreements.terms.commercial import Dispute
from contracts_chain.agreements.terms.dispatch_equipment import (
    AutomationFunction,
    DispatchOrg,
    DutyPerson,
    JurisdictionItem,
    NamedEquipment,
    OverhaulDeadlines,
    PartyContractNo,
    PointOfConnection,
    RelaySettings,
    SecurityZones,
    TelecomChannel,
)
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.terms.party import DocumentRef, Party
from contracts_chain.agreements.terms.site import MeteringPoint

__all__ = ["DispatchTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchTerms(AgreementTerms):
    """Terms of one grid-connection dispatch agreement.

    Attributes:
        STATION_TYPES: Which kinds of station the variant is for.
        OPERATOR_SIDE: Side of the duty list on which the station's people stand.
        contract_nos: Numbers of the other parties; the utility's own is the contract number.
        dispatch_centre: 丙方, where the provincial dispatch centre signs too.
    """

    KIND: ClassVar[codes.AgreementKind] = codes.AgreementKind.GRID_DISPATCH
    STATION_TYPES: ClassVar[frozenset[codes.StationType]]
    OPERATOR_SIDE: ClassVar[codes.DutySide]

    contract_nos: Annotated[tuple[PartyContractNo, ...], Label("各方合同编号")]
    supplier: Annotated[Party, Label("电网方")]
    dispatch_centre: Annotated[Party | None, Label("调度方")] = None
    dispatch_org: Annotated[DispatchOrg, Label("电力调度机构")]

    station_name: Annotated[str, Label("名称")]
    location: Annotated[str, Label("位置")]
    station_type: Annotated[codes.StationType, Label("类型")]
    poc: Annotated[tuple[PointOfConnection, ...], Label("并网点")]
    connection_mode: Annotated[str, Label("并网方式")]
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
    renewal: Annotated[codes.Renewal, Label("续期方式")]
    dispute: Annotated[Dispute, Label("争议解决")]
