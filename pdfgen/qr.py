"""QR codes as vector rectangles, one a run of dark modules (ISO/IEC 18004)."""

from __future__ import annotations

from itertools import groupby

import segno

from pdfgen.ink import Colour, Ink

__all__ = ["draw_qr"]


def draw_qr(
    ink: Ink, text: str, x: float, y: float, side: float, *, colour: Colour, error: str = "M"
) -> None:
    """Draw the code in a square of ``side`` points, quiet zone of four modules inside.

    Args:
        ink: Where to draw.
        text: Content.
        x: Left edge.
        y: Lower edge.
        side: Side in points, quiet zone included.
        colour: Of the dark modules.
        error: Correction level L, M, Q or H.
    """
    rows = [bytes(row) for row in segno.make(text, error=error, micro=False, boost_error=False).matrix]
    module = side / (len(rows) + 8)
    boxes: list[tuple[float, float, float, float]] = []
    for index, row in enumerate(rows):
        bottom = y + side - (index + 5) * module
        column = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                boxes.append((x + (column + 4) * module, bottom, length * module, module))
            column += length
    ink.blocks(boxes, colour)
