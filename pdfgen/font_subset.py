"""The part of a font that a document uses, as one composite font in its PDF.

One Type 0 font for every face and Unicode plane, two bytes a character: the code is the
character's place in its plane, so that a line of text reads the same in every document and
can be kept ready. Glyphs are sorted by code point: what is embedded follows from which
characters are used, never from their order. TrueType outlines only (ISO 32000-2 9.8.2,
9.7.4.2; PDF/A-3 clause 6.2.11: embedded, CIDToGIDMap and ToUnicode present).
"""

from __future__ import annotations

import hashlib
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from reportlab.pdfbase.ttfonts import TTFontFace

__all__ = ["FontSubset", "encoded"]

_HAS_MORE: Final = 0x0020
_WORDS: Final = 0x0001
_SCALES: Final = ((0x0008, 2), (0x0040, 4), (0x0080, 8))
_COPIED: Final = ("cvt ", "fpgm", "prep")
_LINES_A_BLOCK: Final = 100
_CMAP: Final = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{blocks}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def encoded(text: str) -> str:
    """The codes of characters of one plane, in hexadecimal."""
    if text.isascii() or max(text) < "\U00010000":
        return text.encode("utf-16-be").hex()
    return "".join(f"{ord(char) & 0xFFFF:04x}" for char in text)


class FontSubset:
    """One face and the glyphs that these characters need of it; nothing is compressed yet."""

    def __init__(self, face: TTFontFace, characters: Iterable[str]) -> None:
        """Collect the glyphs.

        Args:
            face: A parsed TrueType font.
            characters: All of one plane; every one has a glyph in the face.
        """
        self._face = face
        self._characters = sorted(characters)
        self._glyphs: list[int] = [0]
        self._places: dict[int, int] = {0: 0}
        self._start: int = face.get_table_pos("glyf")[0]
        for char in self._characters:
            self._place(face.charToGlyph[ord(char)])
        self._outlines = list(self._whole_outlines())

    @property
    def name(self) -> str:
        """PostScript name with the tag of the subset."""
        tag = hashlib.sha256("".join(self._characters).encode()).digest()[:6]
        family = self._face.name.decode() if isinstance(self._face.name, bytes) else str(self._face.name)
        return "".join(chr(65 + byte % 26) for byte in tag) + "+" + family

    @property
    def program(self) -> bytes:
        """A TrueType file of the glyphs alone."""
        tables = {tag: _table(self._face, tag) for tag in _COPIED if tag in self._face.table}
        offsets, outlines = [0], []
        for outline in self._outlines:
            padded = outline + bytes(-len(outline) % 4)
            outlines.append(padded)
            offsets.append(offsets[-1] + len(padded))
        tables["glyf"] = b"".join(outlines)
        tables["loca"] = struct.pack(f">{len(offsets)}L", *offsets)
        metrics = [int(figure) for glyph in self._glyphs for figure in self._face.hmetrics[glyph][:2]]
        tables["hmtx"] = struct.pack(f">{len(metrics)}H", *metrics)
        tables["hhea"] = _patched(_table(self._face, "hhea"), 34, len(self._glyphs))
        tables["maxp"] = _patched(_table(self._face, "maxp"), 4, len(self._glyphs))
        tables["head"] = _without_checksum(_patched(_table(self._face, "head"), 50, 1))
        return _font_file(tables)

    @property
    def widths(self) -> str:
        """Content of ``/W``; every other width is 1000."""
        known = self._face.charWidths
        given = ((ord(char), known.get(ord(char), self._face.defaultWidth)) for char in self._characters)
        return " ".join(f"{code & 0xFFFF} [{width:g}]" for code, width in given if width != 1000)

    @property
    def glyph_of_code(self) -> bytes:
        """CIDToGIDMap: two bytes a code, high byte first."""
        if not self._characters:
            return b"\0\0"
        codes = bytearray(2 * ((ord(self._characters[-1]) & 0xFFFF) + 1))
        for char in self._characters:
            glyph = self._places[self._face.charToGlyph[ord(char)]]
            struct.pack_into(">H", codes, 2 * (ord(char) & 0xFFFF), glyph)
        return bytes(codes)

    @property
    def to_unicode(self) -> str:
        """CMap from codes to Unicode."""
        lines = [
            f"<{ord(char) & 0xFFFF:04x}> <{char.encode('utf-16-be').hex()}>\n" for char in self._characters
        ]
        return _CMAP.format(blocks="".join(_blocks(lines)))

    def _place(self, glyph: int) -> int:
        if glyph not in self._places:
            self._places[glyph] = len(self._glyphs)
            self._glyphs.append(glyph)
        return self._places[glyph]

    def _whole_outlines(self) -> Iterator[bytes]:
        """Outlines in their new order; parts of composite glyphs are appended while we walk."""
        positions = self._face.glyphPos
        whole: bytes = self._face._ttf_data  # type: ignore[attr-defined]  # noqa: SLF001 - it has no reader
        for glyph in self._glyphs:
            outline = whole[self._start + positions[glyph] : self._start + positions[glyph + 1]]
            composite = len(outline) > 10 and outline[0] >= 0x80
            yield self._renumbered(outline) if composite else outline

    def _renumbered(self, outline: bytes) -> bytes:
        content, at, flags = bytearray(outline), 10, _HAS_MORE
        while flags & _HAS_MORE:
            flags, glyph = struct.unpack_from(">HH", content, at)
            struct.pack_into(">H", content, at + 2, self._place(glyph))
            at += 4 + (4 if flags & _WORDS else 2)
            at += next((size for bit, size in _SCALES if flags & bit), 0)
        return bytes(content)


def _table(face: TTFontFace, tag: str) -> bytes:
    return bytes(face.get_table(tag))  # type: ignore[no-untyped-call]


def _patched(table: bytes, offset: int, value: int) -> bytes:
    return table[:offset] + struct.pack(">H", value) + table[offset + 2 :]


def _without_checksum(head: bytes) -> bytes:
    return head[:8] + bytes(4) + head[12:]


def _font_file(tables: Mapping[str, bytes]) -> bytes:
    """An sfnt file of these tables (OpenType 1.9, "Organization of an OpenType font")."""
    count = len(tables)
    power = count.bit_length() - 1
    header = struct.pack(">LHHHH", 0x00010000, count, 16 << power, power, 16 * (count - (1 << power)))
    directory, parts = [header], []
    offset, total = 12 + 16 * count, 0
    for tag in sorted(tables):
        table = tables[tag] + bytes(-len(tables[tag]) % 4)
        checksum = _checksum(table)
        directory.append(struct.pack(">4sLLL", tag.encode(), checksum, offset, len(tables[tag])))
        parts.append(table)
        offset += len(table)
        total += checksum
    whole = b"".join(directory)
    adjustment = (0xB1B0AFBA - total - _checksum(whole)) & 0xFFFFFFFF
    place = whole.index(b"head") + 8
    at = int.from_bytes(whole[place : place + 4]) - len(whole) + 8
    body = b"".join(parts)
    return whole + body[:at] + struct.pack(">L", adjustment) + body[at + 4 :]


def _checksum(table: bytes) -> int:
    """Sum of the table as 32-bit words, high byte first."""
    words = array("I", table)
    if sys.byteorder == "little":
        words.byteswap()
    return sum(words) & 0xFFFFFFFF


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """No block of a CMap may hold more than a hundred lines."""
    for start in range(0, len(lines), _LINES_A_BLOCK):
        some = lines[start : start + _LINES_A_BLOCK]
        yield f"{len(some)} beginbfchar\n{''.join(some)}endbfchar\n"
