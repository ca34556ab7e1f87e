"""The words of this room: who signs with what, whom a verifier trusts, what was found.

Results are frozen facts. A finding carries a ``Verdict`` for each question it
answers, because a sound signature by a stranger is not a sound signature by a party.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from kernel.digests import Digests
from kernel.sized_bytes import Bytes32
from kernel.verdict import Verdict

__all__ = [
    "Credential",
    "Modification",
    "PadesLevel",
    "PdfFindings",
    "RevocationSource",
    "SignatureField",
    "SignatureFinding",
    "SignatureTrust",
    "SignerIdentity",
    "SigningKey",
    "SoleControl",
    "TimeSource",
    "TimestampAuthority",
    "TimestampFinding",
]


class SoleControl(Enum):
    """How the holder of a signing key showed that nobody else could use it (电子签名法 art. 13(2))."""

    PASSKEY = "passkey"
    """A WebAuthn assertion over the very document: the higher level."""
    TOTP = "totp"
    """Digits of an authenticator app: the lower level."""
    ONE_TIME_CODE = "one_time_code"
    """A code sent to the attested phone: the lower level."""
    OWN_KEY = "own_key"
    """The holder's own token or browser signed; the key was never here."""
    CUSTODIAN = "custodian"
    """A seal of an organisation, used by its custodian after approval."""

    @property
    def is_lower(self) -> bool:
        """Whether certificate, package and report must say that this is the lower level."""
        return self in {SoleControl.TOTP, SoleControl.ONE_TIME_CODE}

    @property
    def zh(self) -> str:
        """The words on reports and screens."""
        return {
            SoleControl.PASSKEY: "通行密钥",
            SoleControl.TOTP: "验证器动态码（较低等级）",
            SoleControl.ONE_TIME_CODE: "短信签署码（较低等级）",
            SoleControl.OWN_KEY: "签署人自持密钥",
            SoleControl.CUSTODIAN: "印章保管人用印",
        }[self]


class SigningKey(Protocol):
    """A private key that signs and never shows itself."""

    def sign(self, message: bytes) -> bytes:
        """Sign ``message`` with SHA-256: ECDSA P-256 as DER (r, s), or RSASSA-PKCS1-v1_5.

        Raises:
            KeyDestroyedError: The key is gone.
            FaultError: The device that holds the key refuses or is broken.
            UndecidedError: The device or service does not answer now.
        """
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
    sm2_roots: tuple[bytes, ...] = ()
    """Authorities that issue signers' SM2 certificates directly (GB/T 38540 step 3)."""
    seal_maker_roots: tuple[bytes, ...] = ()
    """Authorities that issue seal makers' certificates directly (GB/T 38540 step 2)."""


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
    sole_control: SoleControl | None = None
    """How the holder controlled the key, by the certificate's policy; ``None`` if it names no level."""


class TimeSource(Enum):
    """What shows when a signature existed at the latest."""

    SIGNATURE_TOKEN = "signature_token"  # noqa: S105 - a timestamp token, no secret
    """A token over this signature's value, inside it."""
    DOCUMENT_TIMESTAMP = "document_timestamp"
    """The earliest sound document timestamp whose bytes include it: added later, or an archive's."""
    NONE = "none"
    """Nothing yet: the timestamp is pending."""


class PadesLevel(Enum):
    """How far a signature is provided for, by what is in the file (EN 319 142-1 §6.3)."""

    B_B = "B-B"
    """Signed, no time proven."""
    B_T = "B-T"
    """Its time is proven."""
    B_LT = "B-LT"
    """And its chain can be judged from the file alone."""
    B_LTA = "B-LTA"
    """And a sound document timestamp keeps all of it."""


class Modification(Enum):
    """The gravest kind of change after a signature, seen between revisions of the file."""

    NONE = "none"
    ARCHIVE = "archive"
    """Validation data and document timestamps."""
    SIGNATURES = "signatures"
    """Further signatures, with their seams."""
    FORM_FILLING = "form_filling"
    """Other form fields, admissible in files of others only."""
    OTHER = "other"
    """Anything else: another document than the signed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFinding:
    """One signature of a party.

    Integrity, identity (``chain`` and ``signer``), authority (``signer.sole_control``), time and
    status (``modification``) are answers of their own; none stands for another.

    Attributes:
        field: Name of the PDF field.
        signer: Holder of the certificate, ``None`` if none could be read.
        integrity: The signed bytes and the CMS agree; nothing inadmissible was added after.
        chain: The certificate leads to a trusted root, valid and unrevoked at the proven moment.
        timestamp: A trusted RFC 3161 token covers this signature.
        timestamp_utc: Time of that token.
        time_source: Whether that token is the signature's own or a document timestamp.
        level: How far the file provides for this signature.
        modification: What happened to the document after it.
        covered_length: Bytes from the start of the file to the end of the signed revision.
        code: Stable word for the first thing that is wrong, else ``ok``.
        detail: One English sentence on it.
        integrity_code: The same word for integrity alone; so the next two.
    """

    field: str
    signer: SignerIdentity | None
    integrity: Verdict
    chain: Verdict
    timestamp: Verdict
    timestamp_utc: datetime | None
    time_source: TimeSource
    level: PadesLevel
    modification: Modification
    covered_length: int
    code: str
    detail: str
    integrity_code: str
    chain_code: str
    timestamp_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampFinding:
    """One document timestamp (archive timestamp of B-LTA)."""

    verdict: Verdict
    time_utc: datetime | None
    covered_length: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFinding:
    """What the first signature was put on, and what its own revision did to it.

    Attributes:
        ends: Where the bytes that stood before it end, white space behind them excluded.
        resumes: Where the first signature's own revision begins.
        verdict: That revision fills the signature's field and its seams, and changes nothing else.
        code: ``ok`` or what is wrong with it.
    """

    ends: int
    resumes: int
    verdict: Verdict
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
        opening: What the first signature was put on; ``None`` in files of others, and where nothing
            stood before it or that cannot be told.
        foreign: No signature even claims a root of the trust bundle: a file of others, to which
            the rules of our contracts were not applied.
    """

    signatures: tuple[SignatureFinding, ...]
    document_timestamps: tuple[TimestampFinding, ...]
    fields: tuple[str, ...]
    executed: Digests | None
    tail: Verdict
    tail_code: str
    opening: OpeningFinding | None
    foreign: bool
