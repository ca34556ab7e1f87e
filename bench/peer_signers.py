"""pyHanko alone, as its manual shows it: what a signature costs without the room ``signing``.

A new signer is read from its PEM files for each signature, as a request in a web service does; the
stamp is pyHanko's own text stamp in a Chinese font, or its static stamp of a PDF page. Certificates,
revocation lists, fields and the in-process time-stamping authority are the same on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.stamp import BaseStampStyle, StaticStampStyle, TextStampStyle
from pyhanko_certvalidator import ValidationContext

from pdfgen.fonts import SERIF, font_file
from signing.issuing_ca import TestCa
from signing.model import Credential, TimestampAuthority
from signing.pyhanko_adapters import AuthorityTimeStamper
from signing.software_key import SoftwareKey

__all__ = ["StockSigner"]

STAMP_TEXT = "签署人：%(signer)s\n时间：%(ts)s"


class StockSigner:
    """Signs as B-LTA with stock parts."""

    def __init__(
        self,
        ca: TestCa,
        authority: TimestampAuthority,
        credential: Credential,
        roots: Sequence[bytes],
        folder: Path,
    ) -> None:
        """Write key, certificate and chain as PEM files into ``folder``."""
        self._ca, self._authority, self._credential, self._roots = ca, authority, credential, tuple(roots)
        self._key, self._leaf = folder / "key.pem", folder / "leaf.pem"
        self._chain = [folder / f"chain{place}.pem" for place in range(len(credential.chain) - 1)]
        self._key.write_bytes(_private_pem(credential))
        for path, der in zip((self._leaf, *self._chain), credential.chain, strict=True):
            path.write_bytes(pyca.load_der_x509_certificate(der).public_bytes(Encoding.PEM))

    def sign_with_text(self, pdf: bytes, field: str, *, certify: bool) -> bytes:
        """One visible signature with pyHanko's text stamp."""
        # imported here: it needs uharfbuzz, and the other rows do not
        from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory

        font = GlyphAccumulatorFactory(str(font_file(SERIF)))
        style = TextStampStyle(stamp_text=STAMP_TEXT, text_box_style=TextBoxStyle(font=font))
        return self._sign(pdf, field, style, certify=certify)

    def sign_with_page(self, pdf: bytes, field: str, page: Path, *, certify: bool) -> bytes:
        """One visible signature with pyHanko's static stamp."""
        return self._sign(pdf, field, StaticStampStyle.from_pdf_file(str(page)), certify=certify)

    def _sign(self, pdf: bytes, field: str, style: BaseStampStyle, *, certify: bool) -> bytes:
        signer = signers.SimpleSigner.load(
            str(self._key), str(self._leaf), ca_chain_files=[str(path) for path in self._chain]
        )
        meta = signers.PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=certify,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            embed_validation_info=True,
            use_pades_lta=True,
            validation_context=self._context(),
        )
        output = BytesIO()
        signers.PdfSigner(
            meta, signer, timestamper=AuthorityTimeStamper(self._authority), stamp_style=style
        ).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True, output=output)
        return output.getvalue()

    def _context(self) -> ValidationContext:
        """Everything preloaded and nothing fetched."""
        chains = (*self._credential.chain, *self._ca.tsa_credential.chain)
        return ValidationContext(
            trust_roots=[x509.Certificate.load(root) for root in self._roots],
            other_certs=[x509.Certificate.load(one) for one in chains],
            crls=list(self._ca.crls_for(chains)),
            allow_fetching=False,
            revocation_mode="require",
        )


def _private_pem(credential: Credential) -> bytes:
    if not isinstance(credential.key, SoftwareKey):
        raise TypeError("the benchmark needs a software key")
    return credential.key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
