"""CSV files as grid companies and their customers send them: bytes to rows, nothing guessed.

Decides encoding (strict UTF-8, else strict GB 18030, of which GBK is a part), delimiter
and the header's cells; yields one row at a time, so that the size of a file does not show
in memory. Row numbers are those of a spreadsheet: the header is row 1. A cell is data,
never a formula. Must never repair, skip or shorten what it cannot read.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from contracts_chain.agreements.terms.codes import Coded
from kernel.errors import RejectedError

__all__ = [
    "GREATEST_BYTES",
    "MOST_ROWS",
    "CsvEncoding",
    "CsvForm",
    "CsvRow",
    "CsvUnreadableError",
    "form_of",
    "rows_of",
]

GREATEST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 10_000
_MOST_COLUMNS: Final = 200
_CHUNK: Final = 65_536
_DELIMITERS: Final = (",", ";", "\t")
_QUOTED: Final = re.compile(r'"[^"]*"')
_SIGNATURES: Final = {
    b"PK\x03\x04": ("an Excel workbook", "Excel 工作簿"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "旧版 Excel 工作簿"),
    b"\xff\xfe": ("UTF-16 text", "UTF-16 文本"),
    b"\xfe\xff": ("UTF-16 text", "UTF-16 文本"),
    b"%PDF": ("a PDF", "PDF 文件"),
}


class CsvEncoding(Coded):
    """How the bytes are characters; the value is Python's name of the codec."""

    UTF8_BOM = ("utf-8-sig", "UTF-8（带签名）")
    UTF8 = ("utf-8", "UTF-8")
    GB18030 = ("gb18030", "GBK / GB 18030")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvForm:
    """How one file is written.

    Attributes:
        delimiter: ``,``, ``;`` or a tab.
        header: Cells of row 1, without blanks at their ends.
    """

    encoding: CsvEncoding
    delimiter: str
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """One row of data; ``no`` as a spreadsheet shows it."""

    no: int
    cells: tuple[str, ...]


class CsvUnreadableError(RejectedError):
    """The file is not a CSV that can be read to its end; nothing of it was taken in."""

    code = "csv_unreadable"

    def __init__(self, en: str, zh: str, *, row: int | None = None) -> None:
        """Keep the row, where one is to blame."""
        place_en, place_zh = ("", "") if row is None else (f"row {row}: ", f"第 {row} 行：")
        super().__init__(place_en + en, place_zh + zh)
        self.row = row


def form_of(stream: BinaryIO) -> CsvForm:
    """Read the whole stream once by its bytes and its first row by its cells.

    Raises:
        CsvUnreadableError: Empty, another kind of file, neither encoding, or no header.
    """
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding.value, newline="")
    try:
        first = text.readline(_CHUNK)
    finally:
        text.detach()
    delimiter = max(_DELIMITERS, key=_QUOTED.sub("", first).count)
    header = next(_records(stream, encoding, delimiter), None)
    if header is None or not any(header):
        raise CsvUnreadableError(
            "there is no header; put the column names into the first row",
            "没有表头；请在第一行填写列名",
        )
    if len(header) > _MOST_COLUMNS:
        raise CsvUnreadableError(
            f"more than {_MOST_COLUMNS} columns; remove what is not imported",
            f"超过 {_MOST_COLUMNS} 列；请删去不导入的列",
            row=1,
        )
    return CsvForm(encoding=encoding, delimiter=delimiter, header=tuple(cell.strip() for cell in header))


def rows_of(stream: BinaryIO, form: CsvForm) -> Iterator[CsvRow]:
    """The rows below the header, blank ones left out, each cell without blanks at its ends.

    Raises:
        CsvUnreadableError: A quote is not closed, a cell is far too long, or too many rows;
            raised when the row is reached.
    """
    records = _records(stream, form.encoding, form.delimiter)
    next(records, None)
    count = 0
    for no, cells in enumerate(records, 2):
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise CsvUnreadableError(
                f"more than {MOST_ROWS:,} rows; split the file",
                f"超过 {MOST_ROWS:,} 行；请分成几个文件导入",
                row=no,
            )
        yield CsvRow(no=no, cells=tuple(cell.strip(" ") for cell in cells))


def _records(stream: BinaryIO, encoding: CsvEncoding, delimiter: str) -> Iterator[list[str]]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding.value, newline="")
    no = 0
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for no, cells in enumerate(reader, 1):  # noqa: B007 - the error below names the row
            yield cells
    except csv.Error as problem:
        raise _broken(no + 1, str(problem)) from problem
    finally:
        if not stream.closed:
            text.detach()


def _broken(no: int, reason: str) -> CsvUnreadableError:
    if "field larger" in reason:
        en, zh = "a cell is far too long, or a quote is never closed", "单元格过长，或引号没有闭合"
    elif "unexpected end" in reason:
        en, zh = "a quote is never closed", "引号没有闭合"
    else:
        en, zh = "a quote stands inside a cell; double it", "单元格内有单个引号；请写成两个引号"
    return CsvUnreadableError(f"{en}; correct it and upload again", f"{zh}；请改正后重新上传", row=no)


def _encoding(stream: BinaryIO) -> CsvEncoding:
    stream.seek(0)
    start = stream.read(4)
    if not start:
        raise CsvUnreadableError("the file is empty; choose another", "文件是空的；请重新选择")
    for signature, (en, zh) in _SIGNATURES.items():
        if start.startswith(signature):
            raise CsvUnreadableError(
                f"this is {en}; save it as CSV (UTF-8) and upload that",
                f"这是{zh}；请另存为 CSV（UTF-8）后上传",
            )
    utf8_line = _undecodable(stream, "utf-8")
    if utf8_line is None:
        return CsvEncoding.UTF8_BOM if start.startswith(codecs.BOM_UTF8) else CsvEncoding.UTF8
    gb18030_line = _undecodable(stream, "gb18030")
    if gb18030_line is None:
        return CsvEncoding.GB18030
    broken_line = max(utf8_line, gb18030_line)  # the encoding that got further is the one it is in
    raise CsvUnreadableError(
        f"line {broken_line} is neither UTF-8 nor GBK; save the file as CSV (UTF-8)",
        f"文件第 {broken_line} 行既不是 UTF-8 也不是 GBK 编码；请另存为 CSV（UTF-8）后上传",
    )


def _undecodable(stream: BinaryIO, codec: str) -> int | None:
    """``None`` if every byte decodes strictly, else the line of the first that does not."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as problem:
            return line + problem.object[: problem.start].count(b"\n")
        if not chunk:
            return None
        line += chunk.count(b"\n")
