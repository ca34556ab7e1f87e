"""A diagram as one strip: the scene's strokes and words on the page, its digest beneath.

Words are broken like any Chinese text and set smaller until they fit their box; what does not
fit at the smallest size ends in an ellipsis, never in a neighbour. The same lines stand in the twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pdfgen import house_style as style
from pdfgen.document import Diagram, DiagramLabel
from pdfgen.fonts import SANS, SANS_BOLD
from pdfgen.ink import Ink
from pdfgen.kinsoku import Line, Span, break_lines
from pdfgen.strips import Strip
from pdfgen.text_blocks import text_strips

__all__ = ["SetLabel", "diagram_strips", "digest_line", "set_label"]

_SIZES: Final = (7.5, 7.0, 6.5, 6.0, 5.5)
_LEADING: Final = 1.22
_WEIGHTS: Final = {1: 0.5, 2: 0.9, 4: 2.4}
_MORE: Final = "…"
_LOW_BOX: Final = 12


class SetLabel(NamedTuple):
    """Lines of a label at the size that fits; ``baseline`` of the first is measured from the box's top."""

    lines: tuple[Line, ...]
    size: float
    leading: float
    baseline: float


def set_label(label: DiagramLabel) -> SetLabel:
    """Break a label's words at the largest size that fits its box."""
    face = SANS_BOLD if label.strong else SANS
    for size in _SIZES:
        lines = _broken(label.text, face, size, label.width)
        if len(lines) * size * _LEADING <= label.height:
            return _placed(label, lines, size)
    size = _SIZES[-1]
    room = max(1, int(label.height / (size * _LEADING)))
    text = label.text
    while len(lines) > room or not text:
        text = text[: -max(1, len(text) // 12)]
        lines = _broken(text.rstrip() + _MORE, face, size, label.width)
    return _placed(label, lines, size)


def _placed(label: DiagramLabel, lines: tuple[Line, ...], size: float) -> SetLabel:
    """Words in a low box, such as those within a symbol, stand in its middle; others at its top."""
    leading = size * _LEADING
    free = label.height - len(lines) * leading
    top = free / 2 if label.centred and label.height <= _LOW_BOX else 0.0
    return SetLabel(lines, size, leading, top + (leading + size * 0.76) / 2)


def digest_line(diagram: Diagram) -> str:
    """What stands under a diagram."""
    return f"本图由合同条款数据绘制，图面 SHA-256：{diagram.sha256().hex()}"


def diagram_strips(diagram: Diagram) -> Iterator[Strip]:
    """Title, drawing and digest, kept on one page."""
    for strip in text_strips([Span(text=diagram.title, face=SANS_BOLD)], indent=0.0, before=8.0):
        yield Strip(height=strip.height, draw=strip.draw, space_before=strip.space_before, keeps_next=True)
    yield Strip(height=float(diagram.height), draw=_Scene(diagram).draw, keeps_next=True)
    yield from text_strips(
        [Span(text=digest_line(diagram), face=SANS)],
        size=6.5,
        leading=12.0,
        indent=0.0,
        colour=style.INK_2,
    )


class _Scene:
    """Draws one diagram below the top it is given."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram

    def draw(self, ink: Ink, left: float, top: float) -> None:
        diagram = self._diagram
        ink.frame(left, top - diagram.height, diagram.width, diagram.height, line=0.4, colour=style.HAIRLINE)
        for stroke in diagram.strokes:
            ink.path(
                [(left + x, top - y) for x, y in stroke.points],
                width=_WEIGHTS[stroke.weight],
                stroke=style.INK,
                fill=style.INK if stroke.filled else None,
                closed=stroke.closed,
                dash="4 2.5" if stroke.dashed else "",
            )
        for ring in diagram.rings:
            fill = style.INK if ring.filled else None
            ink.circle(left + ring.x, top - ring.y, ring.radius, width=0.8, stroke=style.INK, fill=fill)
        for label in diagram.labels:
            self._draw_label(ink, label, left, top)

    def _draw_label(self, ink: Ink, label: DiagramLabel, left: float, top: float) -> None:
        lines, size, leading, baseline = set_label(label)
        y = top - label.y - baseline
        for line in lines:
            shift = (label.width - line.width) / 2 if label.centred else 0.0
            ink.line_of_text(line, left + label.x + shift, y, size=size, colour=style.INK)
            y -= leading


def _broken(text: str, face: str, size: float, width: float) -> tuple[Line, ...]:
    return tuple(
        line
        for part in text.split("\n")
        if part.strip()
        for line in break_lines([Span(text=part.strip(), face=face)], size=size, measure=width, justify=False)
    )
