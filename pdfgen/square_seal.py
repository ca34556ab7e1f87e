"""The square name chop (法定代表人名章): 20 mm, columns read from the right, in the middle of a seal slot.

A name of two characters is completed with 之印 and one of three with 印, as chops are cut; a longer
one fills columns of its own. Decides the look only. Same arguments, same bytes.
"""

from __future__ import annotations

import math
from typing import Final

from kernel.errors import RejectedError
from pdfgen.fonts import SANS_BOLD, SERIF_BOLD
from pdfgen.glyphs import require_glyphs
from pdfgen.ink import MM, Ink, text_width
from pdfgen.pdf_pages import finish_pdf
from pdfgen.seal import SEAL_COLOUR, SEAL_SLOT_MM

__all__ = ["NAME_SEAL_MM", "SealNameError", "name_seal"]

NAME_SEAL_MM: Final = 20.0
_LINE: Final = 1.0 * MM
_PADDING: Final = 0.7 * MM
_GAP: Final = 0.35 * MM
_MOST: Final = 16
_WIDEST: Final = 1.4
"""A dot between names stays a dot."""


class SealNameError(RejectedError):
    """The name does not fit a chop of 20 mm."""

    code = "seal_name"

    def __init__(self, name: str) -> None:
        """Say how long it may be."""
        super().__init__(
            f"a name chop takes 1 to {_MOST} characters and {name!r} has {len(name)}; sign by hand instead",
            f"名章可刻 1 至 {_MOST} 字，“{name}”为 {len(name)} 字；请改用手写签名",
        )


def name_seal(name: str, mark: str = "") -> bytes:
    """Draw the name chop of a person.

    Args:
        name: As on the identity document, without spaces.
        mark: Such as ``TEST``; small, under the square.

    Raises:
        SealNameError: Empty, or longer than 16 characters.
        MissingGlyphError: A character has no glyph.
    """
    if not 1 <= len(name) <= _MOST:
        raise SealNameError(name)
    require_glyphs((name, mark))
    ink, page = Ink(), SEAL_SLOT_MM * MM
    side = NAME_SEAL_MM * MM
    corner = (page - side) / 2
    edge = corner + _LINE / 2
    ink.frame(edge, edge, side - _LINE, side - _LINE, line=_LINE, colour=SEAL_COLOUR)
    inner = side - 2 * (_LINE + _PADDING)
    _draw_columns(ink, _columns(_completed(name)), corner + _LINE + _PADDING, inner)
    if mark:
        ink.centred(page / 2, corner - 2.6 * MM, mark, face=SANS_BOLD, size=5.5, colour=SEAL_COLOUR)
    return finish_pdf(ink, width=page, height=page)


def _completed(name: str) -> str:
    return name + {2: "之印", 3: "印"}.get(len(name), "")


def _columns(text: str) -> list[str]:
    """Columns from the right; the first ones are the fuller ones."""
    count = max(1, math.ceil(math.sqrt(len(text))))
    rows = math.ceil(len(text) / count)
    return [text[at : at + rows] for at in range(0, len(text), rows)]


def _draw_columns(ink: Ink, columns: list[str], origin: float, inner: float) -> None:
    width = (inner - _GAP * (len(columns) - 1)) / len(columns)
    for column, text in enumerate(columns):
        x = origin + inner - (column + 1) * width - column * _GAP
        height = (inner - _GAP * (len(text) - 1)) / len(text)
        for row, char in enumerate(text):
            y = origin + inner - (row + 1) * height - row * _GAP
            _draw_char(ink, char, x, y, width, height)


def _draw_char(ink: Ink, char: str, x: float, y: float, width: float, height: float) -> None:
    """Fill a cell with a character, stretched to it as a cutter does."""
    size = height
    natural = text_width(char, SERIF_BOLD, size)
    squeeze = min(width / max(natural, 0.01), _WIDEST)
    with ink.turned(x + width / 2, y, squeeze=squeeze):
        ink.centred(0, 0.12 * size, char, face=SERIF_BOLD, size=size, colour=SEAL_COLOUR)
