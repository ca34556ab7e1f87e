"""Tables that all four dispatch variants share, by the name a template calls them (reference §4.4).

Every field of the terms stands in a table or in a clause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.table_rows import (
    INSTRUMENT_COLUMNS,
    METER_COLUMNS,
    TableBlock,
    annexes,
    contacts,
    field_table,
    grid_table,
    reference_cells,
)
from contracts_chain.agreements.terms import DispatchTerms, site
from contracts_chain.agreements.terms import dispatch_equipment as grid
from pdfgen.document import FieldTable, GridTable

__all__ = ["DISPATCH_TABLES"]


def _poc(terms: DispatchTerms) -> GridTable:
    columns = (("no", 1), ("grid_station", 2), ("voltage_kv", 1), ("bay", 1.5), ("line", 1.6))
    return grid_table("并网点", grid.PointOfConnection, terms.poc, columns)


def _naming_approval(terms: DispatchTerms) -> FieldTable:
    number, dated, digest = reference_cells(terms.dispatch_name_approval)
    rows = [
        ("调度命名", terms.dispatch_name),
        ("批复文号", number),
        ("批复日期", dated),
        ("文件 SHA-256", digest),
    ]
    return FieldTable(title="调度命名批复", rows=rows)


def _equipment_names(terms: DispatchTerms) -> GridTable:
    columns = (("name", 2.6), ("device", 2.6), ("approval_no", 2), ("approved_on", 1.7))
    return grid_table("设备调度命名", grid.NamedEquipment, terms.equipment_names, columns)


def _jurisdiction(terms: DispatchTerms) -> GridTable:
    columns = (("equipment", 3.4), ("mode", 1.5), ("level", 2))
    return grid_table("调度管辖范围", grid.JurisdictionItem, terms.jurisdiction, columns)


def _relay(terms: DispatchTerms) -> FieldTable:
    settings = terms.relay_settings
    table = field_table(
        "涉网保护定值", settings, "calculator", "new_connection", "free_of_charge", "review_on"
    )
    number, dated, digest = reference_cells(settings.approval)
    approval = [("审核备案文号", number), ("审核备案日期", dated), ("审核备案文件 SHA-256", digest)]
    return FieldTable(title=table.title, rows=[*table.rows, *approval])


def _stability_devices(terms: DispatchTerms) -> GridTable:
    rows = [[str(index), name] for index, name in enumerate(terms.stability_devices, 1)]
    return GridTable(title="安全自动装置", header=["序号", "装置"], rows=rows or [["/", "无"]], widths=[1, 6])


def _automation(terms: DispatchTerms) -> GridTable:
    columns = (("function", 2.4), ("fitted", 1), ("parameters", 4))
    return grid_table("调度自动化", grid.AutomationFunction, terms.automation, columns)


def _telecom_channels(terms: DispatchTerms) -> GridTable:
    columns = (("no", 1), ("kind", 1.6), ("route", 3), ("use", 2))
    return grid_table("调度通信通道", grid.TelecomChannel, terms.telecom_channels, columns)


def _secmon(terms: DispatchTerms) -> FieldTable:
    return field_table("电力监控系统安全防护", terms.secmon, "zones", "grade", "filing_no")


def _gateway_meters(terms: DispatchTerms) -> GridTable:
    return grid_table("关口计量点", site.MeteringPoint, terms.gateway_meters, METER_COLUMNS)


def _gateway_instruments(terms: DispatchTerms) -> GridTable:
    return grid_table("关口计量装置", site.MeteringPoint, terms.gateway_meters, INSTRUMENT_COLUMNS)


def _duty_staff(terms: DispatchTerms) -> GridTable:
    columns = (("side", 0.8), ("name", 1.2), ("certificate_no", 2), ("valid_to", 1.8), ("phone", 1.8))
    return grid_table("调度联系人和值班人员", grid.DutyPerson, terms.duty_staff, columns)


def _overhaul(terms: DispatchTerms) -> FieldTable:
    return field_table("检修计划报送期限", terms.overhaul_deadlines, "yearly", "monthly", "daily")


DISPATCH_TABLES: Final[Mapping[str, Callable[[DispatchTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "automation": _automation,
        "contacts": contacts,
        "duty_staff": _duty_staff,
        "equipment_names": _equipment_names,
        "gateway_instruments": _gateway_instruments,
        "gateway_meters": _gateway_meters,
        "jurisdiction": _jurisdiction,
        "naming_approval": _naming_approval,
        "overhaul": _overhaul,
        "poc": _poc,
        "relay": _relay,
        "secmon": _secmon,
        "stability_devices": _stability_devices,
        "telecom_channels": _telecom_channels,
    }
)
