"""The four bundled faces, what they cover, and what stands in for them.

Decides which font draws a character. Fonts are TrueType outlines read from the
installation and parsed once per process; whether a text may be printed at all is
decided by ``glyphs``.

Invariants: the wanted face is used wherever it has the glyph, then the other bundled
family, so the same text gives the same bytes on every machine; an installed fall-back
font is asked only for what both families lack.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Final

from reportlab.pdfbase.ttfonts import TTFError, TTFont

from kernel.errors import FaultError

__all__ = [
    "SANS",
    "SANS_BOLD",
    "SERIF",
    "SERIF_BOLD",
    "FontUnreadableError",
    "advances",
    "font_file",
    "font_of_resource",
    "font_runs",
    "has_glyph",
    "loaded_font",
    "package_is_installed",
    "resource_name",
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
_PACKAGED: Final = {"fonts-hanazono": "HanaMin", "fonts-lxgw-wenkai": "LXGW"}
_LOADING = threading.Lock()


class FontUnreadableError(FaultError):
    """A bundled font is missing or broken; nothing can be typeset."""

    code = "font_unreadable"


def typeface(face: str) -> TTFont:
    """The parsed font; parsed once per process.

    Raises:
        FontUnreadableError: The file is missing or no TrueType font.
    """
    return _bundled(face, os.environ.get("CONTRACTS_CHAIN_FONTS"))


def font_file(face: str) -> Path:
    """Where a bundled face is read from."""
    folder = os.environ.get("CONTRACTS_CHAIN_FONTS")
    place = Path(folder) if folder else Path(sys.prefix) / "share" / "contracts-chain" / "fonts"
    return place / _FILES[face]


def advances(face: str) -> dict[str, float]:
    """Widths in em of every character asked for so far; ask by ``[]``, never by ``get``."""
    return _advances(face, os.environ.get("CONTRACTS_CHAIN_FONTS"))


def resource_name(font: str, text: str) -> str:
    """The name of a font in page content; one for each plane, since codes have two bytes."""
    return f"{font}.{ord(text[0]) >> 16}"


def font_of_resource(resource: str) -> TTFont:
    """The font behind a name that ``resource_name`` gave."""
    return loaded_font(resource.rpartition(".")[0])


def package_is_installed(package: str) -> bool:
    """Whether the fall-back fonts of a Debian package are there."""
    return any(name.startswith(_PACKAGED[package]) and path.is_file() for name, path in _RARE_FONTS)


def has_glyph(char: str) -> bool:
    """Whether a bundled or an installed fall-back font draws this character."""
    return ord(char) in typeface(SERIF).face.charToGlyph or _stand_in(char) is not None


def font_runs(face: str, text: str) -> list[tuple[str, str]]:
    """Cut a text into (font name, piece): the face where it has the glyph, else the fall-back.

    No piece mixes planes of Unicode, since every plane is a font of its own in the file.
    """
    known = typeface(face).face.charToGlyph
    if not text:
        return []
    if max(text) < "\U00010000" and all(ord(char) in known for char in text):
        return [(face, text)]
    runs: list[tuple[str, str]] = []
    for char in text:
        font = face if ord(char) in known else (_stand_in(char) or face)
        if runs and runs[-1][0] == font and ord(runs[-1][1][0]) >> 16 == ord(char) >> 16:
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
def _bundled(face: str, _folder: str | None) -> TTFont:
    with _LOADING:
        return _load(face, str(font_file(face)))


@cache
def _load(face: str, path: str) -> TTFont:
    try:
        font = TTFont(face, path)
        _require_whole(font, Path(path).stat().st_size)
    except (OSError, TTFError, struct.error, ValueError, LookupError) as problem:  # the parser reads blindly
        raise FontUnreadableError(
            f"cannot read the font {path} ({problem}); run `make setup`, or point "
            "CONTRACTS_CHAIN_FONTS at the folder that holds it",
            f"无法读取字体 {path}（{problem}）；请运行 make setup，或将 CONTRACTS_CHAIN_FONTS 指向字体目录",
        ) from problem
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
