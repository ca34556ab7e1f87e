"""The words of this room: who signs with what, whom a verifier trusts, what was found.

Results are frozen facts. A finding carries a ``Verdict`` for each question it
answers, because a sound signature by a stranger is not a sound signature by a party.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.digests import Digests
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict

__all__ = [
    "Credential",
    "PdfFindings",
    "RevocationSource",
    "SignatureField",
    "SignatureFinding",
    "SignatureTrust",
    "SignerIdentity",
    "SigningKey",
    "TimestampAuthority",
    "TimestampFinding",
]


class SigningKey(Protocol):
    """A private key that signs and never shows itself."""

    def sign(self, message: bytes) -> bytes:
        """ECDSA P-256 with SHA-256 over ``message``; DER-encoded (r, s)."""
        ...

    def destroy(self) -> None:
        """Forget the key; later calls of ``sign`` raise ``KeyDestroyedError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A certificate with its key and its chain, leaf first, DER."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: SigningKey


class TimestampAuthority(Protocol):
    """An RFC 3161 authority."""

    def token(self, message: bytes) -> bytes:
        """A DER TimeStampToken over SHA-256 of ``message``.

        Raises:
            TimestampUnavailableError: No token now; undecided, never a local time.
        """
        ...

    def token_over(self, digest: Bytes32) -> bytes:
        """A DER TimeStampToken over a SHA-256 digest that was made elsewhere.

        Raises:
            TimestampUnavailableError: No token now; undecided, never a local time.
        """
        ...


class RevocationSource(Protocol):
    """Where revocation data for a chain comes from at signing time."""

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """DER CRLs that cover every certificate of the chain but the root."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureField:
    """An empty signature field: name, 1-based page, box in points from the lower left."""

    name: str
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTrust:
    """Roots a verifier trusts, DER. Never taken from the document under test."""

    ca_roots: tuple[bytes, ...]
    tsa_roots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerIdentity:
    """What the certificate says of its holder."""

    common_name: str
    organisation: str | None
    organisation_id: str | None
    """USCC, from organizationIdentifier (OID 2.5.4.97), without the ``USCCCN-`` prefix."""
    serial_number: str
    issuer: str
    certificate_sha256: Bytes32
    not_before_utc: datetime
    not_after_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFinding:
    """One signature of a party.

    Attributes:
        field: Name of the PDF field.
        signer: Holder of the certificate, ``None`` if none could be read.
        integrity: The signed bytes and the CMS agree; nothing inadmissible was added after.
        chain: The certificate leads to a trusted root, valid and unrevoked at the proven moment.
        timestamp: A trusted RFC 3161 token covers this signature.
        timestamp_utc: Time of that token.
        covered_length: Bytes from the start of the file to the end of the signed revision.
        code: Stable word for the first thing that is wrong, else ``ok``.
        detail: One English sentence on it.
    """

    field: str
    signer: SignerIdentity | None
    integrity: Verdict
    chain: Verdict
    timestamp: Verdict
    timestamp_utc: datetime | None
    covered_length: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampFinding:
    """One document timestamp (archive timestamp of B-LTA)."""

    verdict: Verdict
    time_utc: datetime | None
    covered_length: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFindings:
    """All that a PDF's signatures tell, with no network and no opinion on contracts.

    Attributes:
        signatures: In order of their revisions.
        document_timestamps: In order.
        fields: Names of all signature fields, signed or empty.
        executed: Length and digests of the file up to the end of the last signature's revision.
        tail: What follows that revision is only validation data and archive timestamps.
        tail_code: ``ok`` or what is wrong with the tail.
    """

    signatures: tuple[SignatureFinding, ...]
    document_timestamps: tuple[TimestampFinding, ...]
    fields: tuple[str, ...]
    executed: Digests | None
    tail: Verdict
    tail_code: str
