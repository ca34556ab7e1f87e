"""Field tables and grids as strips, one strip a row.

Thin rules, pale label cells, the head row repeated after a page break. A row taller
than a third of a page is cut between its lines. Missing values are printed 无.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pdfgen import house_style as style
from pdfgen.document import FieldTable, GridTable
from pdfgen.fonts import SANS, SANS_BOLD, SERIF, advances
from pdfgen.ink import Colour, Ink
from pdfgen.kinsoku import Line, Span, break_lines
from pdfgen.strips import Strip
from pdfgen.text_blocks import text_strips

__all__ = ["field_strips", "grid_strips"]

_LABEL_WIDTH: Final = 92.0
_MOST_LINES: Final = 16
_NUMBER: Final = re.compile(r"[-−+]?[\d, ]+(\.\d+)?%?")
_WORD: Final = re.compile(r"[!-~\u00A1-\u024F]+")
_LONGEST_WORD: Final = 24
_LONGEST_NAME: Final = 6
_KEPT_WHOLE: Final = 160.0
_Place = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """Broken text of one cell and where it stands."""

    lines: tuple[Line, ...]
    x: float
    width: float
    place: _Place = "left"
    ground: Colour | None = None
    colour: Colour = style.INK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Cells side by side; opened and closed by rules unless it is a cut piece."""

    cells: tuple[_Cell, ...]
    opens: bool = True
    closes: bool = True

    @property
    def height(self) -> float:
        return max(len(cell.lines) for cell in self.cells) * style.CELL_LEADING + 2 * style.CELL_PADDING_Y

    def draw(self, ink: Ink, left: float, top: float) -> None:
        bottom = top - self.height
        for cell in self.cells:
            if cell.ground is not None:
                ink.tint(left + cell.x, bottom, cell.width, self.height, cell.ground)
        for cell in self.cells:
            _draw_text(ink, cell, left, top, self.height)
        for x in [0.0, *(cell.x + cell.width for cell in self.cells)]:
            ink.rule(left + x, top, left + x, bottom, width=0.4, colour=style.HAIRLINE)
        edges = ([top] if self.opens else []) + ([bottom] if self.closes else [])
        for y in edges:
            ink.rule(left - 0.2, y, left + style.COLUMN + 0.2, y, width=0.4, colour=style.HAIRLINE)


def field_strips(table: FieldTable) -> Iterator[Strip]:
    """Labels and values, two pairs a row; a long value takes the whole width."""
    yield from _title(table.title)
    yield from _kept([strip for row in _field_rows(table) for strip in _strips(row)])
    yield _gap()


def _field_rows(table: FieldTable) -> Iterator[_Row]:
    half = style.COLUMN / 2
    waiting: tuple[str, str] | None = None
    for label, value in table.rows:
        if not _is_short(label, value, half):
            if waiting is not None:
                yield _Row(cells=_pair(*waiting, 0.0, style.COLUMN))
                waiting = None
            yield _Row(cells=_pair(label, value, 0.0, style.COLUMN))
        elif waiting is None:
            waiting = (label, value)
        else:
            yield _Row(cells=(*_pair(*waiting, 0.0, half), *_pair(label, value, half, half)))
            waiting = None
    if waiting is not None:
        yield _Row(cells=_pair(*waiting, 0.0, style.COLUMN))


def grid_strips(table: GridTable) -> Iterator[Strip]:
    """A table with a head row; short columns centred, numbers at the right."""
    yield from _title(table.title)
    widths = _widths(table)
    places = [_place([row[index] for row in table.rows], width) for index, width in enumerate(widths)]
    header = _row(table.header, widths, ["centre"] * len(widths), face=SANS_BOLD, ground=style.PALE)
    head = Strip(height=header.height, draw=header.draw, keeps_next=True)
    yield head
    rows = list(table.rows) or [[style.NOTHING] * len(widths)]
    strips = [strip for cells in rows for strip in _strips(_row(cells, widths, places, face=SERIF))]
    yield from (replace(strip, head=head) for strip in _kept(strips))
    yield _gap()


def _kept(strips: Sequence[Strip]) -> Iterator[Strip]:
    """Keep a small table whole; leave no row of a larger one alone on the next page."""
    whole = sum(strip.height for strip in strips) <= _KEPT_WHOLE
    for index, strip in enumerate(strips):
        last_but_one = index == len(strips) - 2
        yield replace(strip, keeps_next=(whole and index < len(strips) - 1) or last_but_one)


def _title(title: str) -> Iterator[Strip]:
    if title:
        for strip in text_strips([Span(text=title, face=SANS_BOLD)], indent=0.0, before=8.0):
            yield replace(strip, keeps_next=True)


def _gap() -> Strip:
    return Strip(height=6.0, draw=lambda _ink, _left, _top: None)


