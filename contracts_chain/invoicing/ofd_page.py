"""The one page of an OFD face: texts, rules and the QR code, by the tax bureau's layout of 2024.

Measures are millimetres from the upper left corner (reference/invoices.md §1.4). Fonts
are named, not embedded, as in the bureau's own files: a full-width character advances by
the font size, a Latin one by half of it. Never draws the 监制章.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import segno

from pdfgen.invoice_face import InvoiceFace, InvoiceFaceLine

__all__ = [
    "BLACK",
    "KAI",
    "LABEL_RED",
    "MARK_GREY",
    "MONO",
    "SONG",
    "FilledPath",
    "OfdPage",
    "PlacedText",
    "page_of",
]

SONG, KAI, MONO = "宋体", "楷体", "Courier New"
LABEL_RED, BLACK, MARK_GREY = "128 0 0", "0 0 0", "220 224 224"
_SIZE = 3.175
_SMALL = 2.8222
_PITCH = 4.5
_ROWS_TOP = 57.0  # one below the template's, so that no row touches the header
_NAME_COLUMN = 11
_HORIZONTAL = (30.0, 52.0, 96.0, 104.0, 124.0)
_VERTICAL = (
    (4.5, 30.0, 124.0), (205.5, 30.0, 124.0), (10.7, 30.0, 52.0), (105.2, 30.0, 52.0), (111.2, 30.0, 52.0),
    (56.5, 96.0, 104.0), (10.7, 104.0, 124.0),
)  # fmt: skip
_LABELS = (
    (154.0, 11.0, "发票号码："), (154.0, 17.0, "开票日期："), (11.0, 33.5, "名称："), (111.5, 33.5, "名称："),
    (15.5, 53.0, "项目名称"), (41.6, 53.0, "规格型号"), (66.5, 53.0, "单 位"), (92.5, 53.0, "数 量"),
    (117.5, 53.0, "单 价"), (143.0, 53.0, "金 额"), (157.0, 53.0, "税率/征收率"), (194.0, 53.0, "税 额"),
    (18.0, 92.0, "合 计"), (16.4, 98.5, "价税合计（大写）"), (143.0, 98.5, "（小写）"),
    (5.5, 109.0, "备"), (5.5, 115.0, "注"), (19.0, 129.5, "开票人："),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedText:
    """One run of text whose box begins at ``x``, ``y``.

    ``tag`` is its semantic name, if any; ``continues`` says that the value began in the run before.
    """

    x: float
    y: float
    text: str
    size: float = _SIZE
    font: str = SONG
    colour: str = BLACK
    tag: str = ""
    continues: bool = False

    @property
    def advances(self) -> list[float]:
        """Advance of every character."""
        return [self.size * (1 if _is_wide(each) else 0.5) for each in self.text]

    @property
    def width(self) -> float:
        """Sum of the advances."""
        return sum(self.advances)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledPath:
    """A rule, a circle or the QR code, in coordinates of its own box."""

    x: float
    y: float
    width: float
    height: float
    path: str
    colour: str = LABEL_RED
    filled: bool = False


@dataclass(slots=True)
class OfdPage:
    """What stands on the page, in drawing order."""

    texts: list[PlacedText] = field(default_factory=list)
    paths: list[FilledPath] = field(default_factory=list)

    def put(
        self, x: float, y: float, text: str, tag: str = "", *, size: float = _SIZE, font: str = SONG
    ) -> None:
        """Place a figure; an empty one is not placed, nor tagged."""
        if text:
            self.texts.append(PlacedText(x=x, y=y, text=text, tag=tag, size=size, font=font))

    def put_lines(self, x: float, y: float, pitch: float, lines: Sequence[str], tag: str) -> None:
        """Place one value over several lines."""
        for index, line in enumerate(lines):
            self.texts.append(PlacedText(x=x, y=y + pitch * index, text=line, tag=tag, continues=index > 0))

    def put_right(self, right: float, y: float, text: str, tag: str = "", *, size: float = _SIZE) -> None:
        """Place a figure whose last character ends at ``right``."""
        self.put(right - PlacedText(x=0, y=0, text=text, size=size).width, y, text, tag, size=size)


def page_of(face: InvoiceFace) -> OfdPage:
    """Lay out a face; the mark, if any, lies under everything."""
    page = OfdPage()
    _mark(page, face.mark)
    _form(page, face.title)
    _head(page, face)
    for row_number, row in zip(_row_starts(face), face.lines, strict=True):
        _row(page, _ROWS_TOP + _PITCH * row_number, row)
    _totals(page, face)
    page.put_lines(11.1, 104.5, 3.8, face.remark, "Note")
    page.put(32, 129.1, face.drawer, "InvoiceClerk")
    return page


def _mark(page: OfdPage, mark: str) -> None:
    if mark:
        size = min(20.0, 150 / max(1.0, PlacedText(x=0, y=0, text=mark, size=1).width))
        page.texts.append(PlacedText(x=40, y=62, text=mark, size=size, colour=MARK_GREY))
        page.texts.append(PlacedText(x=154, y=23, text=mark, colour=LABEL_RED))


def _form(page: OfdPage, title: str) -> None:
    for y in _HORIZONTAL:
        page.paths.append(_rule(4.5, y, 205.5, y))
    for x, top, bottom in _VERTICAL:
        page.paths.append(_rule(x, top, x, bottom))
    for y in (18.0, 19.0):
        page.paths.append(_rule(65.5, y, 138.5, y))
    page.paths.append(_crossed_circle())
    width = PlacedText(x=0, y=0, text=title, size=7.07).width
    page.texts.append(PlacedText(x=101 - width / 2, y=8, text=title, size=7.07, font=KAI, colour=LABEL_RED))
    labels = [
        *_LABELS,
        (11.0, 44.0, "统一社会信用代码/纳税人识别号："),
        (111.5, 44.0, "统一社会信用代码/纳税人识别号："),
    ]
    for x, text in ((5.5, "购买方信息"), (106.0, "销售方信息")):
        labels += [(x, 32.5 + 3.5 * index, each) for index, each in enumerate(text)]
    for x, y, text in labels:
        size = _SMALL if "/纳税人" in text else _SIZE
        page.texts.append(PlacedText(x=x, y=y, text=text, size=size, font=KAI, colour=LABEL_RED))


def _head(page: OfdPage, face: InvoiceFace) -> None:
    page.paths.append(_qr(face.qr_text))
    page.put(170, 10.3, face.number, "InvoiceNo")
    page.put(170, 16.4, face.issue_date, "IssueDate")
    page.put(20, 33.8, face.buyer_name, "Buyer/BuyerName")
    page.put(54, 43.3, face.buyer_tax_id, "Buyer/BuyerTaxID", size=4.2333, font=MONO)
    page.put(120, 33.8, face.seller_name, "Seller/SellerName")
    page.put(154.5, 43.3, face.seller_tax_id, "Seller/SellerTaxID", size=4.2333, font=MONO)


def _row(page: OfdPage, y: float, row: InvoiceFaceLine) -> None:
    page.put_lines(4.5, y, _PITCH, _wrapped(row.name), "Item")
    page.put(41.6, y, row.spec, "Specification")
    page.put(66.5, y, row.unit, "MeasurementDimension")
    page.put_right(102.5, y, row.quantity, "Quantity")
    page.put_right(127.5, y, row.price, "Price", size=_SMALL if len(row.price) > 14 else _SIZE)
    page.put_right(153, y, row.amount, "Amount")
    page.put(164, y, row.rate, "TaxScheme")
    page.put_right(205, y, row.tax, "TaxAmount")


def _totals(page: OfdPage, face: InvoiceFace) -> None:
    page.put_right(153, 90.5, f"¥{face.total_amount}", "TaxExclusiveTotalAmount")
    page.put_right(205, 90.5, f"¥{face.total_tax}", "TaxTotalAmount")
    page.put(64, 98, face.capitals, size=3.7)
    page.put(156.5, 98, f"¥{face.total_with_tax}", "TaxInclusiveTotalAmount", size=3.7)


def _row_starts(face: InvoiceFace) -> list[int]:
    starts, row = [], 0
    for line in face.lines:
        starts.append(row)
        row += len(_wrapped(line.name))
    return starts


def _wrapped(name: str) -> list[str]:
    """Break an item name after eleven full-width characters, as the printed face does."""
    parts, room = [""], 2 * _NAME_COLUMN
    for each in name:
        need = 2 if _is_wide(each) else 1
        if need > room:
            parts.append("")
            room = 2 * _NAME_COLUMN
        parts[-1] += each
        room -= need
    return parts


def _rule(x1: float, y1: float, x2: float, y2: float) -> FilledPath:
    """A hairline; a box without extent is given 0.4 mm, for viewers clip to the box."""
    if y1 == y2:
        return FilledPath(x=x1, y=y1, width=x2 - x1, height=0.4, path=f"M 0 0.2 L {_number(x2 - x1)} 0.2")
    return FilledPath(x=x1, y=y1, width=0.4, height=y2 - y1, path=f"M 0.2 0 L 0.2 {_number(y2 - y1)}")


def _crossed_circle() -> FilledPath:
    circle = "M 0.2 2.5 A 2.3 2.3 0 1 1 4.8 2.5 A 2.3 2.3 0 1 1 0.2 2.5"
    return FilledPath(
        x=57.9, y=97.5, width=5, height=5, path=f"{circle} M 0.9 0.9 L 4.1 4.1 M 4.1 0.9 L 0.9 4.1"
    )


def _qr(content: str) -> FilledPath:
    matrix = segno.make(content, error="m", micro=False).matrix
    step = 20 / len(matrix)
    squares = [
        _square(x * step, y * step, (x + 1) * step, (y + 1) * step)
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    ]
    return FilledPath(x=6.5, y=6, width=20, height=20, path=" ".join(squares), colour=BLACK, filled=True)


def _square(left: float, top: float, right: float, bottom: float) -> str:
    x1, y1, x2, y2 = map(_number, (left, top, right, bottom))
    return f"M {x1} {y1} L {x2} {y1} L {x2} {y2} L {x1} {y2} C"


def _is_wide(character: str) -> bool:
    return character == "¥" or unicodedata.east_asian_width(character) in "WFA"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
