"""Put every signature field and every seam of a document into it, before the first signature.

Decides what an empty field looks like: nothing. Never places one after a signature: a verifier
refuses fields that come later (reference rule V7).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from kernel.digests import sha256
from signing.model import SignatureField
from signing.refusals import CannotSignError
from signing.revision_writer import RevisionWriter
from signing.seam_drawing import SeamField
from signing.seam_fields import declare_seams

__all__ = ["add_signature_fields"]


def add_signature_fields(
    pdf: bytes, fields: Sequence[SignatureField], seams: Sequence[SeamField] = ()
) -> bytes:
    """Append one revision that holds every signature field and seam of the document, all empty.

    The same draft and fields give the same bytes: the revision's file identifier is taken
    from them and the metadata stays as the draft has it (DESIGN decision 11).

    Args:
        pdf: The approved draft, unsigned.
        fields: Names unique; pages counted from 1; boxes in points from the lower left.
        seams: Read-only widgets for the slices of 骑缝章 (``seam_drawing.place_seams``).

    Raises:
        CannotSignError: Unreadable file, page out of range or a name used twice.
    """
    try:
        writer = RevisionWriter(BytesIO(pdf))
        writer.identify(sha256(pdf + repr((tuple(fields), tuple(seams))).encode()))
        for field in fields:
            append_signature_field(writer, _specification(field))
        declare_seams(writer, seams)
        output = BytesIO()
        writer.write(output)  # type: ignore[no-untyped-call]
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem
    return output.getvalue()


def _specification(field: SignatureField) -> SigFieldSpec:
    left, bottom, right, top = field.box
    return SigFieldSpec(
        sig_field_name=field.name,
        on_page=field.page - 1,
        box=(left, bottom, right, top),  # type: ignore[arg-type]  # pyHanko writes fractions too
        empty_field_appearance=False,
    )
