from __future__ import annotations

import contextlib

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from rlp.exceptions import DecodingError

from contracts_chain.ledger import rlp_strict
from contracts_chain.ledger.errors import NonCanonicalRlpError
from contracts_chain.ledger.rlp_strict import RlpItem

ITEMS: st.SearchStrategy[RlpItem] = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5).map(tuple), max_leaves=12
)


def _tuples(item: object) -> RlpItem:
    return bytes(item) if isinstance(item, bytes) else tuple(_tuples(one) for one in item)  # type: ignore[attr-defined]


@given(ITEMS)
def test_what_is_encoded_decodes_to_itself_and_agrees_with_the_library(item: RlpItem) -> None:
    content = rlp_strict.encode(item)
    assert rlp_strict.decode(content) == item
    assert content == rlp.encode(item)


@given(st.binary(max_size=80))
def test_what_decodes_encodes_to_the_same_bytes(content: bytes) -> None:
    item = None
    with contextlib.suppress(NonCanonicalRlpError):
        item = rlp_strict.decode(content)
    if item is not None:
        assert rlp_strict.encode(item) == content
        assert _tuples(rlp.decode(content)) == item
    else:
        with contextlib.suppress(DecodingError):
            assert rlp.encode(rlp.decode(content, strict=False)) != content


@given(ITEMS, st.binary(min_size=1, max_size=3))
def test_trailing_bytes_are_refused(item: RlpItem, tail: bytes) -> None:
    with pytest.raises(NonCanonicalRlpError):
        rlp_strict.decode(rlp_strict.encode(item) + tail)


@pytest.mark.parametrize(
    "content",
    [
        *("", "8105", "817f", "b800", "b837" + "00" * 55, "b90038" + "00" * 56, "83aabb"),
        *("c2", "c3818000aa", "f800", "b8", "b9ff", "f9ffff", "bfffffffffffffffff", "ffffffffffffffffff"),
    ],
)
def test_every_other_spelling_is_refused(content: str) -> None:
    with pytest.raises(NonCanonicalRlpError):
        rlp_strict.decode(bytes.fromhex(content))


def test_nesting_beyond_any_real_structure_is_refused_not_followed() -> None:
    content = b"\xc0"
    for _ in range(50):
        content = bytes([0xC0 + len(content)]) + content
    with pytest.raises(NonCanonicalRlpError):
        rlp_strict.decode(content)
