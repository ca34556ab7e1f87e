"""The columns a group's CSV may have, and which of them a file's header means.

Each column has an id (its English header), a Chinese header, other headers in use, and the
places in the terms it fills; the broad ones come first, so that a narrow one has the last
word. Works for every supply class: a place that a class does not have is left out, and a
column without any place is no column of that class. A header may also name a place itself,
such as ``receiving_points[0].sources[0].bay``. Must never take two headers for one column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts_chain.agreements.group_paths import place_of

__all__ = ["IGNORED", "Column", "column_named", "columns_for", "matched"]

IGNORED: Final = "-"
"""What a person chooses for a header that is not to be imported."""

_POINT: Final = "receiving_points[0]"
_FEED: Final = f"{_POINT}.sources[0]"
_TRANSFORMER: Final = f"{_POINT}.transformers[0]"
_METER: Final = f"{_POINT}.metering_points[0]"
_BORDER: Final = "demarcation_points[0]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        id: English header, stable; or a place itself.
        zh: Chinese header.
        paths: Places in the terms that its cell fills.
        other: Other headers in use.
        required: A file without it, or a row without a value, is refused.
    """

    id: str
    zh: str
    paths: tuple[str, ...]
    other: tuple[str, ...] = ()
    required: bool = False


_ALL: Final = (
    Column(
        id="cust_no",
        zh="户号",
        paths=("cust_no",),
        other=("用户编号", "用电户号", "consumer_no"),
        required=True,
    ),
    Column(
        id="site_name",
        zh="站点名称",
        paths=(f"{_POINT}.name",),
        other=("网点名称", "用电点名称", "受电点名称"),
    ),
    Column(
        id="supply_addr", zh="用电地址", paths=("supply_addr",), other=("地址", "站点地址"), required=True
    ),
    Column(id="archive_no", zh="档案号", paths=("archive_no",)),
    Column(
        id="contract_cap",
        zh="合同容量",
        paths=("contract_cap", "run_cap", f"{_FEED}.capacity_kva", f"{_TRANSFORMER}.capacity_kva"),
        other=("容量", "capacity"),
        required=True,
    ),
    Column(id="run_cap", zh="运行容量", paths=("run_cap",)),
    Column(id="connected_load_kw", zh="用电设备总容量", paths=("connected_load_kw",), other=("设备容量",)),
    Column(id="transformer_no", zh="变压器编号", paths=(f"{_TRANSFORMER}.no",)),
    Column(id="transformer_model", zh="变压器型号", paths=(f"{_TRANSFORMER}.model",)),
    Column(
        id="transformer_kva", zh="变压器容量", paths=(f"{_TRANSFORMER}.capacity_kva",), other=("单台容量",)
    ),
    Column(id="transformer_qty", zh="变压器台数", paths=(f"{_TRANSFORMER}.quantity",)),
    Column(
        id="supply_voltage",
        zh="供电电压",
        paths=(
            "supply_voltage",
            f"{_FEED}.voltage_kv",
            f"{_TRANSFORMER}.primary_kv",
            f"{_BORDER}.voltage_kv",
        ),
        other=("电压", "voltage"),
    ),
    Column(id="substation", zh="电源变电站", paths=(f"{_FEED}.substation",), other=("变电站",)),
    Column(id="bay", zh="母线及开关", paths=(f"{_FEED}.bay",), other=("开关",)),
    Column(id="line_name", zh="线路名称", paths=(f"{_FEED}.line_name", f"{_BORDER}.line"), other=("线路",)),
    Column(id="tap_point", zh="杆号", paths=(f"{_FEED}.tap_point", f"{_BORDER}.pole"), other=("T接点",)),
    Column(
        id="demarcation",
        zh="产权分界点",
        paths=(f"{_BORDER}.description",),
        other=("产权分界点位置", "分界点"),
        required=True,
    ),
    Column(id="meter_no", zh="计量点编号", paths=(f"{_METER}.no",), other=("电能表编号", "计量点", "meter")),
    Column(id="meter_location", zh="计量装置位置", paths=(f"{_METER}.location",), other=("计量位置",)),
    Column(id="meter_mode", zh="计量方式", paths=(f"{_METER}.mode",)),
    Column(id="pt_ratio", zh="电压互感器变比", paths=(f"{_METER}.pt_ratio",), other=("PT变比",)),
    Column(id="ct_ratio", zh="电流互感器变比", paths=(f"{_METER}.ct_ratio",), other=("CT变比",)),
    Column(id="multiplier", zh="综合倍率", paths=(f"{_METER}.multiplier",), other=("倍率",)),
    Column(id="reactive_comp_kvar", zh="无功补偿容量", paths=("reactive_comp_kvar",)),
    Column(id="pf_standard", zh="功率因数考核标准", paths=("pf_standard",), other=("功率因数标准",)),
    Column(id="elec_categ", zh="用电类别", paths=("elec_categ",)),
    Column(id="industry_cls", zh="行业分类代码", paths=("industry_cls",)),
    Column(id="industry_name", zh="行业分类", paths=("industry_name",)),
    Column(id="tariff_code", zh="电价代码", paths=("tariff_code",), other=("电价", "tariff")),
    Column(id="tariff_name", zh="电价类别", paths=("tariff_name",), other=("电价名称",)),
    Column(id="tariff_system", zh="电价制式", paths=("tariff_system",)),
    Column(
        id="contract_demand_kw",
        zh="合同最大需量",
        paths=("contract_demand_kw", f"{_FEED}.contract_demand_kw"),
    ),
    Column(id="expected_monthly_kwh", zh="预计月用电量", paths=("expected_monthly_kwh",)),
    Column(id="reading_day", zh="抄表例日", paths=("reading_day",)),
    Column(id="pay_by_day", zh="电费支付期限", paths=("pay_by_day",)),
    Column(id="supply_start", zh="供电开始日", paths=("supply_start",)),
    Column(id="valid_from", zh="合同起始日", paths=("valid_from",), other=("起始日",)),
    Column(id="valid_to", zh="合同截止日", paths=("valid_to",), other=("截止日",)),
    Column(id="sign_by", zh="签署截止日", paths=("sign_by",)),
    Column(id="application_no", zh="用电申请编号", paths=("application.number",), other=("申请编号",)),
    Column(id="application_date", zh="用电申请日期", paths=("application.dated",)),
    Column(id="application_sha256", zh="用电申请文件指纹", paths=("application.sha256",)),
    Column(id="scheme_no", zh="供电方案编号", paths=("supply_scheme.number",)),
    Column(id="scheme_date", zh="供电方案日期", paths=("supply_scheme.dated",)),
    Column(id="scheme_sha256", zh="供电方案文件指纹", paths=("supply_scheme.sha256",)),
    Column(id="inspection_no", zh="竣工检验报告编号", paths=("inspection_report.number",)),
    Column(id="inspection_date", zh="竣工检验报告日期", paths=("inspection_report.dated",)),
    Column(id="inspection_sha256", zh="竣工检验报告文件指纹", paths=("inspection_report.sha256",)),
    Column(
        id="consumer_name",
        zh="用电人名称",
        paths=("consumer.name", "consumer.acct_name"),
        other=("用户名称",),
    ),
    Column(
        id="consumer_uscc",
        zh="用电人统一社会信用代码",
        paths=("consumer.id_no", "consumer.tax_no"),
        other=("统一社会信用代码",),
    ),
    Column(id="consumer_addr", zh="用电人住所", paths=("consumer.registered_addr",)),
    Column(id="contact", zh="联系人", paths=("consumer.contact",)),
    Column(id="phone", zh="联系电话", paths=("consumer.phone",)),
    Column(id="mobile", zh="手机", paths=("consumer.mobile",)),
    Column(id="special_terms", zh="特别约定", paths=("special_terms",)),
)


