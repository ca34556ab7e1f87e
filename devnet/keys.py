"""An operator's secret key on disk: one file in its own directory, readable by its owner only.

Keys are drawn fresh for every directory: nothing in a header or seal names the chain,
so a key shared by two chains would make a test header pass on the other
(reference chain.md §7). Must never print or log a secret.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from coincurve import PrivateKey

from devnet.errors import foreign_chain
from devnet.seals import address_of
from kernel.sized_bytes import Address

__all__ = ["OPERATORS", "ValidatorKey", "draw_key", "load_key"]

OPERATORS = ("utility", "notary", "court", "ca", "forensic", "trading", "tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorKey:
    """One operator's signing key with its address."""

    operator: str
    address: Address
    secret: PrivateKey

    @classmethod
    def of(cls, secret: PrivateKey, operator: str) -> Self:
        """Name a key."""
        return cls(operator=operator, address=address_of(secret.public_key), secret=secret)

    def __repr__(self) -> str:
        """Operator and address; never the secret."""
        return f"ValidatorKey({self.operator}, {self.address.hex0x()})"


def draw_key(directory: Path) -> PrivateKey:
    """Return the directory's key, drawing and storing one (mode 0600) if there is none.

    A key left by a start that died before its genesis was written is taken up again.

    Raises:
        ForeignChainError: The file is not 32 bytes of hex.
        OSError: It cannot be written.
    """
    path = directory / "key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_secret(path, PrivateKey())
    return load_key(directory)


def load_key(directory: Path) -> PrivateKey:
    """Read an existing key.

    Raises:
        ForeignChainError: The file is missing or is not 32 bytes of hex.
    """
    path = directory / "key"
    try:
        return PrivateKey(bytes.fromhex(path.read_text("ascii").strip()))
    except (OSError, ValueError) as problem:
        raise foreign_chain(
            directory, en="the operator's key is missing or unreadable", zh="运营方的密钥缺失或无法读取"
        ) from problem


def _write_secret(path: Path, secret: PrivateKey) -> None:
    neighbour = path.with_name(".key.part")
    neighbour.unlink(missing_ok=True)
    descriptor = os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secret.to_hex() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    neighbour.replace(path)
