"""Bytes signed with Ed25519 as a compact JWS, and nothing looser (RFC 7515, RFC 9864).

The header holds ``alg`` and ``kid`` and nothing else: no key, no address, no other algorithm.
Must never take a key from the message; whoever verifies brings the keys it trusts, by name.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from kernel.errors import RefutedError

__all__ = [
    "ALGORITHM",
    "AttestationUnsoundError",
    "SignedPayload",
    "base64url",
    "sign_compact",
    "verify_compact",
]

ALGORITHM: Final = "Ed25519"
_GREATEST: Final = 16_384


class AttestationUnsoundError(RefutedError):
    """The attestation is not of this form, not signed by whom we know, or not of this time."""

    code = "attestation_unsound"

    def __init__(self, reason: str, zh: str) -> None:
        """Keep the reason; no claim is repeated."""
        super().__init__(
            f"this attestation of identity proves nothing ({reason}); have the person checked again",
            f"身份核验结果不能采信（{zh}）；请重新核验身份",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPayload:
    """What was signed, and under which trusted key."""

    key_name: str
    key: bytes
    payload: bytes


def sign_compact(payload: bytes, key_name: str, private_key: bytes) -> bytes:
    """A compact JWS over the payload; ``private_key`` is 32 bytes."""
    public = Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": base64url(public), "d": base64url(private_key)}
    )
    header = {"alg": ALGORITHM, "kid": key_name}
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM]).encode()


def verify_compact(content: bytes, keys: Mapping[str, bytes]) -> SignedPayload:
    """Prove that one of the named keys signed, and return what it signed.

    Args:
        content: Compact JWS.
        keys: Public keys, 32 bytes, by name.

    Raises:
        AttestationUnsoundError: Another form, an unknown name, or the signature does not hold.
    """
    if len(content) > _GREATEST:
        raise AttestationUnsoundError("too long", "格式不符")
    try:
        signed = jws.extract_compact(content)
        name = _key_name(signed.headers())
        if name not in keys:
            raise AttestationUnsoundError("an unknown signer", "签署方不在名单内")
        public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": base64url(keys[name])})
        sound = jws.validate_compact(signed, public, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, AttributeError) as problem:
        raise AttestationUnsoundError(type(problem).__name__, "格式不符") from problem
    if not sound:
        raise AttestationUnsoundError("the signature does not hold", "签名不符")
    return SignedPayload(key_name=name, key=keys[name], payload=signed.payload)


def base64url(content: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _key_name(headers: Mapping[str, object]) -> str:
    name = headers.get("kid")
    if set(headers) != {"alg", "kid"} or headers["alg"] != ALGORITHM or not isinstance(name, str):
        raise AttestationUnsoundError("another header", "格式不符")
    return name
