"""The dashboard: findings are true sentences, charts stay in their frame, CSV runs no formula."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import dashboard_words as words
from api.csv_sheet import sheet
from api.dashboard_charts import Series, bars, line_chart, ranges
from contracts_chain.agreements.process_steps import ProcessStep
from contracts_chain.agreements.service_levels import service_levels
from contracts_chain.workflows.deadline_ports import FigureRow, StepRow
from contracts_chain.workflows.figures import Figures, Promise

VALUES = st.decimals(Decimal(0), Decimal(5000), places=1)
MONTHS = st.integers(1, 24).map(lambda n: [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(n)])


def row(cut: str, value: str, average: str, *, p90: str = "9.0", count: int = 3) -> FigureRow:
    return FigureRow(
        cut=cut,
        value=value,
        count=count,
        average=Decimal(average),
        average_calendar=Decimal(average) + 2,
        p50=Decimal(average),
        p90=Decimal(p90),
        provisional=0,
    )


def figures(*rows: FigureRow, standing: dict[ProcessStep, int] | None = None, reached: str = "") -> Figures:
    province = service_levels("ZJ")
    average = Decimal(reached) if reached else None
    return Figures(
        province=province,
        taken_utc=datetime(2026, 11, 20, tzinfo=UTC),
        signature=rows,
        power=(),
        promises=tuple(Promise(target=one, reached=average, count=4) for one in province.targets),
        standing_at=tuple(StepRow(step=step, orders=orders) for step, orders in (standing or {}).items()),
        stages=(),
        undated=0,
        overdue_orders=0,
        overdue_steps=0,
    )


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        ("10.0", "高压平均 10.0 天送电，在 50 天的目标之内；低压平均 10.0 天送电，在 10 天的目标之内"),
        ("10.1", "高压平均 10.1 天送电，在 50 天的目标之内；低压平均 10.1 天送电，超出 10 天的目标"),
    ],
)
def test_the_title_says_whether_the_promises_are_kept(reached: str, said: str) -> None:
    assert words.headline(figures(reached=reached)) == said


def test_without_power_the_title_is_the_time_to_signature_and_without_that_it_says_so() -> None:
    assert words.headline(figures(row("all", "", "6.0"))) == "从申请到签订平均 6.0 个工作日，共 3 份合同"
    assert words.headline(figures()) == "还没有可统计的合同"


def test_the_slowest_class_is_named_by_its_90th_percentile() -> None:
    found = words.class_finding(
        figures(row("kind", "HV_SUPPLY", "6.0", p90="9.5"), row("kind", "LV_RES_SUPPLY", "7.0", p90="8.0"))
    )
    assert found == "高压供用电合同最慢：九成在 9.5 个工作日内签订"


def test_districts_are_compared_and_unnamed_ones_left_out() -> None:
    said = figures(
        row("district", "鄞州区", "6.0"), row("district", "海曙区", "4.0"), row("district", "", "99.0")
    )
    assert words.district_finding(said) == "鄞州区签订最慢，平均 6.0 个工作日；海曙区最快，4.0 个工作日"
    chart = words.district_chart(said)
    assert chart is not None
    assert [one.name for one in chart.rows] == ["鄞州区", "海曙区"]


def test_orders_are_past_every_step_before_the_one_they_stand_at() -> None:
    standing = {ProcessStep.SCHEME_REPLIED: 5, ProcessStep.CONTRACT_OFFERED: 2, ProcessStep.ENERGISED: 4}
    found = figures(standing=standing)
    assert [orders for _, orders in words.journey(found)] == [11, 11, 6, 6, 6, 4, 4, 4]
    assert words.journey_finding(found) == "停得最多的地方：5 单在“答复供电方案”之后、“合同起草”之前"
    assert words.journey_finding(figures()) == "没有业务单停在途中"


def test_every_cut_has_a_name_and_every_group_a_word() -> None:
    rows = [
        row("all", "", "1"),
        row("group", "HV", "1"),
        row("kind", "GEN_USE", "1"),
        row("month", "2026-11", "1"),
        row("district", "", "1"),
        row("group_month", "LV/2026-11", "1"),
    ]
    assert [words.value_name(one) for one in rows] == [
        "全部",
        "高压",
        "分布式光伏发用电合同",
        "2026-11",
        "未登记",
        "低压 2026-11",
    ]
    assert all(words.cut_name(one) for one in rows)


@given(MONTHS, st.data())
def test_every_point_of_a_line_lies_in_the_frame_and_no_two_labels_cover_each_other(
    months: list[str], data: st.DataObject
) -> None:
    series = [
        Series(
            name=name,
            style=style,
            points=tuple((month, data.draw(VALUES)) for month in months),
            target=target,
        )
        for name, style, target in (("高压", "hv", 50), ("低压", "lv", None))
    ]
    chart = line_chart(series, "天")
    assert chart is not None
    for line in chart.lines:
        assert all(chart.left <= dot.x <= chart.right and 0 < dot.y <= chart.bottom for dot in line.dots)
    first, second = (line.label_y for line in chart.lines)
    assert abs(first - second) >= 19.9
    assert len(chart.months) <= 8
    assert chart.months[0].text == months[-1]


@given(
    st.lists(st.tuples(st.text(max_size=5), VALUES, VALUES.map(lambda high: high)), min_size=1, max_size=14)
)
def test_bars_and_ranges_stay_in_their_frame(rows: list[tuple[str, Decimal, Decimal]]) -> None:
    drawn = bars([(name, value, "") for name, value, _ in rows])
    assert drawn is not None
    assert all(0 < one.second <= drawn.width - drawn.zero for one in drawn.rows)
    spread = ranges([(name, min(low, high), max(low, high)) for name, low, high in rows])
    assert spread is not None
    assert all(spread.zero <= one.first <= one.second <= spread.width for one in spread.rows)


def test_without_numbers_there_is_no_chart() -> None:
    assert (line_chart([], "天"), bars([]), ranges([])) == (None, None, None)


def test_a_sheet_opens_in_excel_as_chinese_and_runs_no_formula() -> None:
    content = sheet(("名称", "数"), [("=HYPERLINK(1)", -2), ("+1,5", "-3.5"), ("鄞州区", None), ("@x", "-a")])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n") == [
        "名称,数",
        "'=HYPERLINK(1),-2",
        '"\'+1,5",-3.5',
        "鄞州区,",
        "'@x,'-a",
        "",
    ]
