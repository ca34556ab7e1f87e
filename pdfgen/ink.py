"""Strokes on one PDF: text runs, lines of text, rules, tints.

The only module that talks to reportlab's canvas. Decides nothing about layout; keeps
the canvas deterministic (``invariant``), free of fonts we do not embed, and used by one
thread at a time, because the parsed fonts are shared by the whole process.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfgen.canvas import Canvas

from pdfgen.document import SlotPlacement
from pdfgen.fonts import SERIF, advances, font_runs, loaded_font, typeface
from pdfgen.kinsoku import Line, Run

__all__ = ["BLACK", "MM", "Colour", "Ink", "ink_on", "text_width"]

MM: Final = 72 / 25.4
Colour: TypeAlias = tuple[float, float, float]
BLACK: Final[Colour] = (0.0, 0.0, 0.0)

_ONE_AT_A_TIME = threading.Lock()
rl_config.useA85 = 0  # plain Flate streams: a quarter smaller than in ASCII-85


def text_width(text: str, face: str, size: float) -> float:
    """Width in points of a text set in one line without squeezing."""
    widths = advances(face)
    return size * sum(widths[char] for char in text)


class _InkCanvas(Canvas):
    """reportlab's canvas with a shorter way to write text.

    Its own text objects format every number in Python and name the font before every
    few characters; a contract has ten thousand of them.
    """

    _doc: PDFDocument
    _code: list[str]
    _escape: Callable[[bytes], str]

    def put_runs(
        self, runs: Sequence[Run], y: float, *, size: float, colour: Colour, left: float = 0.0
    ) -> None:
        """Write runs that share a baseline as one text object."""
        red, green, blue = colour
        code = [f"BT {red:.3f} {green:.3f} {blue:.3f} rg"]
        for run in runs:
            code.append(f"{run.char_space:.3f} Tc 1 0 0 1 {left + run.x:.2f} {y:.2f} Tm")
            for name, piece in font_runs(run.face, run.text):
                font = loaded_font(name)
                for subset, text in font.splitString(piece, self._doc):
                    internal = font.getSubsetInternalName(subset, self._doc)
                    code.append(f"{internal} {size:.3f} Tf ({self._escape(text)}) Tj")
        code.append("ET")
        self._code.append(" ".join(code))


class Ink:
    """A canvas with the strokes that our pages need. Origin at the lower left, points."""

    def __init__(self, canvas: _InkCanvas) -> None:
        """Wrap a canvas; use ``ink_on`` instead."""
        self.canvas = canvas
        self.page = 1
        self.slots: list[SlotPlacement] = []
        self._bookmarks = 0
        self._outline_level = -1

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        face: str,
        size: float,
        colour: Colour = BLACK,
        char_space: float = 0,
    ) -> None:
        """Draw one run with its baseline at ``y``."""
        self.canvas.put_runs([Run(x, text, face, char_space)], y, size=size, colour=colour)

    def text_within(
        self, x: float, y: float, text: str, *, width: float, face: str, size: float, colour: Colour = BLACK
    ) -> None:
        """Draw one run, set smaller if it would be wider than ``width`` points."""
        natural = text_width(text, face, size)
        self.text(x, y, text, face=face, size=size * min(1.0, width / max(natural, 1.0)), colour=colour)

    def centred(
        self, x: float, y: float, text: str, *, face: str, size: float, colour: Colour = BLACK
    ) -> None:
        """Draw one run centred on ``x``."""
        self.text(x - text_width(text, face, size) / 2, y, text, face=face, size=size, colour=colour)

    def right(self, x: float, y: float, text: str, *, face: str, size: float, colour: Colour = BLACK) -> None:
        """Draw one run that ends at ``x``."""
        self.text(x - text_width(text, face, size), y, text, face=face, size=size, colour=colour)

    def line_of_text(self, line: Line, x: float, y: float, *, size: float, colour: Colour = BLACK) -> None:
        """Draw a broken line whose left edge is ``x``."""
        self.canvas.put_runs(line.runs, y, size=size, colour=colour, left=x)

    def rule(
        self, x1: float, y1: float, x2: float, y2: float, *, width: float = 0.5, colour: Colour = BLACK
    ) -> None:
        """Draw a straight line of ``width`` points."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(width)
        self.canvas.line(x1, y1, x2, y2)

    def tint(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle whose lower left corner is (x, y)."""
        self.canvas.setFillColor(colour)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def frame(
        self, x: float, y: float, width: float, height: float, *, line: float = 0.5, colour: Colour = BLACK
    ) -> None:
        """Draw the outline of a rectangle."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(line)
        self.canvas.rect(x, y, width, height, stroke=1, fill=0)

    def bookmark(self, title: str, level: int, top: float) -> None:
        """Add an entry to the outline; no deeper than one level below the entry before."""
        level = min(level, self._outline_level + 1)
        key = f"h{self._bookmarks}"
        self.canvas.bookmarkPage(key, fit="XYZ", left=0, top=top)
        self.canvas.addOutlineEntry(title, key, level)
        self._outline_level = level
        self._bookmarks += 1

    def next_page(self) -> None:
        """Finish this page and begin another."""
        self.canvas.showPage()
        self.page += 1


@contextmanager
def ink_on(buffer: io.BytesIO, *, width: float, height: float) -> Iterator[Ink]:
    """Open a deterministic canvas of this size in points; the PDF is in ``buffer`` at the end."""
    with _ONE_AT_A_TIME:
        typeface(SERIF)
        canvas = _InkCanvas(
            buffer,
            pagesize=(width, height),
            pageCompression=1,
            invariant=1,
            initialFontName=SERIF,  # type: ignore[arg-type]  # the stub takes the name for a float
            pdfVersion=(1, 7),
        )
        yield Ink(canvas)
        canvas.save()
