"""Tables of supply contracts, by the name a template calls them (reference §3.2–3.4).

``SUPPLY_TABLES`` need what every supply contract has, ``HV_TABLES`` the rest of a high-voltage one.

Every field of the terms stands in a table or in a clause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from contracts_chain.agreements.terms import HvSupplyTerms, SupplyTerms, site
from contracts_chain.agreements.terms import commercial as money
from pdfgen.document import FieldTable, GridTable

__all__ = [
    "HV_TABLES",
    "SUPPLY_TABLES",
    "backup_table",
    "fee_table",
    "invoice_table",
    "retail_table",
]


def _papers(terms: SupplyTerms) -> GridTable:
    named = (
        ("用电申请", terms.application),
        ("供电方案答复", terms.supply_scheme),
        ("受电工程竣工检验报告", terms.inspection_report),
    )
    rows = [[title, *reference_cells(paper)] for title, paper in named]
    return GridTable(
        title="签约依据文件",
        header=["文件", "编号", "日期", "SHA-256 摘要"],
        rows=rows,
        widths=[3, 3, 2.8, 5.6],
    )


def _supply_basics(terms: HvSupplyTerms) -> FieldTable:
    return field_table(
        "用电基本情况",
        terms,
        "industry_name",
        "industry_cls",
        "elec_categ",
        "load_class",
        "importance_level",
        "load_traits",
        "shifts",
        "rest_day",
        "contract_cap",
        "run_cap",
        "connected_load_kw",
        "is_temporary",
        "investment_project_code",
        "channel",
    )


def _receiving_points(terms: SupplyTerms) -> GridTable:
    rows = [
        [p.no, p.name, str(len(p.sources)), str(len(p.transformers)), str(len(p.metering_points))]
        for p in terms.receiving_points
    ]
    header = ["受电点编号", "名称", "电源数", "变压器项数", "计量点数"]
    return GridTable(title="受电点", header=header, rows=rows, widths=[1.4, 4, 1.2, 1.4, 1.4])


def _sources(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1),
        ("role", 1.1),
        ("voltage_kv", 1.1),
        ("substation", 2),
        ("bay", 2.4),
        ("line_name", 1.8),
        ("line_kind", 1.1),
        ("capacity_kva", 1.5),
        ("contract_demand_kw", 1.5),
    )
    return grid_table("电源", site.Source, [s for _, s in terms.sources()], columns)


def _source_lines(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1),
        ("tap_point", 2),
        ("entry", 1.5),
        ("laying", 2.6),
        ("line_type", 2.4),
        ("protection", 2.6),
    )
    return grid_table("电源线路", site.Source, [s for _, s in terms.sources()], columns)


def _transformers(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1.2),
        ("model", 1.8),
        ("capacity_kva", 1.3),
        ("quantity", 0.8),
        ("primary_kv", 1.2),
        ("secondary_kv", 1.2),
        ("on_load_tap_changer", 1),
        ("state", 1),
        ("permanently_reduced", 1.2),
    )
    return grid_table("受电变压器", site.Transformer, [t for _, t in terms.transformers()], columns)


def _hv_motors(terms: SupplyTerms) -> GridTable:
    columns = (("no", 2), ("power_kw", 1.5), ("quantity", 1), ("behind_transformer", 2))
    return grid_table("高压电动机", site.HvMotor, [m for _, m in terms.hv_motors()], columns)


def backup_table(sources: Sequence[site.BackupSource]) -> GridTable:
    """自备应急电源."""
    columns = (
        ("kind", 1.6),
        ("quantity", 0.7),
        ("capacity_kw", 1.2),
        ("site", 2),
        ("transfer", 1.2),
        ("interlock", 2.4),
        ("not_paralleled", 1.3),
    )
    return grid_table("自备应急电源", site.BackupSource, sources, columns)


def _demarcation_points(terms: SupplyTerms) -> GridTable:
    columns = (
        ("no", 1.2),
        ("source_no", 1.1),
        ("voltage_kv", 1),
        ("line", 1.6),
        ("pole", 1.5),
        ("description", 4),
        ("point_owner", 1.3),
    )
    return grid_table("产权分界点", site.DemarcationPoint, terms.demarcation_points, columns)


def _metering_points(terms: SupplyTerms) -> GridTable:
    return grid_table("计量点", site.MeteringPoint, [m for _, m in terms.metering_points()], METER_COLUMNS)


def _instruments(terms: SupplyTerms) -> GridTable:
    meters = [m for _, m in terms.metering_points()]
    return grid_table("计量装置", site.MeteringPoint, meters, INSTRUMENT_COLUMNS)


def _tariff(terms: HvSupplyTerms) -> FieldTable:
    return field_table(
        "电价",
        terms,
        "tariff_name",
        "tariff_code",
        "tariff_version",
        "tariff_system",
        "tariff_choice",
        "basic_fee_mode",
        "contract_demand_kw",
        "tou_flag",
        "market_attr",
        "pf_standard",
        "expected_monthly_kwh",
        "late_fee_permille_per_day",
    )


def retail_table(contracts: Sequence[money.RetailContract]) -> GridTable:
    """Retail contracts of the account."""
    columns = (
        ("retailer_name", 2.6),
        ("retailer_uscc", 2.9),
        ("retail_contract_no", 2.4),
        ("retail_from", 2.1),
        ("retail_to", 2.1),
    )
    return grid_table("零售合同", money.RetailContract, contracts, columns)


def invoice_table(profile: money.InvoiceProfile) -> FieldTable:
    """How and to whom invoices are made out."""
    names = ("kind", "mode", "title", "tax_no", "address", "phone", "bank_name", "bank_acct", "email")
    return field_table("开票信息", profile, *names)


def _quality(terms: SupplyTerms) -> FieldTable:
    names = ("deviation_plus_pct", "deviation_minus_pct", "abnormal_pct", "frequency_deviation_hz")
    return field_table("供电点电能质量", terms.quality, *names)


def _cut_off(terms: SupplyTerms) -> FieldTable:
    names = ("overdue_days", "reminder", "notice_days", "final_notice_hours", "paper_service")
    return field_table("欠费中止供电的期限和方式", terms.cut_off, *names)


def fee_table(fees: Sequence[money.PublishedFee]) -> GridTable:
    """Fees beyond the price of energy, each with its publication."""
    return grid_table("其他收费", money.PublishedFee, fees, (("name", 2), ("basis", 4)))


SUPPLY_TABLES: Final[Mapping[str, Callable[[SupplyTerms], TableBlock]]] = MappingProxyType(
    {
        "annexes": annexes,
        "contacts": contacts,
        "cut_off": _cut_off,
        "demarcation_points": _demarcation_points,
        "hv_motors": _hv_motors,
        "instruments": _instruments,
        "metering_points": _metering_points,
        "papers": _papers,
        "quality": _quality,
        "receiving_points": _receiving_points,
        "source_lines": _source_lines,
        "sources": _sources,
        "transformers": _transformers,
    }
)

HV_TABLES: Final[Mapping[str, Callable[[HvSupplyTerms], TableBlock]]] = MappingProxyType(
    {
        **SUPPLY_TABLES,
        "backup_sources": lambda terms: backup_table(terms.backup_sources),
        "invoice_profile": lambda terms: invoice_table(terms.invoice_profile),
        "other_fees": lambda terms: fee_table(terms.other_fees),
        "retail": lambda terms: retail_table(terms.retail),
        "supply_basics": _supply_basics,
        "tariff": _tariff,
    }
)
