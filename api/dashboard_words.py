"""The dashboard's findings, rows and charts out of counted figures (WEB §5).

A figure's title is what it says, not what it is; without cases it says that there are none.
Pure words and choices; counting is done by ``workflows.figures``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Final

from api.dashboard_charts import Bars, LineChart, Ranges, Series, bars, line_chart, ranges
from contracts_chain.agreements.process_steps import JOURNEY, VoltageGroup
from contracts_chain.agreements.service_levels import DayUnit
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.workflows.deadline_ports import FigureRow
from contracts_chain.workflows.figures import Figures

__all__ = [
    "FIGURES_HEAD",
    "class_chart",
    "class_finding",
    "cut_name",
    "district_chart",
    "district_finding",
    "figure_cells",
    "figure_json",
    "headline",
    "journey",
    "journey_chart",
    "journey_finding",
    "power_chart",
    "promise_finding",
    "signature_chart",
    "signature_finding",
    "value_name",
]

FIGURES_HEAD: Final = (
    "指标",
    "分组方式",
    "分组",
    "份数",
    "平均工作日",
    "平均天数",
    "工作日中位数",
    "工作日90分位",
    "其中含暂定日的份数",
)
_KINDS: Final = {kind.value: kind.zh for kind in AgreementKind}
_GROUPS: Final = {group.value: group.zh for group in VoltageGroup}
_CUTS: Final = {
    "all": "全部",
    "group": "电压等级",
    "kind": "合同类别",
    "month": "月份",
    "district": "县区",
    "group_month": "电压等级和月份",
}
_STYLES: Final = {VoltageGroup.HV: "hv", VoltageGroup.LV: "lv"}


def headline(figures: Figures) -> str:
    """The whole in one sentence: the promises, else the time to signature, else that nothing is there."""
    kept = [promise_finding(figures, group) for group in VoltageGroup]
    said = [words for words in kept if words]
    if said:
        return "；".join(said)
    return signature_finding(figures)


def promise_finding(figures: Figures, group: VoltageGroup) -> str:
    """Whether a group's promise is kept; empty without cases."""
    for promise in figures.promises:
        if promise.target.group is group and promise.reached is not None:
            unit, days = promise.target.unit.zh, promise.target.days
            verdict = f"在 {days} {unit}的目标之内" if promise.kept else f"超出 {days} {unit}的目标"
            return f"{group.zh}平均 {promise.reached} {unit}送电，{verdict}"
    return ""


def signature_finding(figures: Figures) -> str:
    """Average time from application to the executed contract."""
    (whole,) = figures.rows(figures.signature, "all") or (None,)
    if whole is None:
        return "还没有可统计的合同"
    return f"从申请到签订平均 {whole.average} 个工作日，共 {whole.count} 份合同"


def class_finding(figures: Figures) -> str:
    """The class that takes longest, by its 90th percentile."""
    rows = figures.rows(figures.signature, "kind")
    if not rows:
        return "还没有可按类别统计的合同"
    slowest = max(rows, key=lambda row: row.p90)
    return f"{value_name(slowest)}最慢：九成在 {slowest.p90} 个工作日内签订"


def district_finding(figures: Figures) -> str:
    """The slowest and the fastest district."""
    rows = figures.rows(figures.signature, "district")
    if not rows:
        return "还没有登记县区的合同"
    slowest, fastest = max(rows, key=lambda row: row.average), min(rows, key=lambda row: row.average)
    if slowest.average == fastest.average:
        return f"各县区签订用时平均都是 {slowest.average} 个工作日"
    last = f"{slowest.value}签订最慢，平均 {slowest.average} 个工作日"
    return f"{last}；{fastest.value}最快，{fastest.average} 个工作日"


def journey(figures: Figures) -> tuple[tuple[str, int], ...]:
    """Steps of the usual way with the orders that are there or past it."""
    standing = {row.step: row.orders for row in figures.standing_at}
    past = list(accumulate(standing.get(step, 0) for step in reversed(JOURNEY)))
    return tuple(zip((step.zh for step in JOURNEY), reversed(past), strict=True))


def journey_finding(figures: Figures) -> str:
    """Between which two steps most orders are waiting."""
    drops = [(first[1] - second[1], first[0], second[0]) for first, second in pairwise(journey(figures))]
    most, before, after = max(drops, key=lambda drop: drop[0])
    if most <= 0:
        return "没有业务单停在途中"
    return f"停得最多的地方：{most} 单在“{before}”之后、“{after}”之前"


def signature_chart(figures: Figures) -> LineChart | None:
    """Working days to the executed contract, a line a group; nothing is promised for it."""
    unit = DayUnit.WORKING
    lines = [
        Series(name=group.zh, style=_STYLES[group], points=tuple(_months(figures.signature, group, unit)))
        for group in VoltageGroup
    ]
    return line_chart(lines, unit.zh)


def power_chart(figures: Figures) -> LineChart | None:
    """Days to power, a line and a promise a group, in the unit of the promise."""
    lines = [
        Series(
            name=target.group.zh,
            style=_STYLES[target.group],
            points=tuple(_months(figures.power, target.group, target.unit)),
            target=target.days,
        )
        for target in figures.province.targets
    ]
    return line_chart(lines, figures.province.targets[0].unit.zh)


def class_chart(figures: Figures) -> Ranges | None:
    """Median and 90th percentile of working days to signature by class."""
    rows = figures.rows(figures.signature, "kind")
    return ranges([(value_name(row), row.p50, row.p90) for row in rows])


def district_chart(figures: Figures) -> Bars | None:
    """Average working days to signature by district, the slowest first."""
    rows = sorted(figures.rows(figures.signature, "district"), key=lambda row: -row.average)
    return bars([(row.value, row.average, f"{row.average}（{row.count} 份）") for row in rows])


def journey_chart(figures: Figures) -> Bars | None:
    """Orders by step reached."""
    return bars([(name, Decimal(orders), f"{orders} 单") for name, orders in journey(figures)])


def cut_name(row: FigureRow) -> str:
    """How the row is grouped."""
    return _CUTS[row.cut]


def value_name(row: FigureRow) -> str:
    """Which group the row is, in words."""
    if row.cut == "kind":
        return _KINDS.get(row.value, row.value or "未签合同")
    if row.cut == "group":
        return _GROUPS.get(row.value, "其他")
    if row.cut == "group_month":
        group, _, month = row.value.rpartition("/")
        return f"{_GROUPS.get(group, '其他')} {month}"
    return row.value or ("全部" if row.cut == "all" else "未登记")


def figure_cells(measure: str, row: FigureRow) -> tuple[object, ...]:
    """One CSV row under ``FIGURES_HEAD``."""
    numbers = (row.count, row.average, row.average_calendar, row.p50, row.p90, row.provisional)
    return (measure, cut_name(row), value_name(row), *numbers)


def figure_json(row: FigureRow) -> dict[str, object]:
    """A row as machines read it; decimals as text."""
    return {
        "cut": row.cut,
        "value": row.value,
        "count": row.count,
        "average_working_days": str(row.average),
        "average_days": str(row.average_calendar),
        "p50_working_days": str(row.p50),
        "p90_working_days": str(row.p90),
        "with_provisional_days": row.provisional,
    }


def _months(span: tuple[FigureRow, ...], group: VoltageGroup, unit: DayUnit) -> Iterator[tuple[str, Decimal]]:
    for row in span:
        voltage, _, month = row.value.rpartition("/")
        if row.cut == "group_month" and voltage == group.value:
            yield month, row.average if unit is DayUnit.WORKING else row.average_calendar
