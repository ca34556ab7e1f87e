"""A passkey's assertion checked offline, with nothing but ``cryptography`` (WebAuthn L2 §7.2).

Decides that one credential, in one user's hand and after that user was verified, signed one
challenge for one relying party. Whether the credential belongs to the person is what the
activation process vouches for. Steps of §7.2 are cited where they are taken.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from contracts_chain.evidence.strict_fields import Fields
from kernel.canonical_json import JsonObject, parse_json
from kernel.digests import sha256
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32

__all__ = ["AssertionRefutedError", "PasskeyAssertion"]

_USER_PRESENT = 0x01
_USER_VERIFIED = 0x04
_SHORTEST_DATA = 37


class AssertionRefutedError(RefutedError):
    """The assertion does not prove that this passkey signed this statement."""

    code = "passkey_assertion"

    def __init__(self, reason: str) -> None:
        """Name the step that fails."""
        super().__init__(
            f"the passkey assertion does not cover this statement ({reason}); do not rely on this signature",
            f"通行密钥的确认与该陈述不符（{reason}）；请勿依赖该签名",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAssertion:
    """What the authenticator returned, byte for byte, and the key it was registered with.

    Attributes:
        rp_id: Relying party the key is registered for.
        credential_id: As the authenticator named it.
        public_key: SubjectPublicKeyInfo, DER, so that ``openssl`` reads it too.
        authenticator_data: Flags and counter, signed.
        client_data: ``clientDataJSON`` as the browser wrote it.
        signature: Over authenticator data and SHA-256 of the client data.
    """

    rp_id: str
    credential_id: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def as_json(self) -> JsonObject:
        """Members by name; bytes in base64."""
        return {
            "authenticator_data": _text(self.authenticator_data),
            "client_data": _text(self.client_data),
            "credential_id": _text(self.credential_id),
            "public_key": _text(self.public_key),
            "rp_id": self.rp_id,
            "signature": _text(self.signature),
        }

    @classmethod
    def read(cls, fields: Fields) -> PasskeyAssertion:
        """Read what ``as_json`` gives.

        Raises:
            MalformedEvidenceError: Another form.
            AssertionRefutedError: Not base64.
        """
        found = cls(
            rp_id=fields.text("rp_id"),
            credential_id=_bytes(fields.text("credential_id")),
            public_key=_bytes(fields.text("public_key")),
            authenticator_data=_bytes(fields.text("authenticator_data")),
            client_data=_bytes(fields.text("client_data")),
            signature=_bytes(fields.text("signature")),
        )
        fields.finish()
        return found

    def verify(self, challenge: Bytes32) -> None:
        """Prove that the passkey signed this challenge.

        Raises:
            AssertionRefutedError: Names the step that fails.
        """
        self._verify_client_data(challenge)  # steps 11 to 13
        data = self.authenticator_data
        if len(data) < _SHORTEST_DATA or data[:32] != sha256(self.rp_id.encode()):  # step 15
            raise AssertionRefutedError("another relying party")
        if not data[32] & _USER_PRESENT:  # step 16
            raise AssertionRefutedError("nobody was present")
        if not data[32] & _USER_VERIFIED:  # step 17
            raise AssertionRefutedError("the user was not verified")
        self._verify_signature(data + sha256(self.client_data))  # steps 19 and 20

    def _verify_client_data(self, challenge: Bytes32) -> None:
        try:
            told = parse_json(self.client_data)
        except (ValueError, RecursionError) as problem:
            raise AssertionRefutedError("client data cannot be read") from problem
        if not isinstance(told, dict) or told.get("type") != "webauthn.get":
            raise AssertionRefutedError("not an assertion")
        if told.get("challenge") != base64.urlsafe_b64encode(challenge).rstrip(b"=").decode():
            raise AssertionRefutedError("another challenge")
        host = urlsplit(str(told.get("origin", ""))).hostname or ""
        if host != self.rp_id and not host.endswith(f".{self.rp_id}"):
            raise AssertionRefutedError("another origin")
        if told.get("crossOrigin", False) is not False:
            raise AssertionRefutedError("asked for by a foreign page")

    def _verify_signature(self, message: bytes) -> None:
        try:
            key = load_der_public_key(self.public_key)
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self.signature, message, ec.ECDSA(hashes.SHA256()))
            elif isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(self.signature, message)
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(self.signature, message, padding.PKCS1v15(), hashes.SHA256())
            else:
                raise AssertionRefutedError("a kind of key that no passkey has")
        except (InvalidSignature, ValueError) as problem:
            raise AssertionRefutedError("the signature does not hold") from problem


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise AssertionRefutedError("not base64") from problem
