"""Seals and signatures as drawings: one small PDF page each, to be stamped into a field.

Decides the look only: the cryptographic seal is the certificate's (GB/T 38540 keeps
the same division). Line art on a transparent ground, so that text under it stays
readable; fonts embedded, so that the stamped document stays PDF/A. Same arguments,
same bytes. The seal with the state tax bureau's frame (监制章) is never drawn here.
"""

from __future__ import annotations

import math
from typing import Final

from pdfgen.fonts import SANS, SANS_BOLD, SERIF, SERIF_BOLD
from pdfgen.glyphs import require_glyphs
from pdfgen.ink import MM, Colour, Ink, text_width
from pdfgen.pdf_pages import finish_pdf

__all__ = [
    "HAND_INK",
    "PERSON_SLOT_MM",
    "SEAL_COLOUR",
    "SEAL_SLOT_MM",
    "draw_hand_caption",
    "organisation_seal",
    "person_signature",
]

SEAL_SLOT_MM: Final = 42.0
PERSON_SLOT_MM: Final = (52.0, 20.0)
SEAL_COLOUR: Final[Colour] = (0xC8 / 255, 0x16 / 255, 0x1D / 255)
HAND_INK: Final[Colour] = (0x12 / 255, 0x1B / 255, 0x4A / 255)
_GREY: Final[Colour] = (0x4A / 255, 0x57 / 255, 0x54 / 255)

_CENTRE = SEAL_SLOT_MM / 2 * MM
_RIM = 1.2 * MM
_RIM_RADIUS = 20.0 * MM - _RIM / 2
_NAME_BASE_RADIUS = 13.2 * MM
_CODE_BASE_RADIUS = 17.9 * MM
_STAR_RADIUS = 7.0 * MM
_NAME_SIZE = 4.8 * MM
_NAME_ARC = math.radians(236)
_WIDEST_STEP = math.radians(30)
_OFFICIAL = "公章"
"""No official seal bears this word."""
_FIRST_IDEOGRAPHIC = "\u2e80"
"""Letters before it are set smaller: their accents and descenders reach beyond an ideograph's square."""
_HALF_WIDTH = {"（": -0.25, "）": 0.25, "(": 0.0, ")": 0.0, "·": 0.0}
"""Characters that take little room on the arc, and how far their ink must move to its middle, in em."""
_CODE_ARC = math.radians(84)
_CENTRE_TEXT_WIDTH = 25.0 * MM


def organisation_seal(
    name: str, centre_text: str = "供用电合同专用章", code: str = "", mark: str = ""
) -> bytes:
    """Draw a round organisation seal of 40 mm in its slot of 42: name on the arc, star, purpose, code.

    An official seal (公章) has no purpose under the star; contract and branch seals have theirs. The
    star is 14 mm and the rim 1.2 mm wide, as such seals are cut.

    Args:
        name: Full registered name; compressed where it is long.
        centre_text: What the seal may be used for, straight under the star; nothing on a ``公章``.
        code: Number of the seal on the lower arc, digits and letters; may be empty.
        mark: Such as ``TEST``; small, above the code.

    Raises:
        MissingGlyphError: A character has no glyph.
    """
    require_glyphs((name, centre_text, code, mark))
    ink, side = Ink(), SEAL_SLOT_MM * MM
    ink.circle(_CENTRE, _CENTRE, _RIM_RADIUS, width=_RIM, stroke=SEAL_COLOUR)
    _draw_star(ink)
    _draw_arc_text(ink, name)
    _draw_straight(ink, "" if centre_text == _OFFICIAL else centre_text)
    _draw_code(ink, code)
    if mark:
        ink.centred(_CENTRE, _CENTRE + 8.3 * MM, mark, face=SANS_BOLD, size=5.5, colour=SEAL_COLOUR)
    return finish_pdf(ink, width=side, height=side)


def person_signature(name: str, caption: str, mark: str = "") -> bytes:
    """Draw a typed signature of 52 × 20 mm: the name slanted, a caption that says what it is.

    Args:
        name: As in the certificate.
        caption: One or two lines (newline), e.g. ``电子签名 2026-11-20 15:32:05``.
        mark: Such as ``TEST``.

    Raises:
        MissingGlyphError: A character has no glyph.
    """
    require_glyphs((name, caption, mark))
    ink = Ink()
    width, height = PERSON_SLOT_MM[0] * MM, PERSON_SLOT_MM[1] * MM
    _draw_name(ink, name, width)
    draw_hand_caption(ink, caption, mark)
    return finish_pdf(ink, width=width, height=height)


