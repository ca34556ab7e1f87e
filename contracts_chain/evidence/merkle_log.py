"""A log that grows: every complete subtree hash is kept, proofs for any past size are read off.

Decides the hashes of RFC 9162 §2.1.1 at every size the log ever had. Level ``v`` holds the
hash of each complete subtree of 2**v leaves, so nothing is ever recomputed or changed:
what was once the root of a size stays its root.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts_chain.evidence.merkle import EMPTY_ROOT, InclusionProof, hash_node
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["MerkleLog", "root_of"]


class MerkleLog:
    """Append-only levels of complete subtrees.

    Appending costs one hash amortised; a proof about log2(size) hashes.
    """

    def __init__(self, leaves: Iterable[LeafHash] = ()) -> None:
        """Start from leaves in log order, e.g. as loaded from the database."""
        self._levels: list[list[Bytes32]] = [[]]
        self._edge_of: tuple[int, tuple[Bytes32 | None, ...]] = (0, ())
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def append(self, leaf: LeafHash) -> int:
        """Add a leaf and return its index."""
        index = len(self._levels[0])
        levels, level = self._levels, 0
        digest: Bytes32 = leaf
        levels[0].append(digest)
        while len(levels[level]) % 2 == 0:
            digest = hash_node(levels[level][-2], digest)
            level += 1
            if level == len(levels):
                levels.append([])
            levels[level].append(digest)
        return index

    def leaf(self, index: int) -> LeafHash:
        """The leaf at an index from 0."""
        return LeafHash(self._levels[0][index])

    def root(self, size: int | None = None) -> RootHash:
        """Root of the first ``size`` leaves; of all if not given.

        Raises:
            ValueError: The log never had that size; a fault of the caller.
        """
        size = len(self) if size is None else size
        self._known(size)
        return EMPTY_ROOT if size == 0 else RootHash(self._subtree(0, size))

    def inclusion(self, index: int, size: int) -> InclusionProof:
        """Siblings of leaf ``index`` in the log of ``size`` (RFC 9162 §2.1.3.1).

        Raises:
            ValueError: ``index`` is not below ``size`` or the log never had that size.
        """
        self._known(size)
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} in a log of {size}")
        edge: tuple[Bytes32 | None, ...] = self._edge(size)
        path: list[Bytes32] = []
        for level in range((size - 1).bit_length()):
            sibling, whole = (index >> level) ^ 1, size >> level
            if sibling < whole:
                path.append(self._levels[level][sibling])
            elif sibling == whole and (node := edge[level]) is not None:
                path.append(node)
        return InclusionProof(index=index, size=size, path=tuple(path))

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """Path that shows the log of ``new_size`` extends that of ``old_size`` (RFC 9162 §2.1.4.1).

        Empty from size 0 and between equal sizes.

        Raises:
            ValueError: ``old_size`` exceeds ``new_size`` or the log never had that size.
        """
        self._known(new_size)
        if not 0 <= old_size <= new_size:
            raise ValueError(f"a log of {new_size} cannot extend one of {old_size}")
        if old_size in {0, new_size}:
            return ()
        path: list[Bytes32] = []
        start, end = 0, new_size
        while old_size != end:
            middle = start + _split(end - start)
            if old_size <= middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        if start:  # the old root itself is known to the verifier where it is a whole left subtree
            path.append(self._subtree(start, end))
        return tuple(reversed(path))

    def _known(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise ValueError(f"the log has {len(self)} leaves, never {size}")

    def _edge(self, size: int) -> tuple[Bytes32 | None, ...]:
        """Hash of the incomplete subtree at the right end of each level; ``None`` where there is none."""
        if self._edge_of[0] != size:
            edge: list[Bytes32 | None] = [None]
            for level in range((size - 1).bit_length()):
                right = edge[-1]
                if size >> level & 1:
                    left = self._levels[level][(size >> level) - 1]
                    right = left if right is None else hash_node(left, right)
                edge.append(right)
            self._edge_of = (size, tuple(edge))
        return self._edge_of[1]

    def _subtree(self, start: int, end: int) -> Bytes32:
        """Hash over leaves ``start`` … ``end - 1``; start is a multiple of the width's power of two."""
        width = end - start
        if width & (width - 1) == 0:
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + _split(width)
        return hash_node(self._subtree(start, middle), self._subtree(middle, end))


def root_of(leaves: Iterable[LeafHash]) -> RootHash:
    """Root over leaves in order."""
    return MerkleLog(leaves).root()


def _split(width: int) -> int:
    """Largest power of two below ``width`` (RFC 9162 §2.1.1: k < n ≤ 2k)."""
    power: int = 1 << ((width - 1).bit_length() - 1)
    return power
