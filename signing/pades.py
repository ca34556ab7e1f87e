"""Sign a PDF as PAdES B-LTA (EN 319 142-1 §6.3), one incremental revision upon another.

Decides: all fields exist before the first signature; the first signature certifies at
P2 (form filling) and none at P1 or P3; every signature has its token, its revocation
data and an archive timestamp in the file. Never touches an earlier byte, never fetches
anything, never signs at a made-up time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator import ValidationContext

from kernel.digests import sha256
from kernel.errors import RejectedError, UndecidedError
from kernel.sized_bytes import Bytes32
from signing.model import Credential, RevocationSource, SignatureField, TimestampAuthority
from signing.offline_loop import run_offline
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner, certificates_from, stamp_style

__all__ = ["CannotSignError", "RevocationUnavailableError", "add_signature_fields", "sign_pdf"]


class CannotSignError(RejectedError):
    """The file, the field or the certificate does not admit this signature; nothing was made."""

    code = "cannot_sign"

    def __init__(self, reason: str) -> None:
        """Keep pyHanko's reason."""
        super().__init__(
            f"this document cannot be signed here ({reason}); check the field name and the file",
            f"无法在此签署该文件（{reason}）；请检查签名域名称和文件",
        )
        self.reason = reason


class RevocationUnavailableError(UndecidedError):
    """The signer's chain could not be proven unrevoked now; a revoked signer also ends here."""

    code = "revocation_unavailable"

    def __init__(self, reason: str) -> None:
        """Keep the validator's reason."""
        super().__init__(
            f"the signer's certificate could not be proven valid now ({reason}); refresh it and try again",
            f"目前无法证明签署人证书有效（{reason}）；请更新证书状态后重试",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What one signature is to say, and with whose help."""

    field: str
    credential: Credential
    authority: TimestampAuthority
    revocation: RevocationSource
    roots: tuple[bytes, ...]
    appearance: bytes
    signed_at: datetime
    reason: str
    location: str
    certify: bool


class _FieldWriter(IncrementalPdfFileWriter):
    """Writes a revision that follows from its content alone: no clock, no random identifier."""

    def identify(self, digest: Bytes32) -> None:
        """Set the changing half of the file identifier (ISO 32000-2 14.4)."""
        self._document_id[1] = ByteStringObject(digest[:16])

    def _update_meta(self) -> None:
        """Leave the draft's dates and producer alone; pyHanko would write the machine's clock."""


def add_signature_fields(pdf: bytes, fields: Sequence[SignatureField]) -> bytes:
    """Append one revision that holds every signature field of the document, all empty.

    The same draft and fields give the same bytes: the revision's file identifier is taken
    from them and the metadata stays as the draft has it (DESIGN decision 11).

    Args:
        pdf: The approved draft, unsigned.
        fields: Names unique; pages counted from 1; boxes in points from the lower left.

    Raises:
        CannotSignError: Unreadable file, page out of range or a name used twice.
    """
    try:
        writer = _FieldWriter(BytesIO(pdf))
        writer.identify(sha256(pdf + repr(tuple(fields)).encode()))
        for field in fields:
            append_signature_field(writer, _specification(field))
        output = BytesIO()
        writer.write(output)  # type: ignore[no-untyped-call]
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem
    return output.getvalue()


def sign_pdf(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    authority: TimestampAuthority,
    revocation: RevocationSource,
    roots: Sequence[bytes],
    appearance: bytes,
    signed_at: datetime,
    reason: str,
    location: str,
    certify: bool,
) -> bytes:
    """Sign one existing field; the result begins with ``pdf`` byte for byte.

    Args:
        pdf: The file with its empty fields and any earlier signatures.
        field: Name of an empty field.
        credential: Who signs. The caller destroys the key afterwards.
        authority: Asked for three tokens: a size estimate, the signature, the archive.
        revocation: Asked for the chains of signer and authority.
        roots: Trusted roots of signers and of timestamps, DER.
        appearance: A one-page PDF that becomes the visible seal or hand.
        signed_at: Claimed time (``/M``) and moment of certificate validation, aware.
        reason: Shown by PDF viewers.
        location: Shown by PDF viewers.
        certify: True for the first signature of a document only.

    Raises:
        TimestampUnavailableError: No token now; nothing was made.
        RevocationUnavailableError: Chain, validity or revocation data wanting now.
        CannotSignError: No such empty field, or a file that admits no signature.
    """
    deed = _Deed(
        field=field,
        credential=credential,
        authority=authority,
        revocation=revocation,
        roots=tuple(roots),
        appearance=appearance,
        signed_at=signed_at,
        reason=reason,
        location=location,
        certify=certify,
    )
    return run_offline(_sign(pdf, deed))


async def _sign(pdf: bytes, deed: _Deed) -> bytes:
    stamper = AuthorityTimeStamper(deed.authority)
    # asked first: an outage ends the deed before anything is signed
    estimate = await stamper.async_dummy_response("sha256")
    tsa_chain = [choice.chosen for choice in estimate["content"]["certificates"]]
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        context = _context(deed, tsa_chain + _archive_chain(writer))
        signer = PdfSigner(
            _metadata(deed, context),
            CredentialSigner(deed.credential),
            timestamper=stamper,
            stamp_style=stamp_style(deed.appearance),
        )
        return await _seal(signer, writer, deed.signed_at)
    except SigningError as problem:
        raise _refusal(problem) from problem
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise CannotSignError(str(problem)) from problem


async def _seal(signer: PdfSigner, writer: IncrementalPdfFileWriter, signed_at: datetime) -> bytes:
    """The steps of ``PdfSigner.async_sign_pdf``, with the caller's time instead of the machine's."""
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = signed_at
    validated = await session.perform_presign_validation(writer)
    reserved = await session.estimate_signature_container_size(validated)
    prepared = session.prepare_tbs_document(validation_info=validated, bytes_reserved=reserved)
    output = BytesIO()
    digest, _ = prepared.digest_tbs_document(output=output)
    signed = await prepared.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=signed_at),
    )
    await signed.post_signature_processing(output)
    return output.getvalue()


def _metadata(deed: _Deed, context: ValidationContext) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=deed.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=deed.reason,
        location=deed.location,
        certify=deed.certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        embed_validation_info=True,
        use_pades_lta=True,
        validation_context=context,
    )


def _context(deed: _Deed, stamping: list[x509.Certificate]) -> ValidationContext:
    """Everything the validator may know, for this signature only: all of it goes into the DSS."""
    stamping_der = tuple(certificate.dump() for certificate in stamping)
    crls = deed.revocation.crls_for((*deed.credential.chain, *stamping_der))
    return ValidationContext(
        trust_roots=certificates_from(deed.roots),
        other_certs=[*certificates_from(deed.credential.chain), *stamping],
        crls=list(crls),
        moment=deed.signed_at,
        allow_fetching=False,
        revocation_mode="require",
    )


def _archive_chain(writer: IncrementalPdfFileWriter) -> list[x509.Certificate]:
    """Certificates of the newest archive timestamp, whose authority may have been another one."""
    earlier = writer.prev.embedded_timestamp_signatures
    return [earlier[-1].signer_cert, *earlier[-1].other_embedded_certs] if earlier else []


def _specification(field: SignatureField) -> SigFieldSpec:
    left, bottom, right, top = field.box
    return SigFieldSpec(
        sig_field_name=field.name,
        on_page=field.page - 1,
        box=(left, bottom, right, top),  # type: ignore[arg-type]  # pyHanko writes fractions too
        empty_field_appearance=False,
    )


def _refusal(problem: SigningError) -> RevocationUnavailableError | CannotSignError:
    """One pyHanko error stands for a bad chain and for a bad file; a bad chain has a cause."""
    if problem.__cause__ is not None:
        return RevocationUnavailableError(str(problem.__cause__))
    return CannotSignError(str(problem))
