"""Merkle-Patricia proofs: presence or absence of a key under a root (yellow paper, appendix D).

Strict both ways: every node given is used, in order, and hashes to the reference that
led to it; references below 32 bytes are nodes in place. An absence proof is never
accepted for presence, nor the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import TrieProofError
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.rlp_strict import RlpItem
from kernel.sized_bytes import Bytes32

__all__ = ["EMPTY_TRIE_ROOT", "verify_absence", "verify_presence"]

EMPTY_TRIE_ROOT = Bytes32.from_hex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")


def verify_presence(root: Bytes32, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """Prove that ``key`` is in the trie and return its value.

    Args:
        root: From a sealed header, or from an account proven under one.
        key: Whole key as the trie knows it (hashed already where the trie is secure).
        nodes: RLP of the nodes on the path, root first.

    Raises:
        TrieProofError: A node is missing, changed or superfluous, or the key is absent.
        NonCanonicalRlpError: A node is not canonical RLP.
    """
    value = _walk(root, key, nodes)
    if value is None:
        raise _refused("a value", "proof of absence")
    return value


def verify_absence(root: Bytes32, key: bytes, nodes: Sequence[bytes]) -> None:
    """Prove that ``key`` is not in the trie. An empty trie needs no nodes.

    Raises:
        TrieProofError: A node is missing, changed or superfluous, or the key is present.
        NonCanonicalRlpError: A node is not canonical RLP.
    """
    if root == EMPTY_TRIE_ROOT and not nodes:
        return
    if _walk(root, key, nodes) is not None:
        raise _refused("absence", "a value")


def _walk(root: Bytes32, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    rest = tuple(nibble for byte in key for nibble in (byte >> 4, byte & 0x0F))
    found: RlpItem = bytes(root)
    used, ended = 0, False
    while not ended and found != b"":
        node, used = _load(found, nodes, used)
        found, rest, ended = _descend(node, rest)
    if used != len(nodes):
        raise _refused(f"{used} nodes", f"{len(nodes)} nodes")
    if not isinstance(found, bytes):
        raise _refused("a value of bytes", "a list")
    return found or None


def _load(reference: RlpItem, nodes: Sequence[bytes], used: int) -> tuple[tuple[RlpItem, ...], int]:
    if isinstance(reference, tuple):
        if len(rlp_strict.encode(reference)) >= 32:
            raise _refused("a node in place below 32 bytes", "a longer one")
        return reference, used
    if used == len(nodes):
        raise _refused("one more node", f"{len(nodes)} nodes")
    content = nodes[used]
    if keccak256(content) != reference or (used and len(content) < 32):
        raise _refused(reference.hex(), keccak256(content).hex())
    node = rlp_strict.decode(content)
    if isinstance(node, bytes):
        raise _refused("a branch, extension or leaf", "a string")
    return node, used + 1


def _descend(node: tuple[RlpItem, ...], rest: tuple[int, ...]) -> tuple[RlpItem, tuple[int, ...], bool]:
    """Next reference or the value, the nibbles left, and whether the path ends here."""
    if len(node) == 17:
        return (node[rest[0]], rest[1:], False) if rest else (node[16], rest, True)
    if len(node) != 2:
        raise _refused("2 or 17 items in a node", f"{len(node)} items")
    path, is_leaf = _hex_prefix(node[0])
    if is_leaf:
        return (node[1] if path == rest else b""), (), True
    if rest[: len(path)] != path:
        return b"", rest, True
    return node[1], rest[len(path) :], False


def _hex_prefix(item: RlpItem) -> tuple[tuple[int, ...], bool]:
    if not isinstance(item, bytes) or not item or item[0] > 0x3F or (item[0] & 0x10 == 0 and item[0] & 0x0F):
        raise _refused("a hex-prefixed path", item.hex() if isinstance(item, bytes) else "a list")
    nibbles = tuple(nibble for byte in item for nibble in (byte >> 4, byte & 0x0F))
    return nibbles[1 if item[0] & 0x10 else 2 :], bool(item[0] & 0x20)


def _refused(expected: str, actual: str) -> TrieProofError:
    return TrieProofError(
        "the trie proof does not hold; do not rely on this file",
        "默克尔树证明不成立，请勿采信该文件",
        expected=expected,
        actual=actual,
    )
