"""What every page carries: number, QR code, footnote, page x of y, test mark."""

from __future__ import annotations

from pdfgen import house_style as style
from pdfgen.document import Document
from pdfgen.fonts import SANS, SANS_BOLD
from pdfgen.ink import MM, Ink, text_width
from pdfgen.kinsoku import Span, break_lines
from pdfgen.qr import draw_qr

__all__ = ["PageFrame"]

_QR_SIDE = 17 * MM
_FORM = "page-frame"
_TITLE_ROOM = 250.0


class PageFrame:
    """Header and footer of one document; what is the same on every page is drawn once as a form."""

    def __init__(self, document: Document, pages: int) -> None:
        """Note the document and how many pages it has."""
        self._document = document
        self._pages = pages
        self._kept = False

    def draw(self, ink: Ink) -> None:
        """Draw the frame on the ink's page."""
        if not self._kept:
            with ink.form(_FORM):
                self._draw_header(ink)
                self._draw_footnote(ink)
            self._kept = True
        ink.place(_FORM)
        ink.right(
            style.RIGHT,
            13.6 * MM,
            f"第 {ink.page} 页\u3000共 {self._pages} 页",
            face=SANS,
            size=7.5,
            colour=style.INK_2,
        )

    def _draw_header(self, ink: Ink) -> None:
        document = self._document
        base = style.PAGE_HEIGHT - 22 * MM
        draw_qr(
            ink,
            document.qr_text,
            style.RIGHT - _QR_SIDE + 1.6 * MM,
            base - 0.6 * MM,
            _QR_SIDE,
            colour=style.INK,
        )
        number = f"编号\u3000{document.number}"
        for rise, text, face in ((4.0, number, SANS), (15.0, document.title, SANS_BOLD)):
            ink.text_within(
                style.LEFT, base + rise, text, width=_TITLE_ROOM, face=face, size=8.0, colour=style.INK_2
            )
        ink.rule(style.LEFT, base - 3.0, style.RIGHT, base - 3.0, width=0.5, colour=style.BRAND)
        if document.mark:
            _draw_mark(ink, document.mark, style.RIGHT - _QR_SIDE - 1 * MM, base + 3.0)

    def _draw_footnote(self, ink: Ink) -> None:
        ink.rule(style.LEFT, 17 * MM, style.RIGHT, 17 * MM, width=0.3, colour=style.HAIRLINE)
        lines = break_lines(
            [Span(text=self._document.footnote or " ", face=SANS)],
            size=6.5,
            measure=style.COLUMN - 88.0,
            justify=False,
        )
        for index, line in enumerate(lines[:3]):
            ink.line_of_text(line, style.LEFT, 13.6 * MM - index * 8.4, size=6.5, colour=style.INK_2)


def _draw_mark(ink: Ink, mark: str, right: float, y: float) -> None:
    """The test mark, framed, at the right of the header."""
    width = text_width(mark, SANS_BOLD, 7.5)
    ink.right(right - 4.0, y + 1.5, mark, face=SANS_BOLD, size=7.5, colour=style.KEY_RULE)
    ink.frame(right - width - 8.0, y - 2.5, width + 8.0, 13.0, line=0.6, colour=style.KEY_RULE)
