"""SM2 keys by their trade: the Z value, SM3 with and without it, and keys sealed at rest.

Decides what enters a digest (GB/T 32918.2 §5.5): Z binds a message to a curve, a public key and a
distinguishing ID. Vendors hash documents and certificates with or without it (GB/T 38540
practice), so both ways have a name here and a verifier says which it found.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final, Self

from asn1crypto import core, keys

from kernel.atomic_file import write_atomically
from kernel.digests import sm3
from kernel.sized_bytes import Bytes32
from signing.key_encryption import KeyEncryptionKey
from signing.sm2_libcrypto import DEFAULT_ID, Sm2KeyUnreadableError, Sm2PrivateKey
from signing.software_key import KeyDestroyedError, UnreadableKeyError

__all__ = ["SM2_CURVE", "SM2_WITH_SM3", "DigestForm", "Sm2Key", "digest_form", "z_value"]

SM2_CURVE: Final = "1.2.156.10197.1.301"
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"
_CURVE: Final = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
"""a, b, xG, yG of sm2p256v1 (GB/T 32918.5 §2)."""


class DigestForm(Enum):
    """How a digest was made."""

    PLAIN = "sm3"
    WITH_Z = "sm3_with_z"

    @property
    def en(self) -> str:
        """The words in a sentence."""
        return "SM3 without Z" if self is DigestForm.PLAIN else "SM3 with Z"

    @property
    def zh(self) -> str:
        """The words in a sentence."""
        return "SM3，不含 Z 值" if self is DigestForm.PLAIN else "SM3，含 Z 值"


def z_value(public_key_der: bytes, signer_id: bytes = DEFAULT_ID) -> Bytes32:
    """SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA), GB/T 32918.2 §5.5.

    Args:
        public_key_der: SubjectPublicKeyInfo with an uncompressed point.
        signer_id: Distinguishing ID, at most 8191 bytes.

    Raises:
        Sm2KeyUnreadableError: Not such a key.
    """
    return sm3((len(signer_id) * 8).to_bytes(2) + signer_id + _CURVE + _point(public_key_der))


def digest_form(content: bytes, digest: bytes, public_keys_der: tuple[bytes, ...]) -> DigestForm | None:
    """Which way ``digest`` was made from ``content``; ``None`` if neither fits.

    Args:
        content: The bytes.
        digest: What was claimed of them.
        public_keys_der: Keys whose Z value, under the default ID, may have been put in front.
    """
    if digest == sm3(content):
        return DigestForm.PLAIN
    if any(digest == sm3(z_value(key) + content) for key in public_keys_der):
        return DigestForm.WITH_Z
    return None


class Sm2Key:
    """An SM2 private key in this process; its seal at rest is ours, its arithmetic libcrypto's."""

    __slots__ = ("_private", "_public_der")

    def __init__(self, private: Sm2PrivateKey) -> None:
        """Take the key."""
        self._private: Sm2PrivateKey | None = private
        self._public_der = private.public_der()

    @classmethod
    def generate(cls) -> Self:
        """A fresh key.

        Raises:
            Sm2UnavailableError: No SM2 on this machine.
        """
        return cls(Sm2PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, kek: KeyEncryptionKey) -> Self:
        """Read what ``save`` wrote; the file's name is part of the seal.

        Raises:
            UnreadableKeyError: No file, or no key inside.
            OtherKeyEncryptionKeyError: Sealed under another key.
            EnvelopeDamagedError: Changed, or moved to another name.
        """
        try:
            sealed = path.read_bytes()
        except OSError as problem:
            raise UnreadableKeyError(path) from problem
        try:
            return cls(Sm2PrivateKey.read(kek.unseal(path.name, sealed)))
        except Sm2KeyUnreadableError as problem:
            raise UnreadableKeyError(path) from problem

    def save(self, path: Path, kek: KeyEncryptionKey) -> None:
        """Write the key sealed under ``kek``, readable by the owner only.

        Raises:
            KeyDestroyedError: The key is gone.
            FaultError: The folder cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, kek.seal(path.name, self._held().private_der()))
        path.chmod(0o600)

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER; still known after ``destroy``."""
        return self._public_der

    def sign(self, message: bytes) -> bytes:
        """SM2 over SM3(Z ‖ message) under the default ID; DER (r, s).

        Raises:
            KeyDestroyedError: The key is gone.
        """
        return self._held().sign(message)

    def destroy(self) -> None:
        """Forget the key."""
        if self._private is not None:
            self._private.forget()
        self._private = None

    def _held(self) -> Sm2PrivateKey:
        if self._private is None:
            raise KeyDestroyedError
        return self._private


def _point(public_key_der: bytes) -> bytes:
    try:
        known = keys.PublicKeyInfo.load(public_key_der, strict=True)
        named = known["algorithm"]["parameters"].chosen
        point = bytes(known["public_key"])
    except (ValueError, TypeError, KeyError) as problem:
        raise Sm2KeyUnreadableError from problem
    if not isinstance(named, core.ObjectIdentifier) or named.dotted != SM2_CURVE or len(point) != 65:
        raise Sm2KeyUnreadableError
    return point[1:]
