"""Three leaves with straddling seals, sealed honestly or as a forger with pyHanko alone would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from signing.model import SignatureField
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner
from signing.seal_stamp import SealDrawing, SealStampStyle, import_drawing
from signing.seam_drawing import place_seams, slice_appearance, slice_box
from signing.signature_fields import add_signature_fields
from tests.unit.signing.signed_samples import Office, draft, one_page, saved

LEAVES = 3
SEALS = ("SupplierSeal", "ConsumerSeal")
DRAWING = b"0.8 0 0 RG 4 w 6 6 107 107 re S"

Change = Callable[[IncrementalPdfFileWriter, SealDrawing], None]
"""What a forger writes into the revision that he seals."""


def leaves_with_seams() -> bytes:
    """Three leaves with title and XMP, two seal fields on the last, their seams on all."""
    pdf = pikepdf.open(BytesIO(draft()))
    for _ in range(LEAVES - 1):
        pdf.add_blank_page(page_size=(595, 842))
    fields = [
        SignatureField(name=name, page=LEAVES, box=(40 + 130 * place, 60, 160 + 130 * place, 180))
        for place, name in enumerate(SEALS)
    ]
    seams = place_seams(SEALS, LEAVES, page_width=595, page_height=842)
    return add_signature_fields(saved(pdf), fields, seams)


def sealed_by_hand(office: Office, pdf: bytes, field: str, change: Change, *, certify: bool = False) -> bytes:
    """A sound signature of a genuine seal whose revision holds whatever ``change`` writes."""
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    drawing = import_drawing(writer, one_page(119, 119, DRAWING))
    change(writer, drawing)
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    signer = PdfSigner(
        meta,
        CredentialSigner(office.seal()),
        timestamper=AuthorityTimeStamper(office.tsa),
        stamp_style=SealStampStyle(drawing=drawing),
    )
    signer.sign_pdf(writer, existing_fields_only=True, output=output)
    return output.getvalue()


def appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """One more revision, unsigned."""
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    change(writer)
    writer.write(output)
    return output.getvalue()


def field_of(writer: IncrementalPdfFileWriter, name: str) -> generic.DictionaryObject:
    """A field, marked as changed."""
    for reference in writer.root["/AcroForm"]["/Fields"]:
        if reference.get_object()["/T"] == name:
            writer.mark_update(reference.reference)
            return reference.get_object()
    raise AssertionError(name)


def show(
    writer: IncrementalPdfFileWriter,
    name: str,
    content: bytes,
    drawing: generic.IndirectObject,
    *,
    box: tuple[float, ...] = slice_box(LEAVES, (0, 0, 119, 119)),
    more: Mapping[str, generic.PdfObject] | None = None,
) -> generic.DictionaryObject:
    """Give a seam an appearance."""
    shown = generic.DictionaryObject({pdf_name("/Drawn"): drawing})
    form = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): generic.ArrayObject([generic.FloatObject(side) for side in box]),
        pdf_name("/Resources"): generic.DictionaryObject({pdf_name("/XObject"): shown}),
        **{pdf_name(key): value for key, value in (more or {}).items()},
    }
    stream = writer.add_object(generic.StreamObject(form, stream_data=content))
    field = field_of(writer, name)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): stream})
    return field


def slices(writer: IncrementalPdfFileWriter, drawing: SealDrawing, slot: str) -> None:
    """The honest slices of a seal."""
    for page in range(1, LEAVES + 1):
        content = slice_appearance(page, LEAVES, drawing.box)
        show(writer, f"{slot}Seam{page:03d}", content, drawing.reference)
