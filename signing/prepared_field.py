"""A file laid out up to the signature's own bytes: everything that the signature will cover is final.

Decides the signature dictionary: PAdES, certifying at P2 or not at all, the caller's time, the seal's
drawing and its seams in this very revision. Signs nothing; who signs may be far away and late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession, PdfTBSDocument

from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner
from signing.seal_stamp import SealStampStyle, import_drawing
from signing.seam_fields import fill_seams

__all__ = ["FieldEntry", "PreparedField", "prepare_field"]

MESSAGE_ROOM = 2048
"""Bytes of a CMS beside certificates and token: attributes, issuer's name, signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """What one signature shows and says.

    Attributes:
        field: Name of an empty field.
        appearance: A one-page PDF that becomes the visible seal or hand.
        seams: Seam fields of this seal that show its slices.
        signed_at: Claimed time (``/M``), aware.
        reason: Shown by PDF viewers.
        location: Shown by PDF viewers.
        certify: True for the first signature of a document only.
    """

    field: str
    appearance: bytes
    seams: tuple[str, ...]
    signed_at: datetime
    reason: str
    location: str
    certify: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedField:
    """The laid-out file, what pyHanko needs to sign it now, and what another process needs later."""

    output: BytesIO
    document: PdfTBSDocument
    digest: PreparedByteRangeDigest


def prepare_field(
    writer: IncrementalPdfFileWriter,
    entry: FieldEntry,
    signer: CredentialSigner,
    *,
    stamper: AuthorityTimeStamper | None,
    chain: Sequence[bytes],
    token_room: int,
) -> PreparedField:
    """The first steps of ``PdfSigner.async_sign_pdf``, with the caller's time instead of the machine's.

    Args:
        writer: Over the file with its empty fields and any earlier signatures.
        entry: What the signature shows and says.
        signer: Whose signature the file makes room for.
        stamper: Asked for the signature's token by whoever signs through ``document``.
        chain: Certificates that the signature will bring along, DER.
        token_room: Bytes kept for the token; 0 without one.

    Raises:
        SigningError, PdfError, ValueError, KeyError, TypeError: pyHanko's, of a field or file that
            admits no signature.
    """
    drawing = import_drawing(writer, entry.appearance)
    style = SealStampStyle(drawing=drawing)
    pdf_signer = PdfSigner(_metadata(entry), signer, timestamper=stamper, stamp_style=style)
    session: PdfSigningSession = pdf_signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = entry.signed_at
    fill_seams(writer, entry.field, entry.seams, drawing)
    size = sum(len(der) for der in chain) + MESSAGE_ROOM + token_room
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=2 * size)
    output = BytesIO()
    digest, _ = document.digest_tbs_document(output=output)
    return PreparedField(output=output, document=document, digest=digest)


def _metadata(entry: FieldEntry) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=entry.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=entry.reason,
        location=entry.location,
        certify=entry.certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
