"""The tree of RFC 9162 by its own recursion (§2.1.1, §2.1.3.1, §2.1.4.1): an oracle, not our code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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


def inclusion(index: int, leaves: Sequence[bytes]) -> list[Bytes32]:
    """The path of §2.1.3.1, lowest level first."""
    size = len(leaves)
    if size == 1:
        return []
    k = split(size)
    if index < k:
        return [*inclusion(index, leaves[:k]), Bytes32(root(leaves[k:]))]
    return [*inclusion(index - k, leaves[k:]), Bytes32(root(leaves[:k]))]


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


class MarkedLog:
    """A log whose leaves are all alike but a few, of any size, without building it."""

    def __init__(self, size: int, marks: Mapping[int, bytes]) -> None:
        self.size = size
        self._marks = marks
        self._known: dict[tuple[int, int], RootHash] = {}

    def root(self) -> RootHash:
        return self._root(0, self.size)

    def inclusion(self, index: int) -> list[Bytes32]:
        return self._inclusion(index, 0, self.size)

    def _inclusion(self, index: int, start: int, size: int) -> list[Bytes32]:
        if size == 1:
            return []
        k = split(size)
        if index < start + k:
            return [*self._inclusion(index, start, k), Bytes32(self._root(start + k, size - k))]
        return [*self._inclusion(index, start + k, size - k), Bytes32(self._root(start, k))]

    def _root(self, start: int, size: int) -> RootHash:
        if not any(start <= index < start + size for index in self._marks):
            return alike_root(size)
        if size == 1:
            return RootHash(self._marks[start])
        if (start, size) not in self._known:
            k = split(size)
            whole = node(self._root(start, k), self._root(start + k, size - k))
            self._known[start, size] = RootHash(whole)
        return self._known[start, size]