def draw_hand_caption(ink: Ink, caption: str, mark: str) -> None:
    """Say at the foot of a person's slot what stands above; the mark in its upper right corner."""
    width, height = PERSON_SLOT_MM[0] * MM, PERSON_SLOT_MM[1] * MM
    for row, line in enumerate(reversed(caption.split("\n"))):
        size = min(6.0, 6.0 * (width - 4 * MM) / max(1.0, text_width(line, SANS, 6.0)))
        ink.text(2 * MM, (1.4 + 2.6 * row) * MM, line, face=SANS, size=size, colour=_GREY)
    if mark:
        ink.right(width - 1.5 * MM, height - 3.2 * MM, mark, face=SANS_BOLD, size=5.5, colour=SEAL_COLOUR)


def _draw_star(ink: Ink) -> None:
    """A five-pointed star, one point up; inner radius by the golden section."""
    inner = _STAR_RADIUS * math.sin(math.radians(18)) / math.sin(math.radians(54))
    corners: list[tuple[float, float]] = []
    for corner in range(10):
        radius = inner if corner % 2 else _STAR_RADIUS
        angle = math.radians(36 * corner)
        corners.append((_CENTRE + radius * math.sin(angle), _CENTRE + radius * math.cos(angle)))
    ink.path(corners, fill=SEAL_COLOUR, closed=True)


def _draw_arc_text(ink: Ink, name: str) -> None:
    """Spread the name over the upper arc, tops outward, narrower where it is long."""
    middle = _NAME_BASE_RADIUS + _NAME_SIZE * 0.4
    room = [0.55 if char in _HALF_WIDTH else 1.0 for char in name]
    step = min(_NAME_ARC / max(sum(room), 1.0), _WIDEST_STEP)
    squeeze = min(1.0, step * middle / _NAME_SIZE / 1.06)
    reached = -sum(room) / 2
    for char, needed in zip(name, room, strict=True):
        wide = max(1.0, text_width(char, SERIF_BOLD, 1.0))
        aside = _HALF_WIDTH.get(char, 0.0) * squeeze * _NAME_SIZE / middle
        _draw_turned(
            ink,
            char,
            angle=(reached + needed / 2) * step + aside,
            radius=_NAME_BASE_RADIUS,
            size=_NAME_SIZE if char >= _FIRST_IDEOGRAPHIC else 0.82 * _NAME_SIZE,
            squeeze=squeeze / wide,
            face=SERIF_BOLD,
        )
        reached += needed


def _draw_code(ink: Ink, code: str) -> None:
    """Set the code on the lower arc, tops inward, read from left to right."""
    size = 2.1 * MM
    step = min(_CODE_ARC / max(len(code), 1), 1.1 * size * 0.75 / _CODE_BASE_RADIUS)
    for index, char in enumerate(code):
        angle = math.pi - (index - (len(code) - 1) / 2) * step
        _draw_turned(
            ink, char, angle=angle, radius=_CODE_BASE_RADIUS, size=size, squeeze=1.0, face=SANS, inward=True
        )


def _draw_turned(
    ink: Ink,
    char: str,
    *,
    angle: float,
    radius: float,
    size: float,
    squeeze: float,
    face: str,
    inward: bool = False,
) -> None:
    """Draw one character on a circle; the angle runs clockwise from the top."""
    x, y = _CENTRE + radius * math.sin(angle), _CENTRE + radius * math.cos(angle)
    with ink.turned(x, y, degrees=-math.degrees(angle) + (180 if inward else 0), squeeze=squeeze):
        ink.centred(0, 0.12 * size, char, face=face, size=size, colour=SEAL_COLOUR)


def _draw_straight(ink: Ink, text: str) -> None:
    size = 3.9 * MM
    natural = text_width(text, SERIF_BOLD, size)
    squeeze = min(1.0, _CENTRE_TEXT_WIDTH / natural) if natural else 1.0
    with ink.turned(_CENTRE, _CENTRE - 11.6 * MM, squeeze=squeeze):
        ink.centred(0, 0, text, face=SERIF_BOLD, size=size, colour=SEAL_COLOUR)


def _draw_name(ink: Ink, name: str, width: float) -> None:
    """Slant and spread the name, as large as the slot allows."""
    size = min(26.0, (width - 9 * MM) / max(1.0, text_width(name, SERIF, 1.0)) / 1.06)
    x = 0.0
    with ink.turned(3.5 * MM, 8.2 * MM, degrees=2, slant=9):
        for char in name:
            ink.text(x, 0, char, face=SERIF, size=size, colour=HAND_INK)
            x += text_width(char, SERIF, size) * 1.06
