"""Strict readers for the members of a proof's JSON; everything else is refused.

Limits keep a hostile file from costing more than a real one: a header is at most
128 KiB, so is a trie node (a transaction or receipt leaf is one); a path has 65 nodes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from contracts_chain.ledger.errors import ProofFormError
from kernel.canonical_json import JsonValue

__all__ = [
    "nodes_json",
    "read_hex0x",
    "read_members",
    "read_nodes",
    "read_own_hash",
    "read_quantity",
    "read_word_of",
]

_HEX0X = re.compile(r"0x(?:[0-9a-f]{2})*")
_OWN_HASH = re.compile(r"[0-9a-f]{64}")
_GREATEST_BYTES = 128 * 1024
_GREATEST_PATH = 65


def nodes_json(nodes: Sequence[bytes]) -> list[str]:
    """Trie nodes as ``0x`` hex, root first."""
    return ["0x" + node.hex() for node in nodes]


def read_members(value: JsonValue, members: frozenset[str]) -> Mapping[str, JsonValue]:
    """Take an object with exactly these members.

    Raises:
        ProofFormError: Not an object, or a member is missing or unknown.
    """
    if not isinstance(value, Mapping):
        raise _form("the proof", "an object")
    if frozenset(value) != members:
        odd = ", ".join(sorted(frozenset(value) ^ members))
        raise _form(odd, "exactly the members of docs/formats/anchor-proof.md")
    return value


def read_quantity(found: Mapping[str, JsonValue], name: str) -> int:
    """Read an integer of 0 … 2**53 - 1.

    Raises:
        ProofFormError: Another type or range.
    """
    value = found[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise _form(name, "an integer of 0 to 2**53-1")
    return value


def read_hex0x(found: Mapping[str, JsonValue], name: str, *, length: int | None = None) -> bytes:
    """Read ``0x`` hex of ``length`` bytes, or of any length up to the limit.

    Raises:
        ProofFormError: Other form or length.
    """
    return _hex0x(found[name], name, length)


def read_nodes(found: Mapping[str, JsonValue], name: str) -> tuple[bytes, ...]:
    """Read a list of trie nodes.

    Raises:
        ProofFormError: Not a list of ``0x`` hex, or longer than any real path.
    """
    value = found[name]
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > _GREATEST_PATH:
        raise _form(name, f"a list of at most {_GREATEST_PATH} nodes")
    return tuple(_hex0x(node, name, None) for node in value)


def read_own_hash(found: Mapping[str, JsonValue], name: str) -> bytes:
    """Read 64 lower-case hex digits without prefix.

    Raises:
        ProofFormError: Another form.
    """
    value = found[name]
    if not isinstance(value, str) or _OWN_HASH.fullmatch(value) is None:
        raise _form(name, "64 lower-case hex digits without 0x")
    return bytes.fromhex(value)


def read_word_of(found: Mapping[str, JsonValue], name: str, known: frozenset[str]) -> str:
    """Read one of a few known words.

    Raises:
        ProofFormError: Another word or type.
    """
    value = found[name]
    if not isinstance(value, str) or value not in known:
        raise _form(name, "one of " + ", ".join(sorted(known)))
    return value


def _hex0x(value: JsonValue, name: str, length: int | None) -> bytes:
    if not isinstance(value, str) or len(value) > 2 + 2 * _GREATEST_BYTES or _HEX0X.fullmatch(value) is None:
        raise _form(name, "lower-case hex with 0x")
    content = bytes.fromhex(value[2:])
    if length is not None and len(content) != length:
        raise _form(name, f"{length} bytes")
    return content


def _form(name: str, wanted: str) -> ProofFormError:
    return ProofFormError(
        f"chain proof: {name} must be {wanted}; ask for a fresh evidence package",
        f"链上证明：{name} 格式不符（应为 {wanted}）；请重新获取证据包",
    )
