"""The log's hashes in tiles of 256 (C2SP tlog-tiles): how they grow and how proofs are read from them.

Level L holds the hashes of complete subtrees of 256**L leaves, in order; tile N of a level
holds its hashes 256·N to 256·N + 255. A tile at the right edge grows; one that is
complete never changes. Pure: tiles come in and go out as bytes, whoever stores them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts_chain.evidence.proving_tree import Node, ProvingTree
from contracts_chain.evidence.tree_hash import HASH_LENGTH, TreeHash
from kernel.errors import FaultError

__all__ = ["TILE_WIDTH", "Tile", "TileKey", "TileMissingError", "TiledLog", "edge_keys", "grow"]

TILE_WIDTH = 256
"""Hashes of a complete tile."""
_HEIGHT = 8  # binary levels that one tile spans: 2**8 = TILE_WIDTH
_FULL = TILE_WIDTH * HASH_LENGTH
_REMEMBERED_TILES = 256

TileKey = tuple[int, int]
"""Level and number of a tile, both from 0."""
ReadTiles = Callable[[Sequence[TileKey]], Mapping[TileKey, bytes]]


class TileMissingError(FaultError):
    """A tile that the log's size calls for is not stored, or is too short."""

    code = "log_tile_missing"

    def __init__(self, level: int, number: int) -> None:
        """Name the tile."""
        super().__init__(
            f"tile {number} of level {level} of the log is missing or too short; "
            "run fsck and restore a backup",
            f"日志第 {level} 层第 {number} 块缺失或不完整；请运行 fsck 并恢复备份",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Up to 256 joined hashes of one level."""

    level: int
    number: int
    hashes: bytes


def edge_keys(size: int) -> list[TileKey]:
    """Tiles that are begun and not complete in a log of ``size``."""
    counts = [(level, size >> _HEIGHT * level) for level in range(_levels(size))]
    return [(level, count // TILE_WIDTH) for level, count in counts if count % TILE_WIDTH]


def grow(tree: TreeHash, size: int, leaves: Sequence[bytes], edge: Mapping[TileKey, bytes]) -> list[Tile]:
    """Every tile that changes when leaves are added.

    Args:
        tree: The hash function.
        size: Leaves so far.
        leaves: New leaf hashes, in order.
        edge: Contents of the tiles of ``edge_keys(size)``.

    Raises:
        TileMissingError: A tile of the edge is not what this size calls for.
    """
    changed: list[Tile] = []
    level, added = 0, b"".join(leaves)
    while added:
        number, begun = divmod(size >> _HEIGHT * level, TILE_WIDTH)
        standing = edge.get((level, number), b"") if begun else b""
        if len(standing) != begun * HASH_LENGTH:
            raise TileMissingError(level, number)
        joined = standing + added
        tiles = [
            Tile(level=level, number=number + at // _FULL, hashes=joined[at : at + _FULL])
            for at in range(0, len(joined), _FULL)
        ]
        changed += tiles
        added = b"".join(_top(tree, tile.hashes) for tile in tiles if len(tile.hashes) == _FULL)
        level += 1
    return changed


class TiledLog(ProvingTree):
    """Roots and proofs read from stored tiles; fetches only the tiles on the way, each once."""

    def __init__(self, tree: TreeHash, read: ReadTiles) -> None:
        """Take the hash function and a way to read tiles of that tree."""
        super().__init__(tree)
        self._read = read
        self._pyramids: dict[TileKey, list[bytes]] = {}

    def _hashes(self, nodes: list[Node]) -> list[bytes]:
        places = [_place(level, index) for level, index in nodes]
        self._fetch(places)
        return [self._hash(key, rise, at) for key, rise, at in places]

    def _fetch(self, places: Sequence[tuple[TileKey, int, int]]) -> None:
        lacking = {key for key, rise, at in places if not self._holds(key, rise, at)}
        if not lacking:
            return
        if len(self._pyramids) + len(lacking) > _REMEMBERED_TILES:
            self._pyramids.clear()
            lacking = {key for key, _, _ in places}
        for key, hashes in self._read(sorted(lacking)).items():
            self._pyramids[key] = _pyramid(self._tree, hashes)

    def _holds(self, key: TileKey, rise: int, at: int) -> bool:
        pyramid = self._pyramids.get(key, [])
        return rise < len(pyramid) and len(pyramid[rise]) >= (at + 1) * HASH_LENGTH

    def _hash(self, key: TileKey, rise: int, at: int) -> bytes:
        if not self._holds(key, rise, at):
            raise TileMissingError(*key)
        return self._pyramids[key][rise][at * HASH_LENGTH : (at + 1) * HASH_LENGTH]


def _place(level: int, index: int) -> tuple[TileKey, int, int]:
    """Tile, height above its bottom row, and place in that row, of a complete subtree."""
    tile_level, rise = divmod(level, _HEIGHT)
    number, first = divmod(index << rise, TILE_WIDTH)
    return (tile_level, number), rise, first >> rise


def _pyramid(tree: TreeHash, hashes: bytes) -> list[bytes]:
    """The rows over a tile's hashes, complete subtrees only, up to but without its top."""
    rows = [hashes]
    while len(rows) < _HEIGHT and len(rows[-1]) >= 2 * HASH_LENGTH:
        below = rows[-1]
        rows.append(tree.parents(below[: len(below) // (2 * HASH_LENGTH) * 2 * HASH_LENGTH]))
    return rows


def _top(tree: TreeHash, hashes: bytes) -> bytes:
    """Hash of the whole subtree under a complete tile."""
    while len(hashes) > HASH_LENGTH:
        hashes = tree.parents(hashes)
    return hashes


def _levels(size: int) -> int:
    return (size.bit_length() + _HEIGHT - 1) // _HEIGHT
