"""The four bundled faces, what they cover, and what happens to a character they lack.

Decides: a text is drawn whole or not at all. A character without a glyph is refused by
name before anything is drawn; no box ever reaches a contract (DESIGN decision 14).
Fonts are TrueType outlines read from the installation, parsed once per process and
embedded as subsets.

Invariants: the wanted face is used wherever it has the glyph, then the other bundled
family, so the same text gives the same bytes on every machine; an installed fall-back
font is asked only for what both families lack.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from kernel.errors import FaultError, RejectedError

__all__ = [
    "SANS",
    "SANS_BOLD",
    "SERIF",
    "SERIF_BOLD",
    "FontUnreadableError",
    "MissingGlyphError",
    "advances",
    "font_runs",
    "loaded_font",
    "missing_glyphs",
    "require_glyphs",
    "typeface",
]

SERIF: Final = "NotoSerifSC"
SERIF_BOLD: Final = "NotoSerifSC-Bold"
SANS: Final = "NotoSansSC"
SANS_BOLD: Final = "NotoSansSC-Bold"

_FILES: Final = {
    SERIF: "NotoSerifSC_400Regular.ttf",
    SERIF_BOLD: "NotoSerifSC_700Bold.ttf",
    SANS: "NotoSansSC_400Regular.ttf",
    SANS_BOLD: "NotoSansSC_700Bold.ttf",
}
_RARE_FONTS: Final = (
    ("LXGWWenKai", Path("/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf")),
    ("HanaMinA", Path("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf")),
    ("HanaMinB", Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf")),
)
_UNPRINTABLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
_LOADING = threading.Lock()


class FontUnreadableError(FaultError):
    """A bundled font is missing or broken; nothing can be typeset."""

    code = "font_unreadable"


class MissingGlyphError(RejectedError):
    """The text holds characters that no installed font can draw.

    Attributes:
        characters: Each of them once, in order of first appearance.
    """

    code = "missing_glyph"

    def __init__(self, characters: tuple[str, ...]) -> None:
        """Name each character and its code point."""
        named = ", ".join(f"{_shown(char)} (U+{ord(char):04X})" for char in characters)
        super().__init__(
            f"no installed font can print {named}; correct the text, or install the packages "
            "fonts-lxgw-wenkai and fonts-hanazono for rare characters",
            f"已安装的字体无法打印下列字符：{named}；请更正文字，"
            "或安装生僻字字体 fonts-lxgw-wenkai、fonts-hanazono 后重试",
        )
        self.characters = characters


def typeface(face: str) -> TTFont:
    """The parsed font, registered with reportlab; parsed once per process.

    Raises:
        FontUnreadableError: The file is missing or no TrueType font.
    """
    return _bundled(face, os.environ.get("CONTRACTS_CHAIN_FONTS"))


def advances(face: str) -> dict[str, float]:
    """Widths in em of every character asked for so far; ask by ``[]``, never by ``get``."""
    return _advances(face, os.environ.get("CONTRACTS_CHAIN_FONTS"))


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Characters of ``text`` that neither the bundled nor an installed fall-back font draws.

    Line feeds are layout, not glyphs. Control and direction characters count as missing:
    what cannot be seen has no place in a contract.
    """
    known = typeface(SERIF).face.charToGlyph
    return tuple(
        char
        for char in dict.fromkeys(text)
        if char != "\n"
        and (unicodedata.category(char) in _UNPRINTABLE or (ord(char) not in known and not _stand_in(char)))
    )


def require_glyphs(texts: Iterable[str]) -> None:
    """Refuse texts that cannot be drawn whole.

    Raises:
        MissingGlyphError: Names every character that has no glyph.
    """
    lacking = missing_glyphs("".join(texts))
    if lacking:
        raise MissingGlyphError(lacking)


def font_runs(face: str, text: str) -> list[tuple[str, str]]:
    """Cut a text into (font name, piece): the face where it has the glyph, else the fall-back."""
    known = typeface(face).face.charToGlyph
    if all(ord(char) in known for char in text):
        return [(face, text)]
    runs: list[tuple[str, str]] = []
    for char in text:
        font = face if ord(char) in known else (_stand_in(char) or face)
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + char)
        else:
            runs.append((font, char))
    return runs


class _Advances(dict[str, float]):
    """Widths by character, filled on first use."""

    def __init__(self, face: str) -> None:
        super().__init__()
        self._font = typeface(face)

    def __missing__(self, char: str) -> float:
        font = self._font
        if ord(char) not in font.face.charToGlyph:
            name = _stand_in(char)
            font = loaded_font(name) if name else font
        width = float(font.face.charWidths.get(ord(char), font.face.defaultWidth)) / 1000
        self[char] = width
        return width


@cache
def _advances(face: str, _folder: str | None) -> _Advances:
    return _Advances(face)


@cache
def _bundled(face: str, folder: str | None) -> TTFont:
    place = Path(folder) if folder else Path(sys.prefix) / "share" / "contracts-chain" / "fonts"
    with _LOADING:
        return _load(face, str(place / _FILES[face]))


@cache
def _load(face: str, path: str) -> TTFont:
    try:
        font = TTFont(face, path, asciiReadable=False)  # only what is used: a seal shrinks from 36 to 14 KB
        _require_whole(font, Path(path).stat().st_size)
    except (OSError, TTFError, struct.error, ValueError, LookupError) as problem:  # the parser reads blindly
        raise FontUnreadableError(
            f"cannot read the font {path} ({problem}); run `make setup`, or point "
            "CONTRACTS_CHAIN_FONTS at the folder that holds it",
            f"无法读取字体 {path}（{problem}）；请运行 make setup，或将 CONTRACTS_CHAIN_FONTS 指向字体目录",
        ) from problem
    pdfmetrics.registerFont(font)
    return font


def _require_whole(font: TTFont, size: int) -> None:
    """Refuse a font cut off behind what the parser reads; the cut would show only in the drawing.

    Raises:
        TTFError: A table reaches beyond the end of the file of ``size`` bytes.
    """
    for table in font.face.tables:
        if table["offset"] + table["length"] > size:
            raise TTFError(f"the file ends within its table {table['tag']}")


def loaded_font(name: str) -> TTFont:
    """The font behind a name that ``font_runs`` gave."""
    rare = dict(_RARE_FONTS).get(name)
    return typeface(name) if rare is None else _load(name, str(rare))


@cache
def _stand_in(char: str) -> str | None:
    """A font that draws what the wanted face lacks: the other family, then the rare fonts."""
    for face in (SERIF, SANS):
        if ord(char) in typeface(face).face.charToGlyph:
            return face
    for name, path in _RARE_FONTS:
        if path.is_file() and ord(char) in _load(name, str(path)).face.charToGlyph:
            return name
    return None


def _shown(char: str) -> str:
    return "□" if unicodedata.category(char) in _UNPRINTABLE else f"“{char}”"
