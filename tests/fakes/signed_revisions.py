"""Revisions that an attacker appends to a document: a page, or a visible note on a page."""

from __future__ import annotations

from io import BytesIO

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject

__all__ = ["with_note", "with_page"]


def with_page(pdf: bytes) -> bytes:
    """One more page at the end, as an incremental revision."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    content = writer.add_object(StreamObject(stream_data=b"0 0 1 rg 50 50 300 300 re f"))
    box = ArrayObject([FloatObject(side) for side in (0, 0, 595, 842)])
    writer.insert_page(PageObject(contents=content, media_box=box))
    return _written(writer)


def with_note(pdf: bytes) -> bytes:
    """A visible note on the first page, as an incremental revision."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    note = writer.add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/FreeText"),
                NameObject("/Rect"): ArrayObject([FloatObject(side) for side in (50, 700, 500, 800)]),
                NameObject("/Contents"): TextStringObject("电价改为 9.99 元"),
                NameObject("/DA"): TextStringObject("/Helv 12 Tf"),
            }
        )
    )
    shown = page.get_object()
    if "/Annots" not in shown:
        shown[NameObject("/Annots")] = ArrayObject()
    shown["/Annots"].append(note)
    writer.update_container(shown["/Annots"])
    writer.mark_update(page)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()
