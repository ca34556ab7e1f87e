"""Tables as CSV that Excel opens as they are: UTF-8 with BOM, CRLF, no cell that is a formula.

A text that begins like a formula gets an apostrophe in front, so that a name from an order
file never runs as one; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from fastapi.responses import Response

__all__ = ["csv_file", "sheet"]

_BOM: Final = b"\xef\xbb\xbf"
_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"^-?[0-9]+(?:\.[0-9]+)?$")


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The bytes of one table."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return _BOM + out.getvalue().encode()


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a download under an ASCII name."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sheet(head, rows), media_type="text/csv; charset=utf-8", headers=disposition)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text
