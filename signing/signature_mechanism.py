"""Which keys may sign here, and what their signatures look like.

Decides: P-256 with SHA-256 (DER-encoded r and s) by default; RSA of 2048 to 4096 bits with SHA-256
and PKCS #1 v1.5 padding for tokens and remote services that offer nothing else. Nothing smaller or
other is certified or used (rule V10).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kernel.errors import RejectedError

__all__ = [
    "UnsuitableKeyError",
    "WrongSignatureError",
    "greatest_signature",
    "proven_signature",
    "signing_public_key",
    "verify_raw_signature",
]

GREATEST_P256_SIGNATURE = 72
"""DER SEQUENCE of two INTEGERs of at most 33 bytes."""
PLAIN_P256_SIGNATURE = 64
"""r and s as they are, 32 bytes each: browsers (Web Cryptography) and some remote services."""
RSA_BITS = range(2048, 4097)


class UnsuitableKeyError(RejectedError):
    """The key is of a kind or size that does not sign here."""

    code = "unsuitable_key"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "this key does not sign here; use a P-256 key, or RSA of 2048 to 4096 bits",
            "该密钥不能用于签名；请使用 P-256 密钥，或 2048 至 4096 位的 RSA 密钥",
        )


class WrongSignatureError(RejectedError):
    """The signature was not made over these bytes with the key of this certificate."""

    code = "wrong_signature"

    def __init__(self) -> None:
        """One sentence; nothing was made."""
        super().__init__(
            "the signature was not made by the certificate's key over what was to be signed; sign once more",
            "该签名并非以证书对应的私钥对待签内容作出；请重新签名",
        )


def signing_public_key(public_key_der: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """Read a SubjectPublicKeyInfo, DER.

    Raises:
        UnsuitableKeyError: Unreadable, or neither P-256 nor RSA of 2048 to 4096 bits.
    """
    try:
        key = load_der_public_key(public_key_der)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise UnsuitableKeyError from problem
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
        return key
    raise UnsuitableKeyError


def greatest_signature(public_key_der: bytes) -> int:
    """Bytes of the longest signature this key can make.

    Raises:
        UnsuitableKeyError: Not a key that signs here.
    """
    key = signing_public_key(public_key_der)
    return key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else GREATEST_P256_SIGNATURE


def verify_raw_signature(public_key_der: bytes, signature: bytes, message: bytes) -> None:
    """Prove that the key signed ``message`` with SHA-256.

    Raises:
        UnsuitableKeyError: Not a key that signs here.
        WrongSignatureError: Another key, another message, or no signature at all.
    """
    key = signing_public_key(public_key_der)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as problem:
        raise WrongSignatureError from problem


def proven_signature(public_key_der: bytes, signature: bytes, message: bytes) -> bytes:
    """A signature that came from elsewhere, in the form a CMS holds (ECDSA: DER), proven to be right.

    Args:
        public_key_der: Of the key that should have signed.
        signature: RSA, ECDSA in DER, or r and s in 64 plain bytes.
        message: What was to be signed, with SHA-256.

    Raises:
        UnsuitableKeyError: Not a key that signs here.
        WrongSignatureError: Another key, another message, or no signature at all.
    """
    try:
        verify_raw_signature(public_key_der, signature, message)
    except WrongSignatureError:
        if len(signature) != PLAIN_P256_SIGNATURE:
            raise
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        signature = encode_dss_signature(r, s)
        verify_raw_signature(public_key_der, signature, message)
    return signature
