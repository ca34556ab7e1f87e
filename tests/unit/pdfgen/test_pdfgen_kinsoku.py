from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pdfgen.fonts import SANS_BOLD, SERIF, advances
from pdfgen.kinsoku import NO_END, NO_START, Line, Span, break_lines

SIZE = 10.0
WORDS = st.sampled_from(
    [
        *"供用电合同双方甲乙第一二三四五六七八九十年月日元㎡①",
        *"、，。；：！？）》”’…—·%‰",
        *"（《“‘【",
        *" \u3000",
        "kWh",
        "35kV",
        "10 kV",
        "12 600",
        "GB/T 14549",
        "0.6139",
        "——",
        "……",
        "（一）",
        "《办法》",
        "。”",
        "，（",
        "MZGD-YX-1",
    ]
)
# What no line can keep: more marks in a row than a line of sixteen characters holds.
ENDLESS = re.compile("[" + re.escape("".join(NO_START | NO_END)) + r" \u3000\d]{12,}")
TEXTS = (
    st.lists(WORDS, max_size=120).map("".join).map(str.strip).filter(lambda text: not ENDLESS.search(text))
)


def lines_of(
    text: str, measure: float = 160.0, indent: float = 0.0, *, justify: bool = True
) -> tuple[Line, ...]:
    return break_lines(
        [Span(text=text, face=SERIF)], size=SIZE, measure=measure, indent=indent, justify=justify
    )


def right_edge(line: Line) -> float:
    """Where the ink of the last character ends; a closing mark has none in its right half."""
    run = line.runs[-1]
    widths = advances(run.face)
    end = run.x + sum(widths[char] * SIZE + run.char_space for char in run.text) - run.char_space
    return end - (0.5 * SIZE if run.text[-1] in "、，。．：；）》】”’" else 0.0)


@example("供" * 19 + "kWhMZGD-YX-1（\u3000（供供")
@given(TEXTS)
def test_no_line_starts_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    lines = [line.text for line in lines_of(text)]
    assert not [line for line in lines[1:] if line[0] in NO_START]
    assert not [line for line in lines[:-1] if line.rstrip()[-1:] in NO_END and line.rstrip()]


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, exclude_categories=["C"])))
def test_no_character_but_edge_blanks_is_lost_or_moved(text: str) -> None:
    kept = re.sub(r"[ \u00a0]", "", "".join(line.text for line in lines_of(text)))
    assert kept == re.sub(r"[ \u00a0]", "", text)


@example("·35kVMZGD-YX-1MZGD-YX-1", 20.0, False)
@given(TEXTS, st.sampled_from([0.0, 20.0]), st.booleans())
def test_no_line_is_wider_than_its_measure(text: str, indent: float, justify: bool) -> None:
    for line in lines_of(text, indent=indent, justify=justify):
        assert right_edge(line) <= 160.0 + 1e-6


@given(st.text(alphabet="供用电合同，。", min_size=40, max_size=200))
def test_a_full_line_of_chinese_reaches_the_right_edge(text: str) -> None:
    text = re.sub("[，。]{2,}", "，", text).strip("，。")
    for line in lines_of(text)[:-1]:
        assert right_edge(line) == pytest.approx(160.0, abs=1e-6)


@pytest.mark.parametrize(
    "whole", ["12 600 kVA", "0.6139336638", "25日", "第14号", "GB/T 14549", "35kV", "10%", "——"]
)
def test_a_figure_is_never_parted_from_its_unit(whole: str) -> None:
    for padding in range(24):
        lines = lines_of("电" * padding + whole + "合同" * 12)
        assert any(whole in line.text for line in lines), [line.text for line in lines]


def test_a_hash_longer_than_the_line_is_cut_not_lost() -> None:
    digest = "7f3a92c1" * 8
    lines = lines_of(f"指纹{digest}。", measure=100.0)
    assert len(lines) > 3
    assert "".join(line.text for line in lines) == f"指纹{digest}。"
    assert lines[-1].text != "。"


@given(st.text(alphabet="供用电合同，", min_size=20, max_size=120))
def test_no_character_is_left_alone_on_the_last_line(text: str) -> None:
    text = re.sub("，{2,}", "，", text).strip("，") + "。"
    lines = lines_of(text)
    assert len(lines) < 2 or len(lines[-1].text.strip("，。")) > 1


def test_faces_change_within_a_line() -> None:
    spans = [Span(text="第一条", face=SANS_BOLD), Span(text="正文", face=SERIF)]
    (line,) = break_lines(spans, size=SIZE, measure=200.0)
    assert [(run.face, run.text) for run in line.runs] == [(SANS_BOLD, "第一条"), (SERIF, "正文")]


def test_empty_text_has_no_line() -> None:
    assert lines_of("") == ()


@pytest.mark.parametrize(
    "whole",
    [
        "2026年11月20日",
        "SGZJMZ00YXGY2600001",
        "SGZJMZ00YXGY2600001(B1)",
        "……",
        "——",
        "0.5S级",
        "第3581号",
        "2‰",
    ],
)
def test_a_date_a_number_an_ellipsis_or_a_dash_is_never_cut(whole: str) -> None:
    for padding in range(24):
        for justify in (True, False):
            lines = lines_of("电" * padding + whole + "合同" * 12, justify=justify)
            assert any(whole in line.text for line in lines), [line.text for line in lines]


def test_a_date_wider_than_its_cell_breaks_between_year_month_and_day() -> None:
    lines = [line.text for line in lines_of("2026年11月20日", measure=36.0, justify=False)]
    assert lines == ["2026年", "11月", "20日"] or lines == ["2026年", "11月20日"]


def test_an_ellipsis_is_two_characters_wide() -> None:
    assert 2 * advances(SERIF)["…"] == pytest.approx(2.0)


def test_no_cell_leaves_one_character_for_its_last_line() -> None:
    lines = [line.text for line in lines_of("受电工程竣工检验报告", measure=90.0, justify=False)]
    assert len(lines[-1]) > 1


def test_a_paragraph_seen_before_is_not_broken_again() -> None:
    assert lines_of("供用电合同双方") is lines_of("供用电合同双方")