_COLUMNS: Final[dict[type[object], tuple[Column, ...]]] = {}
_NAMES: Final[dict[type[object], Mapping[str, str]]] = {}
"""Worked out once a class; they never change."""


def columns_for(terms: type[object]) -> tuple[Column, ...]:
    """The columns of a class, each with the places that its terms really have."""
    known = _COLUMNS.get(terms)
    if known is None:
        known = _COLUMNS[terms] = _columns_of(terms)
    return known


def _columns_of(terms: type[object]) -> tuple[Column, ...]:
    found = []
    for column in _ALL:
        paths = tuple(path for path in column.paths if place_of(terms, path) is not None)
        if paths:
            found.append(
                Column(id=column.id, zh=column.zh, paths=paths, other=column.other, required=column.required)
            )
    return tuple(found)


def column_named(terms: type[object], name: str) -> Column | None:
    """A column by its id, or by the place that it names itself."""
    for column in columns_for(terms):
        if column.id == name:
            return column
    found = place_of(terms, name)
    return None if found is None else Column(id=name, zh=found[2], paths=(name,))


def matched(terms: type[object], header: Sequence[str]) -> tuple[str | None, ...]:
    """For each header the id of the column it means by its words; ``None`` where nobody can tell.

    The first of two headers with one meaning has it; the second is for a person to decide.
    """
    known = _known(terms)
    taken: set[str] = set()
    answer: list[str | None] = []
    for cell in header:
        column = known.get(_plain(cell))
        name = column or (cell if column_named(terms, cell) is not None else None)
        answer.append(None if name in taken else name)
        if name is not None:
            taken.add(name)
    return tuple(answer)


def _known(terms: type[object]) -> Mapping[str, str]:
    known = _NAMES.get(terms)
    if known is None:
        known = _NAMES[terms] = _names_of(terms)
    return known


def _names_of(terms: type[object]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for column in columns_for(terms):
        for word in (column.id, column.zh, *column.other):
            names.setdefault(_plain(word), column.id)
    return names


def _plain(header: str) -> str:
    """Without width, case, blanks, and a unit in brackets: ``合同容量（kVA）`` is ``合同容量``."""
    folded = unicodedata.normalize("NFKC", header).casefold().strip()
    folded = re.sub(r"[(\[].*[)\]]$", "", folded)
    return re.sub(r"[\s_*:]", "", folded)
