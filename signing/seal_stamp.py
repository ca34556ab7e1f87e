"""The drawing of a seal or hand in the file that is signed: imported once, shown in the field.

The stamp multiplies its colour with what lies beneath, as ink does: text under a seal stays
readable. Nothing about who signs is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStamp, BaseStampStyle

from signing.seam_drawing import Box

__all__ = ["SealDrawing", "SealStampStyle", "import_drawing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealDrawing:
    """A form XObject of the file that is being written, and its ``/BBox``."""

    reference: IndirectObject
    box: Box


def import_drawing(writer: BasePdfFileWriter, appearance: bytes) -> SealDrawing:
    """Import page one of a PDF as a form.

    Args:
        writer: Of the revision in which the drawing appears.
        appearance: A one-page PDF.
    """
    reference = writer.import_page_as_xobject(PdfFileReader(BytesIO(appearance)))
    left, bottom, right, top = (float(side) for side in reference.get_object()["/BBox"])
    return SealDrawing(reference=reference, box=(left, bottom, right, top))


@dataclass(frozen=True)
class SealStampStyle(BaseStampStyle):
    """Shows one drawing; made anew for each signature, since the drawing belongs to one file."""

    drawing: SealDrawing | None = None

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,
        text_params: dict[str, object],  # noqa: ARG002 - pyHanko's signature; no words are set here
    ) -> BaseStamp:
        """Give pyHanko the content of the signature field."""
        return _Stamp(writer, self, box)


class _Stamp(BaseStamp):
    """The drawing, as large as the field allows, undistorted and in its middle."""

    def render(self) -> bytes:
        drawing = self.style.drawing
        left, bottom, right, top = drawing.box
        width, height = right - left, top - bottom
        scale = min(self.box.width / width, self.box.height / height)
        x = (self.box.width - scale * width) / 2 - scale * left
        y = (self.box.height - scale * height) / 2 - scale * bottom
        ink = DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})  # type: ignore[no-untyped-call]
        self.set_resource(category=ResourceType.XOBJECT, name=pdf_name("/Drawn"), value=drawing.reference)
        self.set_resource(category=ResourceType.EXT_G_STATE, name=pdf_name("/Ink"), value=ink)
        return f"q /Ink gs {scale:.6f} 0 0 {scale:.6f} {x:.4f} {y:.4f} cm /Drawn Do Q".encode()
