from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ledger_sealed_block import path_of
from trie.hexary import HexaryTrie

from contracts_chain.ledger.errors import LedgerRefutedError
from contracts_chain.ledger.index_trie import index_path
from contracts_chain.ledger.rlp_strict import encode_scalar
from contracts_chain.ledger.trie_proof import EMPTY_TRIE_ROOT, verify_absence, verify_presence
from kernel.sized_bytes import Bytes32

# short keys and values make inline nodes; of one length, as in every trie we read
CONTENTS = st.dictionaries(st.binary(min_size=2, max_size=2), st.binary(min_size=1, max_size=40), max_size=30)


def _trie(contents: dict[bytes, bytes]) -> tuple[HexaryTrie, Bytes32]:
    trie = HexaryTrie({})
    for key, value in contents.items():
        trie[key] = value
    return trie, Bytes32(trie.root_hash)


@given(CONTENTS)
def test_every_key_of_a_trie_is_proven_with_its_value(contents: dict[bytes, bytes]) -> None:
    trie, root = _trie(contents)
    for key, value in contents.items():
        assert verify_presence(root, key, path_of(trie, key)) == value
        with pytest.raises(LedgerRefutedError):
            verify_absence(root, key, path_of(trie, key))


@given(CONTENTS, st.binary(min_size=2, max_size=2))
def test_every_other_key_is_proven_absent(contents: dict[bytes, bytes], key: bytes) -> None:
    assume(key not in contents)
    trie, root = _trie(contents)
    verify_absence(root, key, path_of(trie, key))
    with pytest.raises(LedgerRefutedError):
        verify_presence(root, key, path_of(trie, key))


@given(CONTENTS.filter(bool), st.data())
def test_a_changed_missing_or_added_node_is_refuted(
    contents: dict[bytes, bytes], data: st.DataObject
) -> None:
    trie, root = _trie(contents)
    key = data.draw(st.sampled_from(sorted(contents)))
    nodes = list(path_of(trie, key))
    place = data.draw(st.integers(0, len(nodes) - 1))
    byte = data.draw(st.integers(0, len(nodes[place]) - 1))
    flipped = bytearray(nodes[place])
    flipped[byte] ^= 1 << data.draw(st.integers(0, 7))
    for forged in (
        [*nodes[:place], bytes(flipped), *nodes[place + 1 :]],
        nodes[:place] + nodes[place + 1 :],
        [*nodes[: place + 1], nodes[place], *nodes[place + 1 :]],
    ):
        with pytest.raises(LedgerRefutedError):
            verify_presence(root, key, forged)
        with pytest.raises(LedgerRefutedError):
            verify_absence(root, key, forged)


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=140), st.data())
def test_every_place_of_an_index_trie_has_a_path(values: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    root, path = index_path(values, index)
    assert verify_presence(root, encode_scalar(index), path) == values[index]


def test_an_empty_trie_proves_absence_without_nodes_and_presence_never() -> None:
    verify_absence(EMPTY_TRIE_ROOT, b"ab", ())
    with pytest.raises(LedgerRefutedError):
        verify_presence(EMPTY_TRIE_ROOT, b"ab", ())
    with pytest.raises(LedgerRefutedError):
        verify_absence(Bytes32(b"\x01" * 32), b"ab", ())
