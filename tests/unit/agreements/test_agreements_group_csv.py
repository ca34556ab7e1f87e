"""CSV files of sites: encodings, delimiters, broken quotes, foreign files; nothing guessed."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Sequence

import pytest
from group_sheets import HEADER, sheet, site, sites
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.agreements.group_csv import (
    MOST_ROWS,
    CsvEncoding,
    CsvRow,
    CsvUnreadableError,
    form_of,
    rows_of,
)

TEXT = st.text(st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zs")), max_size=20)


def read(content: bytes) -> list[CsvRow]:
    stream = io.BytesIO(content)
    return list(rows_of(stream, form_of(stream)))


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", CsvEncoding.UTF8),
        ("utf-8-sig", CsvEncoding.UTF8_BOM),
        ("gbk", CsvEncoding.GB18030),
        ("gb18030", CsvEncoding.GB18030),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_and_every_cell_is_read(
    codec: str, found: CsvEncoding, delimiter: str
) -> None:
    content = sheet(sites(3), encoding=codec, delimiter=delimiter)
    form = form_of(io.BytesIO(content))
    assert (form.encoding, form.delimiter, form.header) == (found, delimiter, HEADER)
    assert read(content)[2] == CsvRow(no=4, cells=tuple(site(2).values()))


@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=8), st.sampled_from(["utf-8-sig", "gb18030"])
)
def test_whatever_a_spreadsheet_quotes_is_read_back(rows: Sequence[Sequence[str]], codec: str) -> None:
    header = ("甲", "乙", "丙")
    content = sheet([dict(zip(header, row, strict=True)) for row in rows], header=header, encoding=codec)
    kept = [tuple(cell.strip(" ") for cell in row) for row in rows if any(cell.strip() for cell in row)]
    assert [row.cells for row in read(content)] == kept


def test_a_quoted_line_break_does_not_move_the_row_numbers() -> None:
    rows = [site(0, 用电地址="第一行\r\n第二行"), site(1)]
    assert [row.no for row in read(sheet(rows))] == [2, 3]


def test_rows_of_empty_cells_are_left_out_and_keep_their_number() -> None:
    content = sheet([site(0), {}, {}, site(1), {}])
    assert [row.no for row in read(content)] == [2, 5]


def test_rare_characters_of_gb18030_are_read() -> None:
    assert read(sheet([site(0, 站点名称="㛃䶮𠮷赟站")], encoding="gb18030"))[0].cells[1] == "㛃䶮𠮷赟站"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04rest", "Excel 工作簿"),
        ("户号,地址".encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7", "PDF 文件"),
        (b"\r\n\r\n", "没有表头"),
        (("户号,站\r\n1,甲\r\n".encode() * 3) + b"1,\xff\xff\xff\r\n", "第 7 行既不是 UTF-8 也不是 GBK"),
    ],
)
def test_what_is_no_csv_is_refused_with_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(CsvUnreadableError) as refused:
        form_of(io.BytesIO(content))
    assert words in refused.value.zh or words in refused.value.en


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'1,"never closed\r\n2,x\r\n', "引号没有闭合"),
        (b'1,"inside" a cell\r\n', "单元格内有单个引号"),
        (b"1," + b"x" * 200_000 + b"\r\n", "单元格过长"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(line: bytes, words: str) -> None:
    with pytest.raises(CsvUnreadableError) as refused:
        read("户号,站\r\n0,甲\r\n".encode() + line)
    assert words in refused.value.zh
    assert refused.value.row == 3
    assert refused.value.zh.startswith("第 3 行")


def test_more_than_ten_thousand_rows_are_refused_by_the_row() -> None:
    content = "户号\r\n".encode() + b"1\r\n" * (MOST_ROWS + 1)
    with pytest.raises(CsvUnreadableError, match="split the file") as refused:
        read(content)
    assert refused.value.row == MOST_ROWS + 2


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    def peak(rows: int) -> int:
        stream = io.BytesIO(sheet(sites(rows)))
        form = form_of(stream)
        tracemalloc.start()
        count = sum(1 for _ in rows_of(stream, form))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return most

    assert peak(2000) < 1.3 * peak(200)
