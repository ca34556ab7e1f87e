"""P-256 keys in memory, and their sealed form on disk for the test authorities.

A signer's key lives for one ceremony and is destroyed after it (电子签名法 art. 13(1):
creation data exclusive to the signer). The module must never write a private key
unencrypted, nor hand one out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kernel.atomic_file import write_atomically
from kernel.errors import FaultError, RejectedError
from signing.key_encryption import EnvelopeDamagedError, KeyEncryptionKey, OtherKeyEncryptionKeyError

__all__ = ["KeyDestroyedError", "SoftwareKey", "UnreadableKeyError"]


class KeyDestroyedError(RejectedError):
    """The ceremony that owned this key is over."""

    code = "key_destroyed"

    def __init__(self) -> None:
        """One sentence; nothing about the key is kept."""
        super().__init__(
            "this signing key has been destroyed; begin a new signing ceremony",
            "该签名私钥已销毁；请重新发起签署",
        )


class UnreadableKeyError(FaultError):
    """The key file is missing, damaged, of another kind, or its key-encryption key is another one."""

    code = "unreadable_key"

    def __init__(self, path: Path) -> None:
        """Keep the path, which is all a restorer needs."""
        super().__init__(
            f"cannot open the key file {path}; restore it or supply its key-encryption key",
            f"无法打开密钥文件 {path}；请恢复该文件或提供正确的密钥加密密钥",
        )
        self.path = path


class SoftwareKey:
    """A P-256 private key in this process; implements ``SigningKey``."""

    __slots__ = ("_private", "_public_der")

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        """Take a P-256 key.

        Raises:
            ValueError: Another curve.
        """
        if not isinstance(private.curve, ec.SECP256R1):
            raise ValueError("only P-256 keys are used here")  # noqa: TRY004 - the value is wrong, not its type
        self._private: ec.EllipticCurvePrivateKey | None = private
        self._public_der = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh key from the system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, path: Path, kek: KeyEncryptionKey) -> Self:
        """Read what ``save`` wrote under this very file name.

        Raises:
            UnreadableKeyError: No file, damaged or renamed file, or another ``kek``.
            FaultError: The token that holds the key-encryption key does not answer.
        """
        try:
            plain = kek.unseal(path.name, path.read_bytes())
            private = serialization.load_der_private_key(plain, password=None)
        except (OSError, EnvelopeDamagedError, OtherKeyEncryptionKeyError, ValueError) as problem:
            raise UnreadableKeyError(path) from problem
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise UnreadableKeyError(path)
        return cls(private)

    def save(self, path: Path, kek: KeyEncryptionKey) -> None:
        """Write PKCS #8 DER sealed under ``kek`` and the file's name, readable by the owner only.

        Raises:
            KeyDestroyedError: The key is gone.
            FaultError: The folder cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        plain = self.private_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_atomically(path, kek.seal(path.name, plain))
        path.chmod(0o600)

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER; still known after ``destroy``."""
        return self._public_der

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """For issuing certificates and lists within this room only.

        Raises:
            KeyDestroyedError: The key is gone.
        """
        if self._private is None:
            raise KeyDestroyedError
        return self._private

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256 over ``message``; DER-encoded (r, s).

        Raises:
            KeyDestroyedError: The key is gone.
        """
        return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))

    def destroy(self) -> None:
        """Forget the key."""
        self._private = None
