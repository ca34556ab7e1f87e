"""Seal pictures: the three kinds in bounds pass, everything else is refused before it is unpacked."""

from __future__ import annotations

import struct
import zlib

import pytest

from pdfgen.seal import organisation_seal
from signing.ses.picture import PictureRefusedError, picture_of_drawing, read_picture
from tests.unit.signing.ses_samples import picture


def _png_of(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few bytes never hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "named"), [("PNG", "png"), ("JPEG", "JPG"), ("JPEG", "JPEG"), ("BMP", "BMP")]
)
def test_the_three_kinds_are_let_in_as_they_are(kind: str, named: str) -> None:
    content = picture(kind)
    found = read_picture(named, content, width_mm=42, height_mm=42)
    assert (found.kind, found.content, found.width_mm) == (named.upper(), content, 42)


@pytest.mark.parametrize(
    ("kind", "content", "side"),
    [
        ("GIF", picture("GIF"), 42),
        ("SVG", b"<svg/>", 42),
        ("PNG", picture("JPEG"), 42),
        ("PNG", picture()[:40], 42),
        ("PNG", b"", 42),
        ("PNG", bytes(512 * 1024 + 1), 42),
        ("PNG", picture(side=2001), 42),
        ("PNG", _png_of(10_000, 10_000), 42),
        ("PNG", _png_of(60_000, 60_000), 42),
        ("BMP", b"BM" + bytes(60), 42),
        ("PNG", picture(), 0),
        ("PNG", picture(), 301),
    ],
)
def test_any_other_picture_is_refused(kind: str, content: bytes, side: int) -> None:
    with pytest.raises(PictureRefusedError):
        read_picture(kind, content, width_mm=side, height_mm=side)


def test_a_drawing_becomes_a_picture_of_its_own_size_in_millimetres() -> None:
    found = picture_of_drawing(organisation_seal("示例供电公司", "合同专用章"))
    assert found.kind == "PNG"
    assert found.width_mm == found.height_mm == 42
    with pytest.raises(PictureRefusedError):
        picture_of_drawing(b"no PDF")
