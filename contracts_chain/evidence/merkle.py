"""The Merkle tree of RFC 9162 §2.1: hashes, proofs, and their verification.

Decides whether a leaf is in a log of one root and whether one log extends another.
A root to compare with must come from the chain; nothing here reads a package. Note that
inclusion does not authenticate the size: size and root belong together and come together.
The twin functions say the same of the SM3 tree over the same records (DESIGN decision 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE, TreeHash
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = [
    "EMPTY_ROOT",
    "InclusionProof",
    "ProofShapeError",
    "RootMismatchError",
    "hash_leaf",
    "hash_node",
    "hash_twin_leaf",
    "verify_consistency",
    "verify_inclusion",
    "verify_twin_inclusion",
]

EMPTY_ROOT = RootHash(SHA256_TREE.empty)
"""MTH({}), RFC 9162 §2.1.1."""


class ProofShapeError(RefutedError):
    """The path cannot belong to a tree of the stated size."""

    code = "proof_shape"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the Merkle proof has an impossible shape: {reason}; ask for the proof again",
            f"默克尔证明的形状不成立（{reason}）；请重新索取证明",
        )


class RootMismatchError(RefutedError):
    """The proof ends at a root other than the anchored one."""

    code = "root_mismatch"

    def __init__(self, *, anchored: bytes, computed: bytes) -> None:
        """Keep both roots so that a report can print them."""
        super().__init__(
            f"the chain holds root {anchored.hex()}, the proof gives {computed.hex()}; do not rely on it",
            f"链上根为 {anchored.hex()}，证明得出 {computed.hex()}；请勿采信本文件",
        )
        self.anchored = anchored
        self.computed = computed


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """Where a leaf stands and the siblings on its way up, lowest level first."""

    index: int
    size: int
    path: tuple[Bytes32, ...]


def hash_leaf(content: bytes) -> LeafHash:
    """SHA-256(0x00 ‖ content)."""
    return LeafHash(SHA256_TREE.leaf(content))


def hash_node(left: bytes, right: bytes) -> Bytes32:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return SHA256_TREE.node(left, right)


def hash_twin_leaf(content: bytes) -> Bytes32:
    """SM3(0x00 ‖ content): the leaf of the same record in the twin tree."""
    return SM3_TREE.leaf(content)


def verify_inclusion(leaf: LeafHash, proof: InclusionProof, anchored: RootHash) -> None:
    """Prove that a leaf is in the log of the anchored checkpoint (RFC 9162 §2.1.3.2).

    Args:
        leaf: Hash of the canonical record, 0x00 prefix included.
        proof: Siblings with the leaf's index and the tree size; size from the chain.
        anchored: Root read from the chain, never from the package under test.

    Raises:
        ProofShapeError: The path cannot belong to a tree of this size.
        RootMismatchError: The path is sound but ends at another root.
    """
    _same_root(anchored, _climb(leaf, proof, SHA256_TREE))


def verify_twin_inclusion(twin_leaf: Bytes32, proof: InclusionProof, anchored_twin: Bytes32) -> None:
    """Prove that a record's SM3 leaf is in the twin tree of an anchored renewal.

    Args:
        twin_leaf: ``hash_twin_leaf`` of the canonical record.
        proof: Siblings in the twin tree; the size from the chain.
        anchored_twin: The twin root that the chain holds.

    Raises:
        ProofShapeError: The path cannot belong to a tree of this size.
        RootMismatchError: The path is sound but ends at another root.
    """
    _same_root(anchored_twin, _climb(twin_leaf, proof, SM3_TREE))


def _climb(leaf: bytes, proof: InclusionProof, tree: TreeHash) -> bytes:
    """The root that a leaf and its siblings give (RFC 9162 §2.1.3.2, steps 1 to 5)."""
    if not 0 <= proof.index < proof.size:
        raise ProofShapeError(f"index {proof.index} in a log of {proof.size}")
    first, last, computed = proof.index, proof.size - 1, bytes(leaf)
    for sibling in proof.path:
        if last == 0:
            raise ProofShapeError("the path is too long")
        if first & 1 or first == last:
            computed = tree.node(sibling, computed)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            computed = tree.node(computed, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofShapeError("the path is too short")
    return computed


def verify_consistency(
    *, old_size: int, old_root: RootHash, new_size: int, new_root: RootHash, path: Sequence[Bytes32]
) -> None:
    """Prove that the log of ``new_root`` extends that of ``old_root`` (RFC 9162 §2.1.4.2).

    Raises:
        ProofShapeError: Sizes or path length are impossible.
        RootMismatchError: One of the two roots does not follow from the path.
    """
    if not 0 < old_size <= new_size:
        raise ProofShapeError(f"a log of {new_size} does not extend one of {old_size}")
    if old_size == new_size:
        if path:
            raise ProofShapeError("equal sizes take an empty path")
        _same_root(old_root, new_root)
        return
    if not path:
        raise ProofShapeError("the path is empty")
    old_computed, new_computed = _climb_both(old_size, old_root, new_size, path)
    _same_root(old_root, old_computed)
    _same_root(new_root, new_computed)


def _climb_both(
    old_size: int, old_root: RootHash, new_size: int, path: Sequence[Bytes32]
) -> tuple[bytes, bytes]:
    whole = [*path] if old_size & (old_size - 1) else [Bytes32(old_root), *path]
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_computed = new_computed = bytes(whole[0])
    for sibling in whole[1:]:
        if last == 0:
            raise ProofShapeError("the path is too long")
        if first & 1 or first == last:
            old_computed = hash_node(sibling, old_computed)
            new_computed = hash_node(sibling, new_computed)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            new_computed = hash_node(new_computed, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofShapeError("the path is too short")
    return old_computed, new_computed


def _same_root(anchored: bytes, computed: bytes) -> None:
    if anchored != computed:
        raise RootMismatchError(anchored=anchored, computed=computed)