def _is_short(label: str, value: str, half: float) -> bool:
    return (
        _natural(value, SERIF) <= half - _LABEL_WIDTH - 2 * style.CELL_PADDING_X
        and _natural(label, SANS) <= 2 * (_LABEL_WIDTH - 2 * style.CELL_PADDING_X)
        and "\n" not in value
    )


def _natural(text: str, face: str) -> float:
    widths = advances(face)
    return style.CELL_SIZE * sum(widths[char] for char in text if char != "\n")


def _pair(label: str, value: str, x: float, width: float) -> tuple[_Cell, _Cell]:
    name = _broken(label, SANS, _LABEL_WIDTH)
    text = _broken(value, SERIF, width - _LABEL_WIDTH)
    return (
        _Cell(lines=name, x=x, width=_LABEL_WIDTH, ground=style.PALE, colour=style.INK_2),
        _Cell(lines=text, x=x + _LABEL_WIDTH, width=width - _LABEL_WIDTH),
    )


def _row(
    texts: Sequence[str],
    widths: Sequence[float],
    places: Sequence[_Place],
    *,
    face: str,
    ground: Colour | None = None,
) -> _Row:
    cells: list[_Cell] = []
    x = 0.0
    for text, width, place in zip(texts, widths, places, strict=True):
        cells.append(_Cell(lines=_broken(text, face, width), x=x, width=width, place=place, ground=ground))
        x += width
    return _Row(cells=tuple(cells))


def _broken(text: str, face: str, width: float) -> tuple[Line, ...]:
    measure = width - 2 * style.CELL_PADDING_X
    lines: list[Line] = []
    for part in (text.strip() or style.NOTHING).split("\n"):
        lines += break_lines(
            [Span(text=part.strip() or " ", face=face)], size=style.CELL_SIZE, measure=measure, justify=False
        )
    return tuple(lines)


def _widths(table: GridTable) -> list[float]:
    """The wanted shares, but no column narrower than what must not break in it if the others can give.

    Names and units of a few characters stay whole, then at least words and numbers.
    """
    shares = list(table.widths) or [1.0] * len(table.header)
    wanted = [style.COLUMN * share / sum(shares) for share in shares]
    columns = [[row[index] for row in (table.header, *table.rows)] for index in range(len(wanted))]
    words = [_longest_word(texts) for texts in columns]
    names = [max(word, _longest_name(texts)) for word, texts in zip(words, columns, strict=True)]
    least = next((widths for widths in (names, words) if sum(widths) <= style.COLUMN), None)
    if least is None:
        return wanted
    raised = [max(pair) for pair in zip(wanted, least, strict=True)]
    spare = [width - lowest for width, lowest in zip(raised, least, strict=True)]
    excess = sum(raised) - style.COLUMN
    give = excess / sum(spare) if excess > 0 else 0.0
    return [width - give * extra for width, extra in zip(raised, spare, strict=True)]


def _longest_word(texts: Sequence[str]) -> float:
    """Least width of a column; words too long for any column, such as hashes, are left to be cut."""
    return _least({word for text in texts for word in _WORD.findall(text) if len(word) <= _LONGEST_WORD})


def _longest_name(texts: Sequence[str]) -> float:
    """Least width of a column in which no cell of a few characters breaks."""
    return _least({part for text in texts for part in text.split("\n") if len(part) <= _LONGEST_NAME})


def _least(whole: set[str]) -> float:
    return max((_natural(text, SANS) for text in whole), default=0.0) + 2 * style.CELL_PADDING_X + 0.5


def _place(texts: Sequence[str], width: float) -> _Place:
    longest = max((len(text) for text in texts), default=0)
    fits = all(_natural(text, SERIF) <= width - 2 * style.CELL_PADDING_X for text in texts)
    if longest > 3 and fits and all(_NUMBER.fullmatch(text) for text in texts):
        return "right"
    return "centre" if longest <= 12 else "left"


def _strips(row: _Row) -> Iterator[Strip]:
    """One strip, or several if the row is very tall."""
    most = max(len(cell.lines) for cell in row.cells)
    for start in range(0, most, _MOST_LINES):
        cells = tuple(replace(cell, lines=cell.lines[start : start + _MOST_LINES]) for cell in row.cells)
        piece = _Row(cells=cells, opens=start == 0, closes=start + _MOST_LINES >= most)
        yield Strip(height=piece.height, draw=piece.draw)


def _draw_text(ink: Ink, cell: _Cell, left: float, top: float, height: float) -> None:
    """Draw the lines, centred in height; short labels would look lost at the top."""
    free = height - len(cell.lines) * style.CELL_LEADING
    y = top - free / 2 - (style.CELL_LEADING + style.CELL_SIZE * 0.76) / 2
    for line in cell.lines:
        room = cell.width - 2 * style.CELL_PADDING_X - line.width
        shift = {"left": 0.0, "centre": room / 2, "right": room}[cell.place]
        x = left + cell.x + style.CELL_PADDING_X + shift
        ink.line_of_text(line, x, y, size=style.CELL_SIZE, colour=cell.colour)
        y -= style.CELL_LEADING
