"""Geometry of the dashboard's charts: figures in, coordinates out; the template draws.

Decides scales, ticks and places; colours and dashes are classes of the stylesheet. Sizes are
CSS pixels and are not scaled, so that the words in a chart keep the size of the page's.
Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import Final

__all__ = ["Bars", "Dot", "Line", "LineChart", "Mark", "Ranges", "Series", "bars", "line_chart", "ranges"]

_WIDTH: Final = 960
_LEFT: Final = 56
_RIGHT: Final = 120
_TOP: Final = 28
_PLOT: Final = 220
_BOTTOM: Final = 40
_ROW: Final = 40
_NAMES: Final = 180
_NUMBERS: Final = 124
_APART: Final = 20
_GAP: Final = 16
_ZERO: Final = _NAMES + _NUMBERS
_ROOM: Final = _WIDTH - _ZERO - 24
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number beside a place: a tick of an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point of a line, with its number."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What a line is drawn from.

    Attributes:
        name: Word beside its last point.
        style: Class in the stylesheet.
        points: (month ``2026-11``, value), ascending.
        target: Promised value, if any.
    """

    name: str
    style: str
    points: tuple[tuple[str, Decimal], ...]
    target: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series: its name at its last point, its class in the stylesheet, its points."""

    name: str
    style: str
    dots: tuple[Dot, ...]
    label_y: float
    target_y: float | None
    target_text: str

    @property
    def path(self) -> str:
        """Points as SVG wants them."""
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Lines over months."""

    width: int
    height: int
    left: int
    right: float
    bottom: float
    lines: tuple[Line, ...]
    ticks: tuple[Mark, ...]
    months: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a chart that lies: name, where it begins, one or two places, numbers."""

    name: str
    y: float
    first: float
    second: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars, one a row, from a common zero; names and numbers stand before it, so that a phone shows them."""

    width: int
    height: int
    names: int
    numbers: int
    zero: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Two dots a row on a common scale from zero."""

    width: int
    height: int
    names: int
    numbers: int
    zero: int
    rows: tuple[Row, ...]
    ticks: tuple[Mark, ...]


def line_chart(series: Sequence[Series], unit: str) -> LineChart | None:
    """Lines over the months that any series names; ``None`` without a point.

    Args:
        series: Lines to draw; one without a point is left out.
        unit: Word after a promised value.
    """
    drawn = [one for one in series if one.points]
    months = sorted({month for one in drawn for month, _ in one.points})
    if not months:
        return None
    values = [value for one in drawn for _, value in one.points]
    top, step = _scale(max([*values, *(Decimal(one.target) for one in drawn if one.target is not None)]))
    right, bottom = _WIDTH - _RIGHT, _TOP + _PLOT
    x = _places(months, right)

    def height_of(value: Decimal) -> float:
        return bottom - float(value / top) * _PLOT

    labels = _apart([height_of(one.points[-1][1]) for one in drawn])
    return LineChart(
        width=_WIDTH,
        height=bottom + _BOTTOM,
        left=_LEFT,
        right=right,
        bottom=bottom,
        lines=tuple(_line(one, label, x, height_of, unit) for one, label in zip(drawn, labels, strict=True)),
        ticks=tuple(Mark(at=height_of(Decimal(tick)), text=f"{tick}") for tick in _ticks(top, step)),
        months=tuple(Mark(at=x[month], text=month) for month in _thinned(months)),
    )


def _places(months: Sequence[str], right: int) -> dict[str, float]:
    """Each month's place between the axis and the right end; a single one stands in the middle."""
    if len(months) == 1:
        return {months[0]: (_LEFT + right) / 2}
    apart = (right - _LEFT) / (len(months) - 1)
    return {month: _LEFT + apart * place for place, month in enumerate(months)}


def _line(
    one: Series, label_y: float, x: Mapping[str, float], height_of: Callable[[Decimal], float], unit: str
) -> Line:
    return Line(
        name=one.name,
        style=one.style,
        dots=tuple(Dot(x=x[month], y=height_of(value), text=f"{value}") for month, value in one.points),
        label_y=label_y,
        target_y=None if one.target is None else height_of(Decimal(one.target)),
        target_text="" if one.target is None else f"{one.name}目标 {one.target} {unit}",
    )


def bars(rows: Sequence[tuple[str, Decimal, str]]) -> Bars | None:
    """Bars of (name, value, words); ``None`` without a row."""
    if not rows:
        return None
    scale = _ROOM / float(max([Decimal(1), *(value for _, value, _ in rows)]))
    drawn = tuple(
        Row(name=name, y=_TOP + _ROW * place, first=_ZERO, second=max(1.0, float(value) * scale), text=text)
        for place, (name, value, text) in enumerate(rows)
    )
    height = 2 * _TOP + _ROW * len(rows)
    return Bars(width=_WIDTH, height=height, names=_NAMES, numbers=_NAMES + _GAP, zero=_ZERO, rows=drawn)


def ranges(rows: Sequence[tuple[str, Decimal, Decimal]]) -> Ranges | None:
    """Two dots of (name, p50, p90); ``None`` without a row."""
    if not rows:
        return None
    top, step = _scale(max(high for _, _, high in rows))

    def place_of(value: Decimal) -> float:
        return _ZERO + float(value / top) * _ROOM

    drawn = tuple(
        Row(
            name=name,
            y=_TOP + _ROW * place,
            first=place_of(low),
            second=place_of(high),
            text=f"{low} – {high}",
        )
        for place, (name, low, high) in enumerate(rows)
    )
    return Ranges(
        width=_WIDTH,
        height=_TOP + _ROW * len(rows) + _BOTTOM,
        names=_NAMES,
        numbers=_NAMES + _GAP,
        zero=_ZERO,
        rows=drawn,
        ticks=tuple(Mark(at=place_of(Decimal(tick)), text=f"{tick}") for tick in _ticks(top, step)),
    )


def _apart(places: Sequence[float]) -> list[float]:
    """Places of labels, moved down where two would cover each other."""
    moved = list(places)
    ascending = sorted(range(len(places)), key=lambda index: places[index])
    for above, below in pairwise(ascending):
        moved[below] = max(moved[below], moved[above] + _APART)
    return moved


def _scale(greatest: Decimal) -> tuple[Decimal, int]:
    """Top of the axis and the distance of its ticks: 1, 2 or 5 times a power of ten, five steps at most."""
    power = 1
    while True:
        for step in _STEPS:
            if greatest <= 5 * step * power:
                distance = step * power
                return Decimal(max(1, ceil(greatest / distance)) * distance), distance
        power *= 10


def _ticks(top: Decimal, step: int) -> tuple[int, ...]:
    return tuple(range(0, int(top) + 1, step))


def _thinned(months: Sequence[str]) -> tuple[str, ...]:
    """At most eight months, the newest among them."""
    every = -(-len(months) // 8)
    return tuple(month for place, month in enumerate(reversed(months)) if place % every == 0)
