"""Byte strings that carry their length, so that look-alike hashes cannot be swapped.

Decides: a hash is not "some bytes". Each kind has a class of its own; mypy refuses
a block hash where a leaf hash is due, and the constructor refuses a wrong length.
"""

from __future__ import annotations

from typing import ClassVar, Self

__all__ = ["Address", "BlockHash", "Bytes32", "LeafHash", "RootHash", "Salt", "SizedBytes", "TransactionHash"]


class SizedBytes(bytes):
    """Immutable bytes of one fixed length; subclasses set ``LENGTH``."""

    LENGTH: ClassVar[int] = 0
    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:
        """Refuse any other length than ``LENGTH`` bytes.

        Raises:
            ValueError: The value has another length; a fault of the caller, not of a document.
        """
        if len(value) != cls.LENGTH:
            raise ValueError(f"{cls.__name__} takes {cls.LENGTH} bytes, got {len(value)}")
        return super().__new__(cls, value)

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read lower- or upper-case hex, with or without ``0x``."""
        return cls(bytes.fromhex(text.removeprefix("0x")))

    def hex0x(self) -> str:
        """Lower-case hex with ``0x``, as Ethereum writes it."""
        return "0x" + self.hex()

    def __repr__(self) -> str:
        """Show kind and value, never a bare byte string."""
        return f"{type(self).__name__}({self.hex()})"


class Bytes32(SizedBytes):
    """Any 32 bytes whose meaning the name beside it tells."""

    LENGTH = 32
    __slots__ = ()


class LeafHash(Bytes32):
    """SHA-256(0x00 ‖ canonical record), RFC 9162 §2.1.1."""

    __slots__ = ()


class RootHash(Bytes32):
    """Root of the Merkle log at one size, RFC 9162 §2.1.1."""

    __slots__ = ()


class Salt(Bytes32):
    """Random bytes that keep a record's hash unguessable (DESIGN decision 12)."""

    __slots__ = ()


class BlockHash(Bytes32):
    """Hash of a block by Besu's QBFT rule (keccak over round 0 and no seals)."""

    __slots__ = ()


class TransactionHash(Bytes32):
    """keccak of the signed transaction bytes."""

    __slots__ = ()


class Address(SizedBytes):
    """A 20-byte account or contract address."""

    LENGTH = 20
    __slots__ = ()
