"""A diagram as inline SVG: the scene of the PDF with the same lines of words."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from pdfgen.diagram_block import set_label
from pdfgen.document import Diagram, DiagramLabel, Ring, Stroke

__all__ = ["diagram_svg"]

_WEIGHTS: Final = {1: "0.5", 2: "0.9", 4: "2.4"}


def diagram_svg(diagram: Diagram, key: str) -> str:
    """One ``svg`` element with title and description.

    Args:
        diagram: The scene.
        key: Unique in the page; ids begin with it.
    """
    head = (
        f'<svg role="img" aria-labelledby="{key}-t {key}-d" viewBox="0 0 {diagram.width} {diagram.height}" '
        f'fill="none" stroke="currentColor">\n<title id="{key}-t">{escape(diagram.title)}</title>\n'
        f'<desc id="{key}-d">{escape(diagram.description)}</desc>\n'
    )
    strokes = "".join(_stroke(one) for one in diagram.strokes)
    rings = "".join(_ring(one) for one in diagram.rings)
    labels = "".join(line for one in diagram.labels for line in _label(one))
    return f"{head}{strokes}{rings}{labels}</svg>\n"


def _stroke(stroke: Stroke) -> str:
    points = " ".join(f"{x},{y}" for x, y in stroke.points)
    shape = "polygon" if stroke.closed else "polyline"
    dash = ' stroke-dasharray="4 2.5"' if stroke.dashed else ""
    fill = ' fill="currentColor"' if stroke.filled else ""
    return f'<{shape} points="{points}" stroke-width="{_WEIGHTS[stroke.weight]}"{dash}{fill}/>\n'


def _ring(ring: Ring) -> str:
    fill = ' fill="currentColor"' if ring.filled else ""
    return f'<circle cx="{ring.x}" cy="{ring.y}" r="{ring.radius}" stroke-width="0.8"{fill}/>\n'


def _label(label: DiagramLabel) -> Iterator[str]:
    lines, size, leading, baseline = set_label(label)
    x = label.x + label.width / 2 if label.centred else label.x
    anchor = ' text-anchor="middle"' if label.centred else ""
    weight = ' font-weight="bold"' if label.strong else ""
    y = label.y + baseline
    for line in lines:
        place = f'x="{x:g}" y="{y:.1f}" font-size="{size:g}"{anchor}{weight}'
        yield f'<text {place} fill="currentColor" stroke="none">{escape(line.text)}</text>\n'
        y += leading
