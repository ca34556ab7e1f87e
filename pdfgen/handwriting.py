"""A handwritten signature drawn from the strokes of a pad, as vectors: 52 × 20 mm.

The hand keeps its proportions and fills the slot; a stroke grows thinner where it was fast, as ink
does, with no claim to pressure. Filled outlines only, so that every viewer shows the same. Same
strokes, same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from pdfgen.glyphs import require_glyphs
from pdfgen.ink import MM, Ink
from pdfgen.pdf_pages import finish_pdf
from pdfgen.seal import HAND_INK, PERSON_SLOT_MM, draw_hand_caption

__all__ = ["Stroke", "handwriting"]

Stroke: TypeAlias = tuple[tuple[int, int, int], ...]
"""Points (x, y, milliseconds since the first): x to the right, y down, in thousandths of the pad."""
_Sample: TypeAlias = tuple[float, float, float]
"""x, y and half the width of the pen there, in points."""

_PAD: Final = (0.358, 0.180)
"""What a thousandth of the pad is wide and high, in the browser's pixels (WEB S6)."""

_LEFT, _FOOT, _TOP = 2.0 * MM, 6.4 * MM, 0.8 * MM
_PEN: Final = 0.36 * MM
"""Half the width of a slow stroke."""
_STEP: Final = 0.45 * MM
_THINNEST: Final = 0.45
_FAST: Final = 0.8
"""Pixels a millisecond at which the pen is at its thinnest."""
_CORNERS: Final = 10
_DISC: Final = tuple(
    (math.cos(math.tau * corner / _CORNERS), math.sin(math.tau * corner / _CORNERS))
    for corner in range(_CORNERS)
)


def handwriting(strokes: Sequence[Stroke], caption: str, mark: str = "") -> bytes:
    """Draw a hand with a caption that says what it is.

    Args:
        strokes: In the order of writing; at least one point.
        caption: One or two lines (newline), e.g. ``电子签名 2026-11-20 15:32:05``.
        mark: Such as ``TEST``.

    Raises:
        MissingGlyphError: A character of caption or mark has no glyph.
        ValueError: No point at all; a fault of the caller.
    """
    if not any(strokes):
        raise ValueError("nothing is written")
    require_glyphs((caption, mark))
    ink = Ink()
    width, height = PERSON_SLOT_MM[0] * MM, PERSON_SLOT_MM[1] * MM
    written = [stroke for stroke in strokes if stroke]
    for samples in _placed(written, width - 2 * _LEFT, height - _FOOT - _TOP):
        _draw(ink, samples)
    draw_hand_caption(ink, caption, mark)
    return finish_pdf(ink, width=width, height=height)


def _placed(strokes: Sequence[Stroke], width: float, height: float) -> Iterator[list[_Sample]]:
    """Scale all strokes alike into the slot, its left and middle; then smooth and thin each.

    A smoothed curve may swing beyond its points: it is held inside the slot, off the caption.
    """
    xs = [x * _PAD[0] for stroke in strokes for x, _, _ in stroke]
    ys = [y * _PAD[1] for stroke in strokes for _, y, _ in stroke]
    room = (width - 2 * _PEN, height - 2 * _PEN)
    scale = min(room[0] / max(max(xs) - min(xs), 1.0), room[1] / max(max(ys) - min(ys), 1.0), 0.24 * MM)
    middle = _FOOT + height / 2 + scale * (max(ys) + min(ys)) / 2
    for stroke in strokes:
        points = [
            (_LEFT + _PEN + scale * (x * _PAD[0] - min(xs)), middle - scale * y * _PAD[1])
            for x, y, _ in stroke
        ]
        low, high = _FOOT + _PEN, _FOOT + height - _PEN
        edges = (_LEFT + _PEN, _LEFT + width - _PEN)
        yield [
            (min(max(x, edges[0]), edges[1]), min(max(y, low), high), half)
            for x, y, half in _samples(points, _pen_widths(stroke))
        ]


def _pen_widths(stroke: Stroke) -> list[float]:
    """Half the width of the pen at every point: by speed, evened out with its neighbours."""
    flat = [(x * _PAD[0], y * _PAD[1], t) for x, y, t in stroke]
    speeds = [
        math.dist(one[:2], other[:2]) / max(other[2] - one[2], 4.0) for one, other in pairwise(flat)
    ] or [0.0]
    speeds.append(speeds[-1])
    raw = [_PEN * max(_THINNEST, 1.0 - (1.0 - _THINNEST) * speed / _FAST) for speed in speeds]
    return [sum(raw[max(0, at - 2) : at + 3]) / len(raw[max(0, at - 2) : at + 3]) for at in range(len(raw))]


def _samples(points: Sequence[tuple[float, float]], pens: Sequence[float]) -> Iterator[_Sample]:
    """Points on the Catmull-Rom curve through all points, about ``_STEP`` apart."""
    yield (*points[0], pens[0])
    for at, (start, end) in enumerate(pairwise(points)):
        before = points[at - 1] if at else start
        after = points[at + 2] if at + 2 < len(points) else end
        pieces = min(40, math.ceil(math.dist(start, end) / _STEP))
        for piece in range(1, pieces + 1):
            u = piece / pieces
            x, y = (_curve(before[axis], start[axis], end[axis], after[axis], u) for axis in (0, 1))
            yield x, y, pens[at] + (pens[at + 1] - pens[at]) * u


def _curve(before: float, start: float, end: float, after: float, u: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * u
        + (2 * before - 5 * start + 4 * end - after) * u * u
        + (3 * start - before - 3 * end + after) * u * u * u
    )


def _draw(ink: Ink, samples: Sequence[_Sample]) -> None:
    if len(samples) == 1:
        ink.path(_disc(samples[0]), fill=HAND_INK, closed=True)
    for one, other in pairwise(samples):
        ink.path(_hull([*_disc(one), *_disc(other)]), fill=HAND_INK, closed=True)


def _disc(sample: _Sample) -> list[tuple[float, float]]:
    x, y, half = sample
    return [(x + half * dx, y + half * dy) for dx, dy in _DISC]


def _hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The convex outline of the pen's way between two samples (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    chains: list[list[tuple[float, float]]] = []
    for run in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in run:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
