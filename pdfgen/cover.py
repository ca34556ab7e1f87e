"""The first page: title large, number, parties, and the facts of the cover."""

from __future__ import annotations

from typing import Final

from pdfgen import house_style as style
from pdfgen.document import Document
from pdfgen.fonts import SANS, SANS_BOLD, SERIF
from pdfgen.ink import MM, Ink, text_width
from pdfgen.kinsoku import Span, break_lines

__all__ = ["draw_cover"]

_TITLE_SIZE: Final = 28.0
_LABEL_WIDTH: Final = 110.0
_ROW_SIZE: Final = 11.0
_ROW_LEADING: Final = 17.0


def draw_cover(ink: Ink, document: Document) -> None:
    """Draw the cover on the ink's page; the page frame is drawn apart."""
    y = _draw_centred(ink, document.title, style.PAGE_HEIGHT - 84 * MM, face=SANS_BOLD, size=_TITLE_SIZE)
    y += 0.5 * _TITLE_SIZE
    ink.rule(
        style.PAGE_WIDTH / 2 - 30 * MM,
        y - 2,
        style.PAGE_WIDTH / 2 + 30 * MM,
        y - 2,
        width=1.2,
        colour=style.BRAND,
    )
    y = _draw_centred(ink, f"编号：{document.number}", y - 24, face=SANS, size=11.0)
    y -= 18.0
    for part in document.subtitle.split("\n"):
        size = max(11.0, min(14.0, 0.98 * style.COLUMN / max(1.0, text_width(part, SERIF, 1.0))))
        y = _draw_centred(ink, part, y - 8, face=SERIF, size=size)
    _draw_rows(ink, document, y - 30)


def _draw_centred(ink: Ink, text: str, y: float, *, face: str, size: float) -> float:
    for line in break_lines(
        [Span(text=text or " ", face=face)], size=size, measure=style.COLUMN, justify=False
    ):
        ink.line_of_text(line, style.LEFT + (style.COLUMN - line.width) / 2, y, size=size, colour=style.INK)
        y -= size * 1.5
    return y


def _draw_rows(ink: Ink, document: Document, highest: float) -> None:
    """Set the rows from two thirds down, higher if there are many."""
    measure = style.COLUMN - 60.0 - _LABEL_WIDTH
    rows = [
        (
            label,
            break_lines(
                [Span(text=value or style.NOTHING, face=SERIF)],
                size=_ROW_SIZE,
                measure=measure,
                justify=False,
            ),
        )
        for label, value in document.cover
    ]
    height = sum(len(lines) * _ROW_LEADING + 9.0 for _, lines in rows)
    y = min(highest, max(style.PAGE_HEIGHT * 0.42, style.BOTTOM + height))
    left = style.LEFT + 30.0
    for label, lines in rows:
        ink.text_within(
            left, y, label, width=_LABEL_WIDTH - 6.0, face=SANS, size=_ROW_SIZE, colour=style.INK_2
        )
        for line in lines:
            ink.line_of_text(line, left + _LABEL_WIDTH, y, size=_ROW_SIZE, colour=style.INK)
            y -= _ROW_LEADING
        ink.rule(
            left + _LABEL_WIDTH,
            y + _ROW_LEADING - 5,
            style.RIGHT - 30,
            y + _ROW_LEADING - 5,
            width=0.4,
            colour=style.HAIRLINE,
        )
        y -= 9.0
