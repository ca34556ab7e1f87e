"""The two hash functions that a Merkle tree of the log is built with: SHA-256, and SM3 for its twin.

Decides prefixes and nothing else: 0x00 before a leaf's content, 0x01 before two nodes
(RFC 9162 §2.1.1), for either function alike (DESIGN decision 13; SM3 is GB/T 32905).
``leaves`` and ``parents`` work on whole levels, so that the interpreter spends its time in
OpenSSL and not between calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from kernel.sized_bytes import Bytes32

__all__ = ["HASH_LENGTH", "SHA256_TREE", "SM3_TREE", "TreeHash", "TreeName"]

HASH_LENGTH = 32
"""Bytes of a hash, of either function."""
TreeName = Literal["sha256", "sm3"]
_LEAF, _NODE = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHash:
    """One of the two functions, applied as RFC 9162 §2.1.1 applies SHA-256.

    Attributes:
        name: As stored and printed.
        empty: Root of the tree without leaves: the hash of nothing.
        leaves: Leaf hashes of many contents, in order.
        parents: From the joined hashes of a level (a multiple of 64 bytes) those of the level above.
    """

    name: TreeName
    empty: Bytes32
    leaves: Callable[[Iterable[bytes]], list[bytes]]
    parents: Callable[[bytes], bytes]

    def leaf(self, content: bytes) -> Bytes32:
        """Hash of 0x00 ‖ content."""
        return Bytes32(self.leaves((content,))[0])

    def node(self, left: bytes, right: bytes) -> Bytes32:
        """Hash of 0x01 ‖ left ‖ right."""
        return Bytes32(self.parents(left + right))

    def fold(self, peaks: list[bytes]) -> bytes:
        """Hash over complete subtrees that stand side by side, widest first: the right ones join first."""
        folded = peaks[-1]
        for left in reversed(peaks[:-1]):
            folded = self.parents(left + folded)
        return folded


def _sha256_leaves(contents: Iterable[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256
    return [sha256(_LEAF + content).digest() for content in contents]


def _sha256_parents(hashes: bytes) -> bytes:
    sha256 = hashlib.sha256
    return b"".join(
        [sha256(_NODE + hashes[start : start + 64]).digest() for start in range(0, len(hashes), 64)]
    )


def _sm3_leaves(contents: Iterable[bytes]) -> list[bytes]:
    return [_sm3(_LEAF, content) for content in contents]


def _sm3_parents(hashes: bytes) -> bytes:
    return b"".join([_sm3(_NODE, hashes[start : start + 64]) for start in range(0, len(hashes), 64)])


_FRESH_SM3 = hashlib.new("sm3")  # copied: a third less time than a look-up by name for each hash


def _sm3(prefix: bytes, content: bytes) -> bytes:
    state = _FRESH_SM3.copy()
    state.update(prefix + content)
    return state.digest()


SHA256_TREE = TreeHash(
    name="sha256",
    empty=Bytes32(hashlib.sha256(b"").digest()),
    leaves=_sha256_leaves,
    parents=_sha256_parents,
)
SM3_TREE = TreeHash(
    name="sm3",
    empty=Bytes32(_FRESH_SM3.copy().digest()),
    leaves=_sm3_leaves,
    parents=_sm3_parents,
)
