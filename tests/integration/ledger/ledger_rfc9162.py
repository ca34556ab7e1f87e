"""The tree of RFC 9162 by its own recursive definition (§2.1.1, §2.1.4.1): an oracle, not our code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

from kernel.sized_bytes import Bytes32, RootHash


def leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> RootHash:
    if len(leaves) == 1:
        return RootHash(leaves[0])
    k = split(len(leaves))
    return RootHash(node(root(leaves[:k]), root(leaves[k:])))


def consistency(first: int, leaves: Sequence[bytes]) -> list[Bytes32]:
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[Bytes32]:
    size = len(leaves)
    if first == size:
        return [] if whole else [Bytes32(root(leaves))]
    k = split(size)
    if first <= k:
        return [*_subproof(first, leaves[:k], whole=whole), Bytes32(root(leaves[k:]))]
    return [*_subproof(first - k, leaves[k:], whole=False), Bytes32(root(leaves[:k]))]


def log(name: str, size: int) -> list[bytes]:
    return [leaf(f"{name} {place}".encode()) for place in range(size)]


@cache
def alike_root(size: int) -> RootHash:
    """Root of a log whose leaves are all alike, without building it."""
    if size == 1:
        return RootHash(b"\x09" * 32)
    k = split(size)
    return RootHash(node(alike_root(k), alike_root(size - k)))


def alike_consistency(first: int, size: int, *, whole: bool = True) -> list[Bytes32]:
    """Consistency proof in such a log."""
    if first == size:
        return [] if whole else [Bytes32(alike_root(size))]
    k = split(size)
    if first <= k:
        return [*alike_consistency(first, k, whole=whole), Bytes32(alike_root(size - k))]
    return [*alike_consistency(first - k, size - k, whole=False), Bytes32(alike_root(k))]
