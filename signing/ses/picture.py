"""The seal's picture: PNG, JPEG or BMP within bounds, and how a drawing becomes one.

Decides which pictures are let in: the named type must be the bytes' own, the size is read and
bounded before a pixel is unpacked. A picture proves nothing; it is only safe to show.
"""

from __future__ import annotations

import io
import struct
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pypdfium2
from PIL import Image

from kernel.errors import RejectedError

__all__ = ["PictureRefusedError", "SealPicture", "picture_of_drawing", "read_picture"]

GREATEST_BYTES: Final = 512 * 1024
GREATEST_SIDE: Final = 2_000
"""Pixels."""
GREATEST_MILLIMETRES: Final = 300
_FORMATS: Final = {"PNG": "PNG", "JPG": "JPEG", "JPEG": "JPEG", "BMP": "BMP"}
_DOTS_PER_INCH: Final = 300
_POINTS_PER_INCH: Final = 72
_MILLIMETRES_PER_INCH: Final = 25.4
_PDFIUM = threading.Lock()
"""PDFium is not safe for threads."""


class PictureRefusedError(RejectedError):
    """The picture is of another type, damaged, or beyond the bounds."""

    code = "seal_picture_refused"

    def __init__(self, en: str, zh: str) -> None:
        """Say what is wrong."""
        super().__init__(
            f"the seal's picture is refused: {en}; use a PNG, JPEG or BMP of at most 512 KiB and 2000 × 2000",
            f"印章图片不被接受：{zh}；请使用不超过 512 KiB、2000×2000 像素的 PNG、JPEG 或 BMP 图片",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPicture:
    """A picture that may be shown.

    Attributes:
        kind: ``PNG``, ``JPG``, ``JPEG`` or ``BMP``, as the seal names it in capitals.
        content: The file.
        width_mm: Width on paper in millimetres, 1 to 300.
        height_mm: Height.
    """

    kind: str
    content: bytes
    width_mm: int
    height_mm: int


def read_picture(kind: str, content: bytes, *, width_mm: int, height_mm: int) -> SealPicture:
    """Let a picture in, or say why not.

    Raises:
        PictureRefusedError: Another type, too large, or its pixels cannot be unpacked.
    """
    named = _FORMATS.get(kind.upper())
    if named is None:
        raise PictureRefusedError(f"type {kind[:16]!r}", f"类型 {kind[:16]!r}")
    if not 0 < len(content) <= GREATEST_BYTES:
        raise PictureRefusedError(f"{len(content)} bytes", f"{len(content)} 字节")
    if not (0 < width_mm <= GREATEST_MILLIMETRES and 0 < height_mm <= GREATEST_MILLIMETRES):
        raise PictureRefusedError(f"{width_mm} × {height_mm} mm", f"{width_mm}×{height_mm} 毫米")
    _check_pixels(named, content)
    return SealPicture(kind=kind.upper(), content=content, width_mm=width_mm, height_mm=height_mm)


@lru_cache(maxsize=64)
def picture_of_drawing(drawing: bytes) -> SealPicture:
    """A PNG at 300 dpi of a one-page PDF's first page, in its own size; drawings recur, so pictures are kept.

    Raises:
        PictureRefusedError: No PDF, or beyond the bounds.
    """
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(drawing)
        except pypdfium2.PdfiumError as problem:
            raise PictureRefusedError("the drawing is no PDF", "印模不是 PDF") from problem
        try:
            page = document[0]
            width, height = page.get_size()
            image = page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH, fill_color=(255, 255, 255, 0))
            output = io.BytesIO()
            image.to_pil().save(output, format="PNG")
        finally:
            document.close()
    return read_picture(
        "PNG", output.getvalue(), width_mm=_millimetres(width), height_mm=_millimetres(height)
    )


def _millimetres(points: float) -> int:
    return max(1, round(points / _POINTS_PER_INCH * _MILLIMETRES_PER_INCH))


def _check_pixels(named: str, content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content), formats=(named,)) as image:
            width, height = image.size
            if not (0 < width <= GREATEST_SIDE and 0 < height <= GREATEST_SIDE):
                raise PictureRefusedError(f"{width} × {height} pixels", f"{width}×{height} 像素")
            image.load()
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        struct.error,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as problem:
        raise PictureRefusedError(f"it is no sound {named}", f"不是完好的 {named} 图片") from problem
