"""Strokes on PDF pages: text runs, lines of text, rules, tints, paths.

The only module that writes page content. Decides nothing about layout. Origin at the lower left
of the page, measures in points. The same strokes give the same bytes; one ink is used by one
thread, and inks of different threads share nothing but the parsed fonts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from pdfgen.document import SlotPlacement
from pdfgen.font_subset import encoded
from pdfgen.fonts import advances, font_runs, resource_name
from pdfgen.kinsoku import Line, Run

__all__ = ["BLACK", "MM", "Colour", "Ink", "OutlineEntry", "Page", "text_width"]

MM: Final = 72 / 25.4
Colour: TypeAlias = tuple[float, float, float]
Point: TypeAlias = tuple[float, float]
BLACK: Final[Colour] = (0.0, 0.0, 0.0)
_ROUND: Final = 0.5522847498
_LINES_KEPT: Final = 16_384


class Page(NamedTuple):
    """Content of one finished page and the forms it places."""

    code: bytes
    forms: tuple[str, ...]


class OutlineEntry(NamedTuple):
    """One bookmark: title, depth from 0, page from 1, distance from the page's foot."""

    title: str
    level: int
    page: int
    top: float


class _Text(NamedTuple):
    """Text operators that start at the left end of a run, and (font, characters) they need."""

    operators: str
    needs: tuple[tuple[str, str], ...]


def text_width(text: str, face: str, size: float) -> float:
    """Width in points of a text set in one line without squeezing."""
    widths = advances(face)
    return size * sum(widths[char] for char in text)


@lru_cache(maxsize=_LINES_KEPT)
def _line_text(line: Line, size: float) -> _Text:
    """Lines are known by identity: a paragraph that stands in the next contract too is written once."""
    return _text(line.runs, size)


def _text(runs: Sequence[Run], size: float) -> _Text:
    code: list[str] = []
    needs: list[tuple[str, str]] = []
    at, spacing, font = 0.0, "", ""
    for run in runs:
        x = round(run.x, 2)
        if x != at:
            code.append(f"{x - at:.2f} 0 Td")
            at = x
        if spacing != (spacing := f"{run.char_space:.3f} Tc"):
            code.append(spacing)
        for face, piece in font_runs(run.face, run.text):
            if font != (font := resource_name(face, piece)):
                code.append(f"/{font} {size:.3f} Tf")
            code.append(f"<{encoded(piece)}> Tj")
            needs.append((font, piece))
    return _Text(" ".join(code), tuple(needs))


class Ink:
    """The strokes that our pages need, page after page."""

    def __init__(self) -> None:
        """Begin on page 1."""
        self.page = 1
        self.slots: list[SlotPlacement] = []
        self.pages: list[Page] = []
        self.forms: dict[str, bytes] = {}
        self.outline: list[OutlineEntry] = []
        self.used: defaultdict[str, set[str]] = defaultdict(set)
        self._code: list[str] = []
        self._placed: list[str] = []

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
        self._put(_text((Run(0.0, text, face, char_space),), size), x, y, colour)

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
        self._put(_line_text(line, size), x, y, colour)

    def rule(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        width: float = 0.5,
        colour: Colour = BLACK,
        dash: str = "",
    ) -> None:
        """Draw a straight line of ``width`` points; ``dash`` as PDF takes it, e.g. ``4 2``."""
        self.path([(x1, y1), (x2, y2)], width=width, stroke=colour, dash=dash)

    def path(
        self,
        points: Sequence[Point],
        *,
        width: float = 0.5,
        stroke: Colour | None = None,
        fill: Colour | None = None,
        closed: bool = False,
        dash: str = "",
    ) -> None:
        """Draw straight lines through these points; closed, and filled, if wanted."""
        steps = [f"{x:.2f} {y:.2f} {'l' if index else 'm'}" for index, (x, y) in enumerate(points)]
        self._paint(" ".join(steps) + (" h" if closed else ""), width, stroke, fill, dash)

    def tint(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle whose lower left corner is (x, y)."""
        self._paint(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re", 0.0, None, colour, "")

    def frame(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        line: float = 0.5,
        colour: Colour = BLACK,
        dash: str = "",
    ) -> None:
        """Draw the outline of a rectangle."""
        self._paint(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re", line, colour, None, dash)

    def blocks(self, boxes: Sequence[tuple[float, float, float, float]], colour: Colour) -> None:
        """Fill many rectangles (x, y, width, height) at once."""
        self._paint(
            " ".join(f"{x:.3f} {y:.3f} {w:.3f} {h:.3f} re" for x, y, w, h in boxes), 0.0, None, colour, ""
        )

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        width: float = 0.5,
        stroke: Colour | None = BLACK,
        fill: Colour | None = None,
    ) -> None:
        """Draw a circle."""
        arm = radius * _ROUND
        steps = [f"{x + radius:.3f} {y:.3f} m"]
        for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            c, d = -b, a  # the quarter turns from (a, b) to (c, d)
            bend = (
                (a * radius + c * arm, b * radius + d * arm),
                (c * radius + a * arm, d * radius + b * arm),
            )
            points = (*bend, (c * radius, d * radius))
            steps.append(" ".join(f"{x + dx:.3f} {y + dy:.3f}" for dx, dy in points) + " c")
        self._paint(" ".join(steps) + " h", width, stroke, fill, "")

    @contextmanager
    def turned(
        self, x: float, y: float, *, degrees: float = 0.0, squeeze: float = 1.0, slant: float = 0.0
    ) -> Iterator[None]:
        """Move the origin to (x, y), turn to the left, narrow and slant what is drawn within."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        lean = math.tan(math.radians(slant))
        matrix = (cos * squeeze, sin * squeeze, cos * lean - sin, sin * lean + cos, x, y)
        self._code.append("q " + " ".join(f"{figure:.5f}" for figure in matrix) + " cm")
        yield
        self._code.append("Q")

    @contextmanager
    def form(self, name: str) -> Iterator[None]:
        """Keep what is drawn within as a form, to be placed on any page."""
        outer, self._code = self._code, []
        yield
        self.forms[name] = "\n".join(self._code).encode("latin-1")
        self._code = outer

    def place(self, name: str) -> None:
        """Put a form on this page."""
        self._code.append(f"/{name} Do")
        self._placed.append(name)

    def bookmark(self, title: str, level: int, top: float) -> None:
        """Add an entry to the outline; no deeper than one level below the entry before."""
        deepest = self.outline[-1].level + 1 if self.outline else 0
        self.outline.append(OutlineEntry(title, min(level, deepest), self.page, top))

    def next_page(self) -> None:
        """Finish this page and begin another."""
        self.pages.append(Page("\n".join(self._code).encode("latin-1"), tuple(dict.fromkeys(self._placed))))
        self._code, self._placed = [], []
        self.page += 1

    def _put(self, text: _Text, x: float, y: float, colour: Colour) -> None:
        red, green, blue = colour
        self._code.append(
            f"BT {red:.3f} {green:.3f} {blue:.3f} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {text.operators} ET"
        )
        for font, piece in text.needs:
            self.used[font].update(piece)

    def _paint(self, path: str, width: float, stroke: Colour | None, fill: Colour | None, dash: str) -> None:
        code = [] if fill is None else ["{:.3f} {:.3f} {:.3f} rg".format(*fill)]
        if stroke is not None:
            code.append("{:.3f} {:.3f} {:.3f} RG".format(*stroke) + f" {width:.2f} w [{dash}] 0 d")
        paint = "B" if stroke is not None and fill is not None else ("S" if fill is None else "f")
        self._code.append(" ".join([*code, path, paint]))
