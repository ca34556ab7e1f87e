"""Tables, wording and conditions of the service compact, by the names its text calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.phrases import dispute, everyone, formation
from contracts_chain.agreements.shown import day_text, field_text, heading_of
from contracts_chain.agreements.table_rows import TableBlock, annexes, contacts, grid_table, reference_cells
from contracts_chain.agreements.terms.service_compact import (
    BoundaryRow,
    CompactMilestone,
    DuctShare,
    ServiceCompactTerms,
)
from pdfgen.document import FieldTable, GridTable

__all__ = ["COMPACT_CONDITIONS", "COMPACT_PHRASES", "COMPACT_TABLES"]


def _project(terms: ServiceCompactTerms) -> FieldTable:
    names = (
        ("项目名称", "project"),
        ("用电地址", "project_addr"),
        ("投资项目代码", "investment_project_code"),
        ("客户类别", "customer_class"),
        ("供电电压", "supply_voltage_kv"),
        ("申请容量", "applied_capacity_kva"),
        ("配套工程类型", "grid_project_type"),
        ("配套工程内容", "works_scope"),
    )
    number, dated, digest = reference_cells(terms.application)
    application = [("用电申请编号", number), ("申请日期", dated), ("申请文件 SHA-256", digest)]
    return FieldTable(
        title="项目概况", rows=[*((title, field_text(terms, name)) for title, name in names), *application]
    )


def _dates(terms: ServiceCompactTerms) -> FieldTable:
    names = (
        ("客户意向接电日", "intended_connection_date"),
        ("行政审批日（取得或者预计取得）", "admin_approval_date"),
        ("开工日", "start_date"),
        ("约定工期", "working_days"),
        ("客户工程计划竣工日", "customer_completion_date"),
        ("配套工程完成日", "completion_date"),
        ("商定接电日", "agreed_connection_date"),
        ("晚于意向的原因", "later_reason"),
    )
    return FieldTable(title="时间约定", rows=[(title, field_text(terms, name)) for title, name in names])


def _milestones(terms: ServiceCompactTerms) -> GridTable:
    """The plan; a line that is not reached yet is registered online, not written in."""
    rows = [
        [line.name, line.owner.zh, day_text(line.planned), day_text(line.actual) if line.actual else "待登记"]
        for line in terms.milestones
    ]
    header = [heading_of(CompactMilestone, name) for name in ("name", "owner", "planned", "actual")]
    return GridTable(
        title="里程碑计划", header=header, rows=rows or [["无"] * len(header)], widths=[3.6, 1.2, 1.8, 1.8]
    )


def _boundary(terms: ServiceCompactTerms) -> GridTable:
    columns = (
        ("asset", 2.6),
        ("owner", 1.1),
        ("investor", 1.1),
        ("builder", 1.1),
        ("maintainer", 1.1),
        ("demarcation", 3.4),
    )
    return grid_table("责任界面", BoundaryRow, terms.boundary, columns)


def _ducts(terms: ServiceCompactTerms) -> GridTable:
    columns = (("route", 3.6), ("built", 1.2), ("used_by_customer", 1.6), ("paid_by_customer", 1.6))
    return grid_table("电缆通道", DuctShare, terms.ducts, columns)


def _approval(terms: ServiceCompactTerms) -> FieldTable:
    number, dated, digest = reference_cells(terms.approval_ref)
    rows = [("审批文号", number), ("审批日期", dated), ("审批文件 SHA-256", digest)]
    return FieldTable(title="投资界面延伸审批", rows=rows)


COMPACT_TABLES: Final[Mapping[str, Callable[[ServiceCompactTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "approval": _approval,
        "boundary": _boundary,
        "contacts": contacts,
        "dates": _dates,
        "ducts": _ducts,
        "milestones": _milestones,
        "project": _project,
    }
)


def _duration(terms: ServiceCompactTerms) -> str:
    """How the day of completion comes about."""
    done = day_text(terms.completion_date)
    if terms.working_days is None:
        return f"配套工程按客户工程的竣工时间倒排工期，于{done}前完工，不迟于客户工程竣工。"
    days = field_text(terms, "working_days")
    return f"配套工程自取得行政审批的次日起{days}内完工，即不迟于{done}。"


COMPACT_PHRASES: Final[Mapping[str, Callable[[ServiceCompactTerms], str]]] = MappingProxyType(
    {"dispute": dispute, "duration": _duration, "everyone": everyone, "formation": formation}
)

COMPACT_CONDITIONS: Final[Mapping[str, Callable[[ServiceCompactTerms], bool]]] = MappingProxyType(
    {
        "DUCTS": lambda terms: terms.ducts != (),
        "EXTENDED": lambda terms: terms.interface_extended,
        "PROVISIONAL": lambda terms: terms.days_provisional,
    }
)
"""When a clause is part of the compact; clauses without a condition always are."""
