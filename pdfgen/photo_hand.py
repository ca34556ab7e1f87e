"""A signature from a photo of paper: the ink alone, as filled boxes, in a person's slot of 52 × 20 mm.

The picture itself never enters the contract: it is read within limits, its light evened out, and
what is darker than the paper around it is drawn in ink. No image object, no colour profile, no
metadata of a camera. Same photo, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from kernel.errors import RejectedError
from pdfgen.glyphs import require_glyphs
from pdfgen.ink import MM, Ink
from pdfgen.pdf_pages import finish_pdf
from pdfgen.seal import HAND_INK, PERSON_SLOT_MM, draw_hand_caption

__all__ = ["PhotoUnfitError", "photo_hand"]

_GREATEST_BYTES: Final = 6_000_000
_MOST_PIXELS: Final = 25_000_000
_LEAST_SIDE: Final = 40
_WORK_SIDE: Final = 1200
"""Longer side in pixels while the ink is looked for."""
_GRID: Final = (480, 130)
"""Most boxes across and up in the slot."""
_DARKER: Final = 38
"""Of 255: how much darker than the paper around it ink is."""
_LEAST_INK, _MOST_INK = 0.001, 0.30
_LEFT, _FOOT, _TOP = 2.0 * MM, 6.4 * MM, 0.8 * MM


class PhotoUnfitError(RejectedError):
    """The picture cannot be read as ink on paper."""

    code = "photo_unfit"


def photo_hand(content: bytes, caption: str, mark: str = "") -> bytes:
    """Draw the ink of a photo with a caption that says what it is.

    Args:
        content: A PNG or JPEG of ink on light paper, 6 MB and 25 megapixels at most.
        caption: One or two lines (newline), e.g. ``电子签名 2026-11-20 15:32:05``.
        mark: Such as ``TEST``.

    Raises:
        PhotoUnfitError: No such picture, no ink, or as much dark as a shadow makes.
        MissingGlyphError: A character of caption or mark has no glyph.
    """
    require_glyphs((caption, mark))
    ink = Ink()
    width, height = PERSON_SLOT_MM[0] * MM, PERSON_SLOT_MM[1] * MM
    grid = _ink_of(_read(content))
    room = (width - 2 * _LEFT, height - _FOOT - _TOP)
    side = min(room[0] / grid.width, room[1] / grid.height)
    top = _FOOT + room[1] / 2 + side * grid.height / 2
    boxes = [
        (_LEFT + side * start, top - side * (row + 1), side * length, side)
        for row, start, length in _runs(grid)
    ]
    ink.blocks(boxes, HAND_INK)
    draw_hand_caption(ink, caption, mark)
    return finish_pdf(ink, width=width, height=height)


def _read(content: bytes) -> Image.Image:
    """Decode within limits, upright, grey; a see-through ground is paper."""
    if len(content) > _GREATEST_BYTES:
        raise _unfit("is larger than 6 MB; take a smaller one", "超过 6 MB，请换较小的照片")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _MOST_PIXELS or min(opened.size) < _LEAST_SIDE:
                raise _unfit("is too large or too small; take another", "尺寸过大或过小，请重拍")
            opened.draft("L", (_WORK_SIDE, _WORK_SIDE))
            opened.load()
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as problem:
        raise _unfit(
            "is no PNG or JPEG that can be read; send another", "不是可读取的 PNG 或 JPEG，请重新上传"
        ) from problem
    paper = Image.new("RGBA", upright.size, "white")
    grey = Image.alpha_composite(paper, upright).convert("L")
    grey.thumbnail((_WORK_SIDE, _WORK_SIDE))
    return grey


def _ink_of(grey: Image.Image) -> Image.Image:
    """Ink as the white pixels of a one-bit grid, cropped to it.

    The paper's light is the picture with everything thin taken out: its brightest neighbour, blurred.
    """
    coarse = grey.reduce(4)
    light = coarse.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.GaussianBlur(6))
    paper = light.resize(grey.size, Image.Resampling.BILINEAR)
    darker = ImageChops.subtract(paper, grey)
    ink = darker.point([255 if level > _DARKER else 0 for level in range(256)]).filter(
        ImageFilter.MedianFilter(3)
    )
    box = ink.getbbox()
    share = ink.histogram()[255] / (ink.width * ink.height)
    if box is None or share < _LEAST_INK:
        raise _unfit(
            "shows no ink; sign on white paper and take it again", "上没有看到笔迹，请在白纸上签名后重拍"
        )
    if share > _MOST_INK:
        raise _unfit(
            "is too dark or has a shadow; take it again in even light", "过暗或有阴影，请在光线均匀处重拍"
        )
    cropped = ink.crop(box)
    cropped.thumbnail(_GRID, Image.Resampling.BOX)
    return cropped.point([255 if level > 96 else 0 for level in range(256)])


def _runs(grid: Image.Image) -> Iterator[tuple[int, int, int]]:
    """Runs of ink: row from the top, first pixel, length."""
    pixels = grid.tobytes()
    for row in range(grid.height):
        line = pixels[row * grid.width : (row + 1) * grid.width] + b"\0"
        start = -1
        for at, level in enumerate(line):
            if level and start < 0:
                start = at
            elif not level and start >= 0:
                yield row, start, at - start
                start = -1


def _unfit(en: str, zh: str) -> PhotoUnfitError:
    return PhotoUnfitError(f"the photo {en}", f"照片{zh}")
