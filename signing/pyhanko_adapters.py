"""Our keys, authorities and stamps in the shapes pyHanko asks for.

Nothing is decided here; the module only translates. pyHanko's own ``SimpleSigner``
loads the key anew for every signature, hence a ``Signer`` of our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from asn1crypto import tsp, x509
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.sized_bytes import Bytes32
from signing.model import Credential, TimestampAuthority

__all__ = ["AuthorityTimeStamper", "CredentialSigner", "certificates_from", "stamp_style"]

GREATEST_P256_SIGNATURE = 72
"""DER SEQUENCE of two INTEGERs of at most 33 bytes."""


class CredentialSigner(Signer):
    """Signs with the credential's key; the key is never seen."""

    def __init__(self, credential: Credential) -> None:
        """Take certificate, chain and key; the root goes into the CMS too (embed_roots)."""
        super().__init__(
            signing_cert=x509.Certificate.load(credential.certificate),
            cert_registry=_store(certificates_from(credential.chain)),
        )
        self._key = credential.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """ECDSA P-256 with SHA-256; zeros of the greatest length for a size estimate.

        Raises:
            ValueError: Another digest; only a fault of this room can ask for one.
        """
        if digest_algorithm != "sha256":
            raise ValueError(f"signatures here use SHA-256, not {digest_algorithm}")
        return bytes(GREATEST_P256_SIGNATURE) if dry_run else self._key.sign(data)


class AuthorityTimeStamper(TimeStamper):
    """pyHanko's view of a ``TimestampAuthority``."""

    def __init__(self, authority: TimestampAuthority) -> None:
        """Take the authority; it sets and checks its own nonces."""
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One token over the request's SHA-256 imprint.

        Raises:
            TimestampUnavailableError: No token now; passes through pyHanko unchanged.
        """
        digest = Bytes32(bytes(req["message_imprint"]["hashed_message"].native))
        token = self._authority.token_over(digest)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": _parsed(token)})


def _parsed(token: bytes) -> object:
    return tsp.ContentInfo.load(token)


def _store(certificates: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(certificates)
    return store


def certificates_from(chain: Iterable[bytes]) -> list[x509.Certificate]:
    """Parse DER certificates in their order."""
    return [x509.Certificate.load(der) for der in chain]


def stamp_style(appearance: bytes) -> StaticStampStyle:
    """A stamp that shows page one of a PDF, filling the field's box undistorted.

    Make a new one for each signature: a used one refers to objects of the first file.
    """
    layout = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0)
    )
    return StaticStampStyle(background=_PageInMemory(appearance), border_width=0, background_layout=layout)


class _PageInMemory(ImportedPdfPage):
    """A page imported from bytes; pyHanko's own reads a file by name."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(file_name="")  # type: ignore[no-untyped-call]
        self._pdf = pdf

    def render(self) -> bytes:
        imported = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)))
        self.resources.xobject["/Drawn"] = imported
        left, bottom, right, top = imported.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Drawn Do"
