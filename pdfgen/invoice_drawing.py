"""Strokes of the invoice face; every measure is in mm from the upper left corner.

Positions are those of the tax bureau's OFD template of 2024 (rules and labels in
128, 0, 0; figures black). Text that would leave its cell is set smaller, never cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pdfgen.fonts import SANS, SANS_BOLD, SERIF
from pdfgen.glyphs import require_glyphs
from pdfgen.ink import BLACK, MM, Colour, Ink, text_width
from pdfgen.kinsoku import Span, break_lines
from pdfgen.pdf_pages import finish_pdf
from pdfgen.pdfa import ArchivalFacts
from pdfgen.qr import draw_qr

if TYPE_CHECKING:
    from pdfgen.invoice_face import InvoiceFace, InvoiceFaceLine

__all__ = ["render_invoice"]

_WIDTH: Final = 210.0
_HEIGHT: Final = 140.0
_LABEL: Final[Colour] = (128 / 255, 0.0, 0.0)
_MARK: Final[Colour] = (0.86, 0.88, 0.88)
_SIZE: Final = 3.175
_ROW_PITCH: Final = 4.5
_ROWS_TOP: Final = 56.0
_ROWS_BOTTOM: Final = 90.0
_HORIZONTAL: Final = (30.0, 52.0, 96.0, 104.0, 124.0)
_VERTICAL: Final = (
    (4.5, 30, 124), (205.5, 30, 124), (10.7, 30, 52), (105.2, 30, 52), (111.2, 30, 52),
    (56.5, 96, 104), (10.7, 104, 124),
)  # fmt: skip
_LABELS: Final = (
    (154.0, 11.0, "发票号码："), (154.0, 17.0, "开票日期："), (11.0, 33.5, "名称："), (111.5, 33.5, "名称："),
    (15.5, 53.0, "项目名称"), (41.6, 53.0, "规格型号"), (66.5, 53.0, "单 位"), (92.5, 53.0, "数 量"),
    (117.5, 53.0, "单 价"), (143.0, 53.0, "金 额"), (157.0, 53.0, "税率/征收率"), (194.0, 53.0, "税 额"),
    (18.0, 92.0, "合\u3000\u3000计"), (16.4, 98.5, "价税合计（大写）"), (143.0, 98.5, "（小写）"),
    (5.9, 109.0, "备"), (5.9, 115.0, "注"), (19.0, 129.5, "开票人："),
)  # fmt: skip
_TAX_ID_LABEL: Final = "统一社会信用代码/纳税人识别号："


def render_invoice(face: InvoiceFace) -> bytes:
    """Draw one face and make it an archival PDF with its attachments.

    Raises:
        MissingGlyphError: A character has no glyph.
    """
    require_glyphs(_texts(face))
    ink = Ink()
    _draw_mark(ink, face.mark)
    _draw_form(ink, face)
    _draw_parties(ink, face)
    _draw_rows(ink, face)
    _draw_totals(ink, face)
    _draw_foot(ink, face)
    facts = ArchivalFacts(
        title=face.title,
        subject=face.number,
        created_utc=face.created_utc,
        attachments=tuple(face.attachments),
        custom=face.metadata,
    )
    return finish_pdf(ink, width=_WIDTH * MM, height=_HEIGHT * MM, facts=facts)


def _texts(face: InvoiceFace) -> list[str]:
    rows = [
        text
        for row in face.lines
        for text in (row.name, row.spec, row.unit, row.quantity, row.price, row.amount, row.rate, row.tax)
    ]
    parties = [face.buyer_name, face.buyer_tax_id, face.seller_name, face.seller_tax_id, face.drawer]
    totals = [face.total_amount, face.total_tax, face.total_with_tax, face.capitals]
    return [face.title, face.number, face.issue_date, face.mark, *rows, *parties, *totals, *face.remark]


def _put(
    ink: Ink,
    x: float,
    y: float,
    text: str,
    *,
    colour: Colour = BLACK,
    face: str = SERIF,
    size: float = _SIZE,
    width: float | None = None,
    place: str = "left",
) -> None:
    """Set one line whose top is ``y``; narrower than its natural size if ``width`` demands it."""
    points = size * MM
    natural = text_width(text, face, points)
    if width is not None and natural > width * MM:
        points *= width * MM / natural
        natural = width * MM
    left = x * MM
    if width is not None and place != "left":
        left += (width * MM - natural) * (0.5 if place == "centre" else 1.0)
    ink.text(left, (_HEIGHT - y - size * 0.86) * MM, text, face=face, size=points, colour=colour)


def _draw_mark(ink: Ink, mark: str) -> None:
    """Set the mark large across the face, under the figures."""
    if not mark:
        return
    size = min(66.0, 150 * MM / max(1.0, text_width(mark, SANS_BOLD, 1.0)))
    with ink.turned(_WIDTH / 2 * MM, (_HEIGHT - 74) * MM, degrees=14):
        ink.centred(0, -size / 3, mark, face=SANS_BOLD, size=size, colour=_MARK)


def _draw_form(ink: Ink, face: InvoiceFace) -> None:
    for y in _HORIZONTAL:
        _rule(ink, 4.5, y, 205.5, y)
    for x, top, bottom in _VERTICAL:
        _rule(ink, x, top, x, bottom)
    for y in (18.0, 19.0):
        _rule(ink, 65.5, y, 138.5, y)
    for x, y, label in _LABELS:
        _put(ink, x, y, label, colour=_LABEL)
    for x, text in ((5.9, "购买方信息"), (106.6, "销售方信息")):
        for index, char in enumerate(text):
            _put(ink, x, 32.5 + 3.7 * index, char, colour=_LABEL)
    _put(ink, 56, 8.6, face.title, colour=_LABEL, size=7.07, width=90, place="centre")
    if face.mark:
        _put(ink, 154, 23, face.mark, colour=_LABEL, face=SANS_BOLD, width=51)
    draw_qr(ink, face.qr_text, 6.5 * MM, (_HEIGHT - 26) * MM, 20 * MM, colour=BLACK)
    _put(ink, 170, 11, face.number, width=35)
    _put(ink, 170, 17, face.issue_date, width=35)


def _rule(ink: Ink, x1: float, y1: float, x2: float, y2: float) -> None:
    ink.rule(x1 * MM, (_HEIGHT - y1) * MM, x2 * MM, (_HEIGHT - y2) * MM, width=0.7, colour=_LABEL)


def _draw_parties(ink: Ink, face: InvoiceFace) -> None:
    for left, name, tax_id, width in (
        (11.0, face.buyer_name, face.buyer_tax_id, 84.0),
        (111.5, face.seller_name, face.seller_tax_id, 84.0),
    ):
        _put(ink, left + 9, 33.5, name, width=width)
        _put(ink, left, 44, _TAX_ID_LABEL, colour=_LABEL, width=42.5)
        _put(ink, left + 43, 43.4, tax_id, face=SANS, size=4.0, width=50.5)


def _draw_rows(ink: Ink, face: InvoiceFace) -> None:
    """Set the items; more than fit at the usual pitch are set closer together."""
    heights = [len(_name_lines(row)) for row in face.lines]
    pitch = min(_ROW_PITCH, (_ROWS_BOTTOM - _ROWS_TOP) / max(1, sum(heights)))
    size = min(_SIZE, pitch * 0.8)
    y = _ROWS_TOP + 1.0
    for row, height in zip(face.lines, heights, strict=True):
        _draw_row(ink, row, y, pitch, size)
        y += pitch * height


def _name_lines(row: InvoiceFaceLine) -> list[str]:
    lines = break_lines(
        [Span(text=row.name or " ", face=SERIF)], size=_SIZE * MM, measure=36 * MM, justify=False
    )
    return [line.text for line in lines]


def _draw_row(ink: Ink, row: InvoiceFaceLine, y: float, pitch: float, size: float) -> None:
    for index, text in enumerate(_name_lines(row)):
        _put(ink, 5.0, y + pitch * index, text, size=size, width=36)
    _put(ink, 41.6, y, row.spec, size=size, width=22)
    _put(ink, 64.5, y, row.unit, size=size, width=12.5, place="centre")
    _put(ink, 77.5, y, row.quantity, size=size, width=25, place="right")
    _put(ink, 103.0, y, row.price, size=size, width=24.5, place="right")
    _put(ink, 128.0, y, row.amount, size=size, width=25, place="right")
    _put(ink, 154.0, y, row.rate, size=size, width=25, place="centre")
    _put(ink, 179.5, y, row.tax, size=size, width=25.5, place="right")


def _draw_totals(ink: Ink, face: InvoiceFace) -> None:
    _put(ink, 127.5, 91.8, f"¥{face.total_amount}", width=25.5, place="right")
    _put(ink, 179.5, 91.8, f"¥{face.total_tax}", width=25.5, place="right")
    _put(ink, 64.5, 98.3, face.capitals, size=3.7, width=76)
    _put(ink, 155.5, 98.3, f"¥{face.total_with_tax}", size=3.7, width=48)
    x, y, radius = 60.4 * MM, (_HEIGHT - 100) * MM, 2.1 * MM
    ink.circle(x, y, radius, width=0.7, stroke=_LABEL)
    arm = radius * 0.7071
    ink.rule(x - arm, y - arm, x + arm, y + arm, width=0.7, colour=_LABEL)
    ink.rule(x - arm, y + arm, x + arm, y - arm, width=0.7, colour=_LABEL)


def _draw_foot(ink: Ink, face: InvoiceFace) -> None:
    lines = [
        line.text
        for text in face.remark
        for line in break_lines(
            [Span(text=text or " ", face=SERIF)], size=2.9 * MM, measure=192 * MM, justify=False
        )
    ]
    pitch = min(4.2, 18.5 / max(1, len(lines)))
    for index, text in enumerate(lines):
        _put(ink, 12.0, 105.2 + pitch * index, text, size=min(2.9, pitch * 0.85), width=192)
    _put(ink, 32, 129.5, face.drawer, width=60)
