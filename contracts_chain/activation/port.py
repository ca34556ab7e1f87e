"""The activation process, the only place where a signer's key can be used, seen from the deeds.

Sole control is a process boundary (DESIGN decision 16, 电子签名法 art. 13(2)): the other side
knows each signer by an attested identity, sends its codes itself, checks each factor itself
and signs nothing but documents that begin with the bytes the signer agreed to. Neither the
service, its administrator nor the database can make it sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from contracts_chain.evidence.will import Release, SignerRef, WillRequest
from kernel.canonical_json import JsonObject
from kernel.sized_bytes import Bytes32

__all__ = [
    "Activation",
    "CodeFactor",
    "CodeIssued",
    "OwnKeyProof",
    "PasskeyFactor",
    "SignatureOrder",
    "SignedField",
    "SignerStanding",
    "TotpFactor",
    "WillFactor",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerStanding:
    """What the activation process knows of a signer.

    Attributes:
        attested_utc: When a provider or two hall clerks vouched for the person; ``None`` if nobody
            did, or too long ago.
        method: How, e.g. ``carrier_three_elements`` or ``hall_review``; empty without attestation.
        attestation_sha256: Digest of that attestation, which the service keeps as evidence.
        phone: Masked, ``138****5678``; codes go nowhere else.
        passkeys: How many are registered.
        has_totp: Whether an authenticator app is.
    """

    attested_utc: datetime | None
    method: str
    attestation_sha256: Bytes32 | None
    phone: str
    passkeys: int
    has_totp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIssued:
    """A code is on its way from the activation process to the attested phone."""

    expires_utc: datetime
    attempts_left: int
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFactor:
    """The six digits of the text message."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpFactor:
    """The six digits of an authenticator app (RFC 6238)."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyFactor:
    """A WebAuthn assertion as the browser's JSON (``PublicKeyCredential.toJSON``)."""

    assertion: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeyProof:
    """That a person holds a key and the attested phone (``own_keys.own_key_request``).

    Attributes:
        code: From ``send_enrolment_code``.
        signature: Of the key over the request; RSA, ECDSA in DER, or a browser's 64 bytes.
    """

    code: str
    signature: bytes


WillFactor: TypeAlias = CodeFactor | TotpFactor | PasskeyFactor


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOrder:
    """One field of one released document to be signed now.

    Attributes:
        base: The newest revision; must begin with the released bytes and hold nothing but signatures since.
        appearance: One-page PDF that becomes the visible hand or seal.
        seams: Names of this seal's seam fields in the order of pages; empty without 骑缝章.
        certify: True for the first signature of a document only.
    """

    ceremony: str
    number: str
    field: str
    base: bytes
    appearance: bytes
    seams: tuple[str, ...]
    reason: str
    location: str
    certify: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedField:
    """The next revision.

    Attributes:
        pdf: Begins with the order's base, byte for byte.
        pending: True where no authority gave a token: B-B, timestamp pending.
        ses: GB/T 38540 SES_Signature of a seal over the same content, DER; ``None`` for a hand.
    """

    pdf: bytes
    pending: bool
    ses: bytes | None


class Activation(Protocol):
    """Every method may raise ``ActivationUnavailableError``: nobody knows; ask again."""

    @property
    def certifies_own_keys(self) -> bool:
        """Whether ``certify_own_key`` is to be had: an authority elsewhere certifies no keys of holders."""
        ...

    def standing(self, signer: SignerRef) -> SignerStanding:
        """What is known of a person; of a stranger, an empty standing."""
        ...

    def enrol(self, attestation: bytes) -> SignerStanding:
        """Take a signed attestation of identity and phone.

        Raises:
            AttestationRefusedError: Not signed by a known provider or by two hall clerks, or stale.
        """
        ...

    def send_code(self, request: WillRequest) -> CodeIssued:
        """Draw a code bound to the request and send it to the attested phone.

        Raises:
            NotEnrolledError: The person's identity was never attested.
            CodesUsedUpError: This ceremony has had its codes; wait, or use another factor.
        """
        ...

    def passkey_options(self, request: WillRequest) -> JsonObject:
        """Options for ``navigator.credentials.get``; the challenge is the request's.

        Raises:
            NotEnrolledError: No passkey is registered for the person.
        """
        ...

    def release(self, request: WillRequest, factor: WillFactor) -> Release:
        """Check the factor against the very request; a second call after success gives the same release.

        Raises:
            WrongCodeError: Says how many tries are left.
            CodeExpiredError: No valid code is outstanding, or it was for another request.
            AssertionRefusedError: Not this person's passkey, or not over this request.
        """
        ...

    def released(self, ceremony: str) -> Release | None:
        """The release of a ceremony, if there is one; what a crash may have left unnoticed."""
        ...

    def sign(self, order: SignatureOrder) -> SignedField:
        """Sign one released field; the same order gives the very same bytes again.

        Raises:
            NotReleasedError: The signer never agreed to this field of this document.
            DocumentChangedError: The base begins with other bytes, or holds more than signatures.
            HandedOverError: It was signed, and given up here after ``settled``; nothing is signed twice.
        """
        ...

    def settled(self, ceremony: str, number: str) -> None:
        """Note that the service has stored all that was signed under a release on one contract.

        Its results are given up ``results_days`` later. A repeated call changes nothing.
        """
        ...

    def new_passkey_options(self, signer: SignerRef, code: str) -> JsonObject:
        """Options for ``navigator.credentials.create``; ``code`` was sent by ``send_enrolment_code``."""
        ...

    def add_passkey(self, signer: SignerRef, credential: JsonObject) -> SignerStanding:
        """Register the credential that the browser made from those options."""
        ...

    def send_enrolment_code(self, signer: SignerRef) -> CodeIssued:
        """A code to the attested phone that only registers a passkey or an authenticator app."""
        ...

    def new_totp(self, signer: SignerRef, code: str) -> str:
        """``otpauth://`` address of a fresh secret, not in force before it is confirmed."""
        ...

    def confirm_totp(self, signer: SignerRef, code: str) -> SignerStanding:
        """Put the secret in force with its first digits."""
        ...

    def certify_own_key(
        self, signer: SignerRef, public_key_der: bytes, proof: OwnKeyProof
    ) -> tuple[bytes, ...]:
        """A TEST certificate in the person's name over a key of its own, with those above it, leaf first.

        Raises:
            OwnKeyNotCertifiedError: Not ``certifies_own_keys``.
            UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
            WrongSignatureError: The key did not sign this request.
            NotEnrolledError: The person's identity was never attested.
            CodeExpiredError: No enrolment code is outstanding.
            WrongCodeError: Other digits.
        """
        ...
