"""Measures, faces and colours of every page: the house style, in points.

A4, 42 characters of 10.5 pt (五号) a line, so that the column is a whole number of
characters. Colours are those of the screens (ink, tints, brand); red belongs to seals.
"""

from __future__ import annotations

from typing import Final

from pdfgen.ink import MM, Colour

PAGE_WIDTH: Final = 210 * MM
PAGE_HEIGHT: Final = 297 * MM

BODY_SIZE: Final = 10.5
BODY_LEADING: Final = 17.6
NOTE_SIZE: Final = 9.0
NOTE_LEADING: Final = 14.4
CELL_SIZE: Final = 9.0
CELL_LEADING: Final = 13.2
CELL_PADDING_X: Final = 4.0
CELL_PADDING_Y: Final = 3.2
CHAPTER_SIZE: Final = 15.0
SECTION_SIZE: Final = 12.0

COLUMN: Final = 42 * BODY_SIZE
LEFT: Final = (PAGE_WIDTH - COLUMN) / 2
RIGHT: Final = LEFT + COLUMN
TOP: Final = PAGE_HEIGHT - 32 * MM
BOTTOM: Final = 24 * MM
BODY_HEIGHT: Final = TOP - BOTTOM

INK: Final[Colour] = (0x16 / 255, 0x21 / 255, 0x1F / 255)
INK_2: Final[Colour] = (0x4A / 255, 0x57 / 255, 0x54 / 255)
HAIRLINE: Final[Colour] = (0x7C / 255, 0x8A / 255, 0x86 / 255)
PALE: Final[Colour] = (0xF5 / 255, 0xF7 / 255, 0xF6 / 255)
BRAND: Final[Colour] = (0x1F / 255, 0x5A / 255, 0x6B / 255)
KEY_TINT: Final[Colour] = (0xFF / 255, 0xF7 / 255, 0xD6 / 255)
KEY_RULE: Final[Colour] = (0x7A / 255, 0x4A / 255, 0x00 / 255)

NOTHING: Final = "无"
"""Printed where a value is missing: a contract has no blanks."""
