"""Tiles give what the whole tree gives, however the log grew, and never change once complete."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts_chain.evidence.merkle import (
    RootMismatchError,
    hash_leaf,
    hash_twin_leaf,
    verify_consistency,
    verify_inclusion,
    verify_twin_inclusion,
)
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.tiles import TiledLog, TileKey, TileMissingError, edge_keys, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE, TreeHash
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

TREES = [SHA256_TREE, SM3_TREE]
# a batch starts where the last one ended: sizes on both sides of one and of two complete tiles
BATCHES = st.lists(st.integers(1, 300), min_size=1, max_size=6)


def leaf_hashes(tree: TreeHash, count: int) -> list[bytes]:
    return tree.leaves(number.to_bytes(4) for number in range(count))


class Shelf:
    """Tiles in a dictionary, as a table would hold them."""

    def __init__(self, tree: TreeHash) -> None:
        self.tree, self.size = tree, 0
        self.tiles: dict[TileKey, bytes] = {}
        self.asked: list[Sequence[TileKey]] = []

    def add(self, leaves: Sequence[bytes]) -> None:
        edge = {key: self.tiles[key] for key in edge_keys(self.size)}
        for tile in grow(self.tree, self.size, leaves, edge):
            key = (tile.level, tile.number)
            assert tile.hashes.startswith(self.tiles.get(key, b""))
            self.tiles[key] = tile.hashes
        self.size += len(leaves)

    def read(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        self.asked.append(keys)
        return {key: self.tiles[key] for key in keys if key in self.tiles}

    def log(self) -> TiledLog:
        return TiledLog(self.tree, self.read)


def grown(tree: TreeHash, batches: Sequence[int]) -> Shelf:
    shelf, leaves = Shelf(tree), leaf_hashes(tree, sum(batches))
    for batch in batches:
        shelf.add(leaves[shelf.size : shelf.size + batch])
    return shelf


@settings(deadline=None, max_examples=40)
@given(BATCHES, st.sampled_from(TREES))
def test_the_same_leaves_give_the_same_tiles_whatever_the_batches(batches: list[int], tree: TreeHash) -> None:
    assert grown(tree, batches).tiles == grown(tree, [sum(batches)]).tiles


@settings(deadline=None, max_examples=60)
@given(BATCHES, st.sampled_from(TREES), st.data())
def test_tiles_give_the_roots_and_proofs_of_the_whole_tree(
    batches: list[int], tree: TreeHash, data: st.DataObject
) -> None:
    shelf = grown(tree, batches)
    whole, tiled = MerkleLog(leaf_hashes(tree, shelf.size), tree=tree), shelf.log()
    size = data.draw(st.integers(1, shelf.size))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert tiled.root(size) == whole.root(size)
    assert tiled.inclusion(index, size) == whole.inclusion(index, size)
    assert tiled.consistency(old, size) == whole.consistency(old, size)


@settings(deadline=None, max_examples=30)
@given(BATCHES, st.data())
def test_proofs_from_tiles_are_accepted_by_the_verifiers(batches: list[int], data: st.DataObject) -> None:
    plain, twin = grown(SHA256_TREE, batches), grown(SM3_TREE, batches)
    index = data.draw(st.integers(0, plain.size - 1))
    old = data.draw(st.integers(1, plain.size))
    record, log, twins = index.to_bytes(4), plain.log(), twin.log()
    verify_inclusion(hash_leaf(record), log.inclusion(index, plain.size), log.root(plain.size))
    verify_twin_inclusion(hash_twin_leaf(record), twins.inclusion(index, twin.size), twins.root(twin.size))
    verify_consistency(
        old_size=old,
        old_root=log.root(old),
        new_size=plain.size,
        new_root=log.root(plain.size),
        path=log.consistency(old, plain.size),
    )


def test_a_log_of_three_levels_of_tiles_is_read_from_four_of_them() -> None:
    shelf = grown(SHA256_TREE, [70_000])
    whole = MerkleLog(leaf_hashes(SHA256_TREE, 70_000))
    assert {level for level, _ in shelf.tiles} == {0, 1, 2}
    assert shelf.log().inclusion(40_000, 70_000) == whole.inclusion(40_000, 70_000)
    (asked,) = shelf.asked
    assert len(asked) <= 6
    assert len(shelf.tiles[2, 0]) == 32
    assert shelf.log().consistency(65_536, 70_000) == whole.consistency(65_536, 70_000)


def test_a_tile_once_read_is_not_asked_for_again() -> None:
    shelf = grown(SHA256_TREE, [600])
    log = shelf.log()
    for index in range(256):
        log.inclusion(index, 600)
    assert len(shelf.asked) == 1


def test_a_reader_that_knows_a_young_edge_reads_it_again_when_the_log_has_grown() -> None:
    shelf = grown(SHA256_TREE, [100])
    log = shelf.log()
    log.root(100)
    shelf.add(leaf_hashes(SHA256_TREE, 700)[100:])
    assert log.root(700) == MerkleLog(leaf_hashes(SHA256_TREE, 700)).root()


def test_many_tiles_are_forgotten_rather_than_kept_for_ever() -> None:
    shelf = grown(SHA256_TREE, [80_000])
    log, whole = shelf.log(), MerkleLog(leaf_hashes(SHA256_TREE, 80_000))
    for index in range(0, 80_000, 256):
        assert log.inclusion(index, 80_000) == whole.inclusion(index, 80_000)
    assert len(log._pyramids) <= 256


def test_a_lost_tile_is_named_and_no_proof_is_made_up() -> None:
    shelf = grown(SHA256_TREE, [600])
    del shelf.tiles[0, 1]
    with pytest.raises(TileMissingError, match="tile 1 of level 0"):
        shelf.log().inclusion(300, 600)
    with pytest.raises(TileMissingError, match="missing or too short"):
        shelf.log().root(800)


def test_an_edge_of_another_size_is_refused_before_anything_grows_on_it() -> None:
    leaves = leaf_hashes(SHA256_TREE, 5)
    with pytest.raises(TileMissingError):
        grow(SHA256_TREE, 3, leaves[3:], {(0, 0): b"".join(leaves[:2])})
    with pytest.raises(TileMissingError):
        grow(SHA256_TREE, 3, leaves[3:], {})


@pytest.mark.parametrize(
    ("size", "keys"),
    [(0, []), (1, [(0, 0)]), (256, [(1, 0)]), (257, [(0, 1), (1, 0)]), (65_536, [(2, 0)])],
)
def test_the_edge_is_made_of_the_tiles_begun_and_not_complete(size: int, keys: list[TileKey]) -> None:
    assert edge_keys(size) == keys


def test_the_twin_tree_hashes_with_sm3_and_the_prefixes_of_rfc_9162() -> None:
    def sm3(content: bytes) -> bytes:
        return hashlib.new("sm3", content).digest()

    leaves = [sm3(b"\x00" + record) for record in (b"a", b"b", b"c")]
    root = sm3(b"\x01" + sm3(b"\x01" + leaves[0] + leaves[1]) + leaves[2])
    twin = MerkleLog((hash_twin_leaf(record) for record in (b"a", b"b", b"c")), tree=SM3_TREE)
    assert twin.root() == root
    assert MerkleLog(tree=SM3_TREE).root() == sm3(b"")
    # GB/T 32905 appendix A.1: the digest of "abc"
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_leaf_of_one_tree_proves_nothing_in_the_other() -> None:
    records = [b"a", b"b", b"c"]
    twin = MerkleLog((hash_twin_leaf(record) for record in records), tree=SM3_TREE)
    with pytest.raises(RootMismatchError):
        verify_inclusion(LeafHash(hash_twin_leaf(b"a")), twin.inclusion(0, 3), RootHash(Bytes32(twin.root())))
