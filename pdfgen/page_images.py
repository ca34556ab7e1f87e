"""Pages as images and as words, for screens and for whoever compares what is printed.

Decides nothing about a document; a PDF that cannot be opened is rejected, never shown
as an empty page. pdfium is not safe for threads: one call at a time.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pypdfium2

from kernel.errors import RejectedError
from pdfgen.house_style import BOTTOM, TOP

__all__ = [
    "GREATEST_WIDTH_PX",
    "PageMissingError",
    "UnreadablePageError",
    "body_texts",
    "page_count",
    "page_png",
]

GREATEST_WIDTH_PX: Final = 4096
_PNG_LEVEL: Final = 3
"""Of a page of text: faster than the usual 6, and smaller."""
_ONE_AT_A_TIME = threading.Lock()


class UnreadablePageError(RejectedError):
    """The bytes are no PDF that can be drawn."""

    code = "pdf_unreadable"


class PageMissingError(RejectedError):
    """The PDF has no such page, or the wanted width is out of range."""

    code = "page_missing"


def page_count(pdf: bytes) -> int:
    """Number of pages.

    Raises:
        UnreadablePageError: Not a PDF, damaged or locked by a password.
    """
    with _opened(pdf) as document:
        return len(document)


def page_png(pdf: bytes, page: int, width_px: int) -> bytes:
    """Draw one page as PNG.

    Args:
        pdf: The document.
        page: 1-based.
        width_px: Width of the image, 1 to 4096 pixels.

    Raises:
        UnreadablePageError: Not a PDF, damaged or locked by a password.
        PageMissingError: No such page, or a width beyond the limits.
    """
    with _opened(pdf) as document:
        if not 1 <= page <= len(document) or not 1 <= width_px <= GREATEST_WIDTH_PX:
            raise PageMissingError(
                f"page {page} at {width_px} px cannot be shown; ask for page 1 to {len(document)} "
                f"and a width of 1 to {GREATEST_WIDTH_PX}",
                f"无法显示第 {page} 页（宽 {width_px} 像素）；"
                f"请选择第 1 至 {len(document)} 页，宽度 1 至 {GREATEST_WIDTH_PX}",
            )
        leaf = document[page - 1]
        bitmap = leaf.render(scale=width_px / leaf.get_width(), may_draw_forms=False)
        image = bitmap.to_pil()
        picture = io.BytesIO()
        image.save(picture, format="PNG", compress_level=_PNG_LEVEL)
        bitmap.close()
        leaf.close()
        return picture.getvalue()


def body_texts(pdf: bytes) -> tuple[str, ...]:
    """Words of every page between header and foot of the house style, in the order they were drawn.

    Raises:
        UnreadablePageError: Not a PDF, damaged or locked by a password.
    """
    texts: list[str] = []
    with _opened(pdf) as document:
        for page in document:
            words = page.get_textpage()
            box = {"left": 0, "bottom": BOTTOM - 8, "right": page.get_width(), "top": TOP + 20}
            texts.append(words.get_text_bounded(**box).replace("\r\n", "\n").replace("\x02", "-"))
            words.close()
            page.close()
    return tuple(texts)


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as problem:
            raise UnreadablePageError(
                f"the file cannot be opened as a PDF ({problem}); "
                "send the original file again, without a password",
                f"无法作为 PDF 打开该文件（{problem}）；请重新提交未加密的原始文件",
            ) from problem
        try:
            yield document
        finally:
            document.close()
