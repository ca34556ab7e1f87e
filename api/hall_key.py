"""``contracts-chain hall-key`` and ``hall-sign``: a hall clerk's own key, on the clerk's machine.

The private key is one file of mode 0600 and leaves it never; the line that ``hall-key`` prints goes
into the activation process's configuration by hand of whoever keeps that, not of the service.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.agreements.identity.attestation import sign_hall_claims
from kernel.errors import FaultError, RejectedError

__all__ = ["HallKeyExistsError", "HallKeyUnreadableError", "make_hall_key", "sign_claims_file"]

_GREATEST: int = 16_384


class HallKeyExistsError(RejectedError):
    """A key is never written over."""

    code = "hall_key_exists"

    def __init__(self, path: Path) -> None:
        """Name the file."""
        super().__init__(
            f"{path} exists; choose another name, a key is never replaced",
            f"{path} 已存在；请另取文件名，不得覆盖已有密钥",
        )


class HallKeyUnreadableError(FaultError):
    """The key or the claims cannot be read or written."""

    code = "hall_key_unreadable"

    def __init__(self, path: Path) -> None:
        """Name the file."""
        super().__init__(
            f"{path} cannot be used; check the name and the rights of the file",
            f"{path} 无法使用；请检查文件名和权限",
        )


def make_hall_key(path: Path) -> str:
    """Make a key file of mode 0600 and return the public key in hex.

    Raises:
        HallKeyExistsError: The file is there.
        HallKeyUnreadableError: It cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as problem:
        raise HallKeyExistsError(path) from problem
    except OSError as problem:
        raise HallKeyUnreadableError(path) from problem
    with contextlib.closing(os.fdopen(descriptor, "w", encoding="ascii")) as stream:
        stream.write(key.private_bytes_raw().hex() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key.public_key().public_bytes_raw().hex()


def sign_claims_file(claims: Path, key: Path, clerk: str) -> str:
    """One line to hand in: this clerk's signature over the downloaded claims.

    Raises:
        HallKeyUnreadableError: A file cannot be read, or is no key.
        AttestationUnsoundError: The file holds no claims of a hall.
    """
    try:
        private = bytes.fromhex(key.read_text("ascii").strip())
        Ed25519PrivateKey.from_private_bytes(private)
    except (OSError, ValueError) as problem:
        raise HallKeyUnreadableError(key) from problem
    try:
        with claims.open("rb") as stream:
            payload = stream.read(_GREATEST)
    except OSError as problem:
        raise HallKeyUnreadableError(claims) from problem
    return sign_hall_claims(payload, clerk, private).decode()
