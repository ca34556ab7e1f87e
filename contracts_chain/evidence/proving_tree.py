"""Roots and proofs of RFC 9162 §2.1 over complete subtrees that are kept somewhere.

Decides which subtrees a root or a proof is made of, and joins them. Where the hashes are
kept — in memory, in tiles of a database — is the subclass's affair. Every hash of a
complete subtree is final: a root once given stays the root of its size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from contracts_chain.evidence.merkle import InclusionProof
from contracts_chain.evidence.tree_hash import TreeHash
from kernel.sized_bytes import Bytes32, RootHash

__all__ = ["Node", "ProvingTree", "Span", "consistency_spans", "inclusion_spans", "peaks"]

Node = tuple[int, int]
"""A complete subtree: its level v and its index j; it covers leaves j·2^v to (j+1)·2^v - 1."""
Span = tuple[int, int]
"""Leaves from the first number up to but without the second; a node of the tree of some size."""
_REMEMBERED_EDGES = 64


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Siblings on the way up from a leaf, lowest first (PATH of §2.1.3.1).

    Raises:
        ValueError: ``index`` is not below ``size``; a fault of the caller.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old_size: int, new_size: int) -> list[Span]:
    """Nodes that show the newer log to extend the older, lowest first (SUBPROOF of §2.1.4.1).

    Empty from size 0 and between equal sizes.

    Raises:
        ValueError: ``old_size`` exceeds ``new_size``; a fault of the caller.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a log of {new_size} cannot extend one of {old_size}")
    if old_size in {0, new_size}:
        return []
    spans: list[Span] = []
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # the old root itself is known to the verifier where it is a whole left subtree
        spans.append((start, end))
    return spans[::-1]


def peaks(span: Span) -> list[Node]:
    """Complete subtrees that a span consists of, from the left, each smaller than the one before."""
    start, end = span
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


class ProvingTree(ABC):
    """What the tree in memory and the tree in tiles have in common."""

    def __init__(self, tree: TreeHash) -> None:
        """Choose the hash function."""
        self._tree = tree
        self._edges: dict[Span, Bytes32] = {}

    @abstractmethod
    def _hashes(self, nodes: list[Node]) -> list[bytes]:
        """Hashes of complete subtrees, in the order asked for."""

    def root(self, size: int) -> RootHash:
        """Root of the first ``size`` leaves."""
        return RootHash(self._spans([(0, size)])[0] if size else self._tree.empty)

    def inclusion(self, index: int, size: int) -> InclusionProof:
        """Siblings of leaf ``index`` in the log of ``size`` (§2.1.3.1).

        Raises:
            ValueError: ``index`` is not below ``size``.
        """
        path = self._spans(inclusion_spans(index, size))
        return InclusionProof(index=index, size=size, path=tuple(path))

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """Path that shows the log of ``new_size`` extends that of ``old_size`` (§2.1.4.1).

        Raises:
            ValueError: ``old_size`` exceeds ``new_size``.
        """
        return tuple(self._spans(consistency_spans(old_size, new_size)))

    def _spans(self, spans: list[Span]) -> list[Bytes32]:
        """One hash a span, all subtrees fetched at once; spans that end ragged are remembered."""
        unknown = {span: peaks(span) for span in spans if span not in self._edges}
        found = iter(self._hashes([node for nodes in unknown.values() for node in nodes]))
        folded = {
            span: Bytes32(self._tree.fold([next(found) for _ in nodes])) for span, nodes in unknown.items()
        }
        hashes = [folded[span] if span in folded else self._edges[span] for span in spans]
        self._remember((span, folded[span]) for span, nodes in unknown.items() if len(nodes) > 1)
        return hashes

    def _remember(self, edges: Iterable[tuple[Span, Bytes32]]) -> None:
        if len(self._edges) > _REMEMBERED_EDGES:
            self._edges.clear()
        self._edges.update(edges)


def _split(width: int) -> int:
    """Largest power of two below ``width`` (RFC 9162 §2.1.1: k < n ≤ 2k)."""
    power: int = 1 << ((width - 1).bit_length() - 1)
    return power
