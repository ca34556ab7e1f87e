"""The two digests of every piece of evidence: SHA-256 and SM3 (DESIGN decision 13).

A document is identified by its length and both digests, so that it outlives either
algorithm and meets the domestic one (GB/T 32905).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kernel.sized_bytes import Bytes32

__all__ = ["Digests", "digests_of", "sha256", "sm3"]


def sha256(content: bytes) -> Bytes32:
    """SHA-256 (FIPS 180-4) of the content."""
    return Bytes32(hashlib.sha256(content).digest())


def sm3(content: bytes) -> Bytes32:
    """SM3 (GB/T 32905) of the content, by the interpreter's OpenSSL."""
    return Bytes32(hashlib.new("sm3", content).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Length in bytes and both digests of one exact byte string."""

    length: int
    sha256: Bytes32
    sm3: Bytes32

    def as_json(self) -> dict[str, str | int]:
        """The form kept in records: lower-case hex without prefix."""
        return {"length": self.length, "sha256": self.sha256.hex(), "sm3": self.sm3.hex()}


def digests_of(content: bytes) -> Digests:
    """Measure one byte string."""
    return Digests(length=len(content), sha256=sha256(content), sm3=sm3(content))
