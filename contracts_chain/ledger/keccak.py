"""Keccak-256 as Ethereum uses it: the original padding, not FIPS 202 SHA3-256."""

from __future__ import annotations

from eth_hash.auto import keccak

from kernel.sized_bytes import Bytes32

__all__ = ["keccak256"]


def keccak256(content: bytes) -> Bytes32:
    """Hash the content."""
    return Bytes32(keccak(content))
