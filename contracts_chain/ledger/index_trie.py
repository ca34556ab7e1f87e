"""Paths in the tries of a block that are keyed by index: receipts and transactions.

Built whole from all values of the block, because nodes serve no proof of these tries.
"""

from __future__ import annotations

from collections.abc import Sequence

import rlp
from trie.hexary import HexaryTrie

from contracts_chain.ledger import rlp_strict
from kernel.sized_bytes import Bytes32

__all__ = ["index_path", "without_nodes_in_place"]


def index_path(values: Sequence[bytes], index: int) -> tuple[Bytes32, tuple[bytes, ...]]:
    """Root of the trie of all values, and the nodes from it to the value at ``index``."""
    trie = HexaryTrie({})
    for position, value in enumerate(values):
        trie[rlp_strict.encode_scalar(position)] = value
    path = trie.get_proof(rlp_strict.encode_scalar(index))  # type: ignore[no-untyped-call]  # untyped library
    nodes = [bytes(rlp.encode(node)) for node in path]
    return Bytes32(trie.root_hash), without_nodes_in_place(nodes)


def without_nodes_in_place(nodes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Drop nodes below 32 bytes after the first: they stand inside their parent already.

    Also drops the lone empty root (``80``) that some nodes send for an empty trie.
    """
    if list(nodes) == [b"\x80"]:
        return ()
    return tuple(node for place, node in enumerate(nodes) if place == 0 or len(node) >= 32)
