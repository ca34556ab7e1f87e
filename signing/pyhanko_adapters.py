"""Our keys and authorities in the shapes pyHanko asks for.

Nothing is decided here; the module only translates. pyHanko's own ``SimpleSigner``
loads the key anew for every signature, hence a ``Signer`` of our own.
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import cms, tsp, x509
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.sized_bytes import Bytes32
from signing.model import Credential, TimestampAuthority
from signing.signature_mechanism import greatest_signature

__all__ = ["AuthorityTimeStamper", "CredentialSigner", "certificates_from"]


class CredentialSigner(Signer):
    """Signs with the credential's key; the key is never seen."""

    def __init__(self, credential: Credential) -> None:
        """Take certificate, chain and key; the root goes into the CMS too (embed_roots)."""
        certificate = x509.Certificate.load(credential.certificate)
        super().__init__(
            signing_cert=certificate,
            cert_registry=_store(certificates_from(credential.chain)),
        )
        self._key = credential.key
        self._greatest = greatest_signature(certificate.public_key.dump())

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The key's signature with SHA-256; zeros of the greatest length for a size estimate.

        Raises:
            ValueError: Another digest; only a fault of this room can ask for one.
        """
        if digest_algorithm != "sha256":
            raise ValueError(f"signatures here use SHA-256, not {digest_algorithm}")
        return bytes(self._greatest) if dry_run else self._key.sign(data)


class AuthorityTimeStamper(TimeStamper):
    """pyHanko's view of a ``TimestampAuthority``."""

    def __init__(self, authority: TimestampAuthority) -> None:
        """Take the authority; it sets and checks its own nonces."""
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        self._authority = authority
        self._last: cms.ContentInfo | None = None

    def last_token(self) -> cms.SignedData:
        """SignedData of the newest token.

        Raises:
            ValueError: None was asked for yet.
        """
        if self._last is None:
            raise ValueError("no token was asked for")
        return self._last["content"]

    @property
    def last_size(self) -> int:
        """Bytes of the newest token; 0 before the first."""
        return len(self._last.dump()) if self._last else 0

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One token over the request's SHA-256 imprint.

        Raises:
            TimestampUnavailableError: No token now; passes through pyHanko unchanged.
        """
        digest = Bytes32(bytes(req["message_imprint"]["hashed_message"].native))
        self._last = cms.ContentInfo.load(self._authority.token_over(digest))
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": self._last})


def _store(certificates: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(certificates)
    return store


def certificates_from(chain: Iterable[bytes]) -> list[x509.Certificate]:
    """Parse DER certificates in their order."""
    return [x509.Certificate.load(der) for der in chain]
