"""A log in memory: every complete subtree hash is kept, proofs for any past size are read off.

Level ``v`` holds the hash of each complete subtree of 2**v leaves, joined, so nothing is
ever recomputed or changed. Grows by levels: one call into the hash function for each node.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts_chain.evidence.merkle import InclusionProof
from contracts_chain.evidence.proving_tree import Node, ProvingTree
from contracts_chain.evidence.tree_hash import HASH_LENGTH, SHA256_TREE, TreeHash
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["MerkleLog", "root_of"]


class MerkleLog(ProvingTree):
    """Append-only levels of complete subtrees, 64 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes] = (), *, tree: TreeHash = SHA256_TREE) -> None:
        """Start from leaf hashes of 32 bytes in log order."""
        super().__init__(tree)
        self._levels = [bytearray()]
        self.extend(leaves)

    def __len__(self) -> int:
        """Number of leaves."""
        return len(self._levels[0]) // HASH_LENGTH

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash and return its index."""
        self.extend((leaf,))
        return len(self) - 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order, level by level."""
        self._levels[0] += b"".join(leaves)
        below = self._levels[0]
        for level in range(1, len(self).bit_length()):
            if level == len(self._levels):
                self._levels.append(bytearray())
            known, pairs = 2 * len(self._levels[level]), len(below) // (2 * HASH_LENGTH)
            self._levels[level] += self._tree.parents(bytes(below[known : pairs * 2 * HASH_LENGTH]))
            below = self._levels[level]

    def leaf(self, index: int) -> LeafHash:
        """The leaf at an index from 0."""
        return LeafHash(self._hashes([(0, index)])[0])

    def root(self, size: int | None = None) -> RootHash:
        """Root of the first ``size`` leaves; of all if not given.

        Raises:
            ValueError: The log never had that size; a fault of the caller.
        """
        return super().root(self._known(len(self) if size is None else size))

    def inclusion(self, index: int, size: int) -> InclusionProof:
        """Siblings of leaf ``index`` in the log of ``size`` (RFC 9162 §2.1.3.1).

        Raises:
            ValueError: ``index`` is not below ``size`` or the log never had that size.
        """
        return super().inclusion(index, self._known(size))

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """Path that shows the log of ``new_size`` extends that of ``old_size`` (RFC 9162 §2.1.4.1).

        Raises:
            ValueError: ``old_size`` exceeds ``new_size`` or the log never had that size.
        """
        return super().consistency(old_size, self._known(new_size))

    def _hashes(self, nodes: list[Node]) -> list[bytes]:
        return [
            bytes(self._levels[level][index * HASH_LENGTH : (index + 1) * HASH_LENGTH])
            for level, index in nodes
        ]

    def _known(self, size: int) -> int:
        if not 0 <= size <= len(self):
            raise ValueError(f"the log has {len(self)} leaves, never {size}")
        return size


def root_of(leaves: Iterable[bytes]) -> RootHash:
    """Root over leaf hashes in order."""
    return MerkleLog(leaves).root()
