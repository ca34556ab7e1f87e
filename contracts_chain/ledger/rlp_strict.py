"""RLP, canonical only: what decodes re-encodes to the same bytes, or is refused.

Ethereum yellow paper, appendix B. Refused: trailing bytes, a single byte below 0x80 in
a string wrapper, long forms for short lengths, leading zeros in a length, lengths that
run past the end, nesting deeper than any real header, receipt or trie node.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts_chain.ledger.errors import NonCanonicalRlpError

__all__ = ["RlpItem", "decode", "encode", "encode_scalar", "minimal"]

RlpItem: TypeAlias = "bytes | tuple[RlpItem, ...]"

_DEEPEST = 16


def decode(content: bytes) -> RlpItem:
    """Read one item that fills the whole of ``content``.

    Raises:
        NonCanonicalRlpError: Any departure from the canonical form.
    """
    item, end = _item(content, 0, len(content), 0)
    if end != len(content):
        raise _refused(f"{end} bytes", f"{len(content)} bytes")
    return item


def encode(item: RlpItem) -> bytes:
    """Write the canonical form."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return bytes(item)
        return _prefix(len(item), 0x80) + item
    payload = b"".join(encode(inner) for inner in item)
    return _prefix(len(payload), 0xC0) + payload


def minimal(value: int) -> bytes:
    """Big-endian without leading zeros; zero is the empty string."""
    return value.to_bytes((value.bit_length() + 7) // 8)


def encode_scalar(value: int) -> bytes:
    """RLP of a non-negative integer, e.g. a trie key made of an index."""
    return encode(minimal(value))


def _prefix(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = minimal(length)
    return bytes([base + 55 + len(size)]) + size


def _item(content: bytes, at: int, end: int, depth: int) -> tuple[RlpItem, int]:
    if at >= end or depth > _DEEPEST:
        raise _refused("an item", "the end" if at >= end else "deeper nesting")
    first = content[at]
    if first < 0x80:
        return content[at : at + 1], at + 1
    is_list = first >= 0xC0
    start, stop = _extent(content, at, end, 0xC0 if is_list else 0x80)
    if not is_list:
        if stop - start == 1 and content[start] < 0x80:
            raise _refused("a bare byte", f"{content[at:stop].hex()}")
        return content[start:stop], stop
    found: list[RlpItem] = []
    while start < stop:
        inner, start = _item(content, start, stop, depth + 1)
        found.append(inner)
    return tuple(found), stop


def _extent(content: bytes, at: int, end: int, base: int) -> tuple[int, int]:
    short = content[at] - base
    start, length = at + 1, short
    if short > 55:
        start = at + 1 + short - 55
        size = content[at + 1 : min(start, end)]
        length = int.from_bytes(size)
        if len(size) != short - 55 or size[0] == 0 or length < 56:
            raise _refused("the shortest length form", content[at : at + 9].hex())
    if start + length > end:
        raise _refused(f"at most {end - start} bytes", f"{length} bytes")
    return start, start + length


def _refused(expected: str, actual: str) -> NonCanonicalRlpError:
    return NonCanonicalRlpError(
        "chain bytes are not canonical RLP; do not rely on this file",
        "链上数据不是规范的 RLP 编码，请勿采信该文件",
        expected=expected,
        actual=actual,
    )
