"""Which characters may be printed, and what to do about one that may not.

A text is drawn whole or not at all (DESIGN decision 14): a character that no installed font draws is
named before anything is drawn, with the package that has it. What cannot be seen, or has no shape
of its own, is refused whatever the fonts hold: control and direction characters, private-use codes,
combining marks and variation selectors.

The packages were measured by their character maps: fonts-hanazono has every character of CJK
Extensions A to F and the compatibility ideographs, fonts-lxgw-wenkai a part of Extensions G and H.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from kernel.errors import RejectedError
from pdfgen.fonts import has_glyph, package_is_installed

__all__ = ["Lack", "MissingGlyphError", "missing_glyphs", "require_glyphs"]

_PACKAGES: Final = (
    (0x3400, 0x4DBF, "fonts-hanazono"),
    (0xF900, 0xFAD9, "fonts-hanazono"),
    (0x20000, 0x2EBE0, "fonts-hanazono"),
    (0x2F800, 0x2FA1D, "fonts-hanazono"),
    (0x30000, 0x323AF, "fonts-lxgw-wenkai"),
)
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_MARKS: Final = {"Mn", "Mc", "Me"}


class Lack(Enum):
    """Why a character cannot be printed; the value is what to do, in English and Chinese."""

    NO_FONT = (
        "no font for rare characters has it; use another character, or paper",
        "现有生僻字字体均不含此字；请改用其他字形，或改签纸质文本",
    )
    NOT_INSTALLED = ("install {package} on the server, then try again", "请在服务器安装 {package} 后重试")
    UNSEEN = (
        "control and direction characters have no place in a contract; remove it",
        "控制字符和方向字符不得写入合同；请删除",
    )
    MARK = (
        "combining marks and variation selectors are not printed; write the character in one piece",
        "组合符号和字形变体选择符无法打印；请改用单个完整的字符",
    )
    PRIVATE = (
        "a private-use code; write the character's own code of GB 18030-2022",
        "属专用区编码；请改用该字在 GB 18030-2022 中的正式编码",
    )


class MissingGlyphError(RejectedError):
    """The text holds characters that cannot be printed; each is named with what to do.

    Attributes:
        characters: Each of them once, in order of first appearance.
        packages: Debian packages that have some of them, sorted.
    """

    code = "missing_glyph"

    def __init__(self, characters: tuple[str, ...]) -> None:
        """Name each character, its code point and the way out."""
        lacks = {char: _lack(char) for char in characters}
        super().__init__(
            "; ".join(_told(char, lack, 0) for char, lack in lacks.items()),
            "；".join(_told(char, lack, 1) for char, lack in lacks.items()),
        )
        self.characters = characters
        self.packages = tuple(sorted(_packages(lacks)))


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Characters of ``text`` that cannot be printed here. Line feeds are layout, not glyphs."""
    return tuple(char for char in dict.fromkeys(text) if char != "\n" and not _is_printable(char))


def require_glyphs(texts: Iterable[str]) -> None:
    """Refuse texts that cannot be drawn whole.

    Raises:
        MissingGlyphError: Names every character that cannot be printed.
    """
    lacking = missing_glyphs("".join(texts))
    if lacking:
        raise MissingGlyphError(lacking)


def _is_printable(char: str) -> bool:
    return _category(char) not in _UNSEEN | _MARKS | {"Co", "Cn"} and has_glyph(char)


def _category(char: str) -> str:
    """Unicode's category; ideographs younger than Python's tables are letters all the same."""
    category = unicodedata.category(char)
    younger = category == "Cn" and any(low <= ord(char) <= high for low, high, _ in _PACKAGES)
    return "Lo" if younger else category


def _lack(char: str) -> Lack:
    category = _category(char)
    if category == "Co":
        return Lack.PRIVATE
    if category in _MARKS:
        return Lack.MARK
    package = _package_of(char)
    if package is not None:
        return Lack.NOT_INSTALLED
    return Lack.UNSEEN if category in _UNSEEN else Lack.NO_FONT


def _package_of(char: str) -> str | None:
    """The package that has this character and is not installed yet."""
    found = (package for low, high, package in _PACKAGES if low <= ord(char) <= high)
    return next((package for package in found if not package_is_installed(package)), None)


def _packages(lacks: Mapping[str, Lack]) -> set[str]:
    found = {_package_of(char) for char, lack in lacks.items() if lack is Lack.NOT_INSTALLED}
    return {package for package in found if package is not None}


def _told(char: str, lack: Lack, language: int) -> str:
    shown = f"“{char}” " if lack in {Lack.NO_FONT, Lack.NOT_INSTALLED} else ""
    way = lack.value[language].format(package=_package_of(char))
    return f"{shown}U+{ord(char):04X}: {way}" if language == 0 else f"{shown}U+{ord(char):04X}：{way}"
