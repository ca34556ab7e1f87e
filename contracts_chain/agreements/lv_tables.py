"""Tables of the low-voltage and temporary contracts, by the name a template calls them (reference §3.3).

At low voltage the source is a public transformer and the columns are named so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.shown import value_text
from contracts_chain.agreements.supply_tables import (
    SUPPLY_TABLES,
    backup_table,
    fee_table,
    invoice_table,
    retail_table,
)
from contracts_chain.agreements.table_rows import TableBlock, field_table, grid_table, reference_cells
from contracts_chain.agreements.terms import SupplyTerms, site
from contracts_chain.agreements.terms.lv_nonres import LvNonresTerms
from contracts_chain.agreements.terms.temp_supply import TempSupplyTerms
from contracts_chain.agreements.typed_json import decimal_text
from pdfgen.document import FieldTable, GridTable

__all__ = ["LV_NONRES_TABLES", "TEMP_TABLES"]


def _renamed(table: GridTable, *header: str) -> GridTable:
    return replace(table, header=header)


def _lv_sources(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1),
        ("role", 0.9),
        ("voltage_kv", 1.1),
        ("substation", 2.4),
        ("bay", 2),
        ("line_name", 1.9),
        ("line_kind", 1.2),
        ("capacity_kva", 1.4),
    )
    table = grid_table("电源", site.Source, [source for _, source in terms.sources()], columns)
    return _renamed(
        table,
        "编号",
        "电源性质",
        "电压（kV）",
        "公用变压器",
        "低压出线",
        "线路名称",
        "线路性质",
        "供电容量（kW）",
    )


def _lv_lines(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1),
        ("tap_point", 2),
        ("entry", 1.1),
        ("laying", 2.2),
        ("line_type", 1.9),
        ("protection", 2.2),
        ("operation", 1.6),
    )
    table = grid_table("线路", site.Source, [source for _, source in terms.sources()], columns)
    return _renamed(
        table, "编号", "杆号（接户点）", "进线方式", "敷设方式", "线路型号", "保护方式", "运行方式"
    )


def _equipment(rows: Sequence[site.Equipment]) -> GridTable:
    """The list with the power of each row and the sum that the contract capacity is."""
    cells = [
        [row.name, decimal_text(row.power_kw), str(row.quantity), decimal_text(row.power_kw * row.quantity)]
        for row in rows
    ]
    total = sum((row.power_kw * row.quantity for row in rows), start=Decimal(0))
    return GridTable(
        title="用电设备清单",
        header=["设备名称", "单台功率（kW）", "台数", "小计（kW）"],
        rows=[*cells, ["合计", "/", "/", decimal_text(total)]] if cells else [["无"] * 4],
        widths=[4, 1.6, 1, 1.6],
    )


def _nonres_basics(terms: LvNonresTerms) -> FieldTable:
    return field_table(
        "用电基本情况",
        terms,
        "industry_name",
        "industry_cls",
        "elec_categ",
        "load_class",
        "importance_level",
        "shifts",
        "rest_day",
        "contract_cap",
        "supply_voltage",
        "zero_investment",
        "investment_project_code",
        "channel",
    )


def _nonres_tariff(terms: LvNonresTerms) -> FieldTable:
    return field_table(
        "电价",
        terms,
        "tariff_name",
        "tariff_code",
        "tariff_version",
        "tariff_system",
        "tariff_choice",
        "tou_flag",
        "market_attr",
        "pf_standard",
        "late_fee_permille_per_day",
        "late_fee_earlier_permille_per_day",
    )


def _temp_basics(terms: TempSupplyTerms) -> FieldTable:
    table = field_table(
        "用电基本情况",
        terms,
        "purpose",
        "industry_name",
        "industry_cls",
        "elec_categ",
        "supply_voltage",
        "formal_application_no",
        "investment_project_code",
        "channel",
    )
    return replace(
        table, rows=[*table.rows, ("合同容量", value_text(terms.contract_cap, terms.capacity_unit))]
    )


def _temp_tariff(terms: TempSupplyTerms) -> FieldTable:
    return field_table(
        "电价",
        terms,
        "tariff_name",
        "tariff_code",
        "tariff_version",
        "tariff_system",
        "tariff_choice",
        "tou_flag",
        "pf_standard",
        "late_fee_permille_per_day",
    )


def _temp_papers(terms: TempSupplyTerms) -> GridTable:
    named = (
        ("用电申请", terms.application),
        ("供电方案答复", terms.supply_scheme),
        ("受电设施竣工检验报告", terms.inspection_report),
        ("延长期限准许文件", terms.term_permission),
    )
    return GridTable(
        title="签约依据文件",
        header=["文件", "编号", "日期", "SHA-256 摘要"],
        rows=[[title, *reference_cells(paper)] for title, paper in named],
        widths=[2.6, 2.8, 2.5, 6.3],
    )


def _lv_papers(terms: SupplyTerms) -> GridTable:
    named = (("用电申请", terms.application), ("供电方案答复", terms.supply_scheme))
    return GridTable(
        title="签约依据文件",
        header=["文件", "编号", "日期", "SHA-256 摘要"],
        rows=[[title, *reference_cells(paper)] for title, paper in named],
        widths=[2.6, 2.8, 2.5, 6.3],
    )


LV_NONRES_TABLES: Final[Mapping[str, Callable[[LvNonresTerms], TableBlock]]] = MappingProxyType(
    {
        **SUPPLY_TABLES,
        "backup_sources": lambda terms: backup_table(terms.backup_sources),
        "equipment": lambda terms: _equipment(terms.equipment),
        "invoice_profile": lambda terms: invoice_table(terms.invoice_profile),
        "lv_lines": _lv_lines,
        "lv_sources": _lv_sources,
        "lv_tariff": _nonres_tariff,
        "other_fees": lambda terms: fee_table(terms.other_fees),
        "papers": _lv_papers,
        "retail": lambda terms: retail_table(terms.retail),
        "supply_basics": _nonres_basics,
    }
)

TEMP_TABLES: Final[Mapping[str, Callable[[TempSupplyTerms], TableBlock]]] = MappingProxyType(
    {
        **SUPPLY_TABLES,
        "equipment": lambda terms: _equipment(terms.equipment),
        "invoice_profile": lambda terms: invoice_table(terms.invoice_profile),
        "other_fees": lambda terms: fee_table(terms.other_fees),
        "papers": _temp_papers,
        "supply_basics": _temp_basics,
        "temp_tariff": _temp_tariff,
    }
)
