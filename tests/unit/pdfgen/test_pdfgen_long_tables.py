"""What stands together: tables, headings and paragraphs at a page's foot, signature blocks, short cells."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfgen_sample import sample_contract

from pdfgen.document import (
    Block,
    Clause,
    GridTable,
    Heading,
    MarkedParagraph,
    MarkedPiece,
    Paragraph,
    PartyBlock,
    PartySlot,
)
from pdfgen.page_images import body_texts
from pdfgen.render import render


def pages_of(*blocks: Block) -> list[str]:
    texts = body_texts(render(replace(sample_contract(1), blocks=blocks)).pdf)
    return ["".join(text.split()) for text in texts[1:]]


def test_two_hundred_rows_repeat_their_head_on_every_page() -> None:
    rows = [(f"{index}", f"甬新线{index}号杆", "35") for index in range(200)]
    rows[60] = ("60", "说明文字，" * 260, "35")  # taller than the rest of any page
    pages = pages_of(GridTable(title="杆塔", header=("序号", "位置", "电压"), rows=rows, widths=(1, 5, 1)))
    assert len(pages) > 6
    assert all(page.startswith("杆塔序号位置电压") for page in pages[:1])
    assert all(page.startswith("序号位置电压") for page in pages[1:])
    joined = "".join(pages).replace("序号位置电压", "")
    assert all(f"甬新线{index}号杆" in joined for index in range(200) if index != 60)


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 40), st.sampled_from([1, 2]))
def test_no_heading_stands_alone_at_the_foot_of_a_page(lines: int, level: int) -> None:
    blocks: list[Block] = [Paragraph(text=f"第{index}行") for index in range(lines)]
    blocks += [Heading(level=level, text="孤标题"), Clause(number="第一条", title="条题", text="条文" * 30)]  # type: ignore[arg-type]
    page = next(page for page in pages_of(*blocks) if "孤标题" in page)
    assert "第一条条题" in page
    assert "条文" in page


@pytest.mark.parametrize("filler", [22, 24, 26, 28, 30])
def test_a_table_title_is_not_parted_from_its_first_row(filler: int) -> None:
    blocks: list[Block] = [Paragraph(text=f"第{index}行") for index in range(filler)]
    rows = [(f"甲{index}", "值") for index in range(40)]
    page = next(
        page
        for page in pages_of(*blocks, GridTable(title="孤表", header=("名", "值"), rows=rows))
        if "孤表" in page
    )
    assert "孤表名值甲0" in page


def test_the_page_of_every_block_is_told() -> None:
    blocks = [Clause(number=f"第{index}条", title="题", text="条文" * 200) for index in range(6)]
    rendered = render(replace(sample_contract(1), blocks=blocks))
    pdf = pypdfium2.PdfDocument(rendered.pdf)
    try:
        texts = [page.get_textpage().get_text_range() for page in pdf]
    finally:
        pdf.close()
    for index, page in enumerate(rendered.block_pages):
        assert f"第{index}条" in texts[page - 1]


@settings(max_examples=25, deadline=None)
@given(st.integers(28, 40), st.integers(2, 7), st.booleans())
def test_a_page_break_leaves_two_lines_of_a_paragraph_on_either_side(
    filler: int, lines: int, marked: bool
) -> None:
    text = "文" * 42 * lines
    long = MarkedParagraph(pieces=(MarkedPiece(text=text),)) if marked else Paragraph(text=text)
    blocks: list[Block] = [Paragraph(text=f"第{index}行") for index in range(filler)]
    shares = [page.count("文") for page in pages_of(*blocks, long) if "文" in page]
    assert sum(shares) == 42 * lines
    assert len(shares) == 1 or (shares[0] >= 80 and shares[-1] > 42)


def signed(role: str, continued: str) -> PartyBlock:
    slot = PartySlot(name=f"{role}Seal", kind="seal", label="合同专用章（盖章）")
    return PartyBlock(role=role, facts=[("名称", role)] * 9, slots=[slot], continued=continued)


def test_no_signature_block_stands_on_a_page_without_the_heading_of_signature_pages() -> None:
    blocks = [Heading(level=1, text="签署页"), *(signed(role, "签署页（续）") for role in "ABCDEFG")]
    pages = pages_of(*blocks)
    assert len(pages) > 2
    assert pages[0].startswith("签署页A")
    assert all(page.startswith("签署页（续）") for page in pages[1:])
    assert "".join(pages).count("签署页（续）") == len(pages) - 1


def test_a_name_of_a_few_characters_stays_whole_where_another_column_can_give() -> None:
    rows = [("明州变电所", "由供电人负责运行维护，" * 3, "千伏安"), ("二", "同上", "台")]
    table = GridTable(title="", header=("名", "说明", "单位"), rows=rows, widths=(1, 30, 1))
    texts = body_texts(render(replace(sample_contract(1), blocks=[table])).pdf)[1]
    assert "明州变电所" in texts
    assert "千伏安" in texts


def test_where_no_column_can_give_words_stay_whole_and_names_break() -> None:
    header = ["明州变电所站"] * 12
    table = GridTable(title="", header=header, rows=[["A-12"] * 12])
    texts = body_texts(render(replace(sample_contract(1), blocks=[table])).pdf)[1]
    assert texts.count("A-12") == 12
