"""Hold the stored tiles of both trees, and every record's place, against the leaves (fsck).

Pure: what is stored comes in, findings come out. Says which tile, and from which leaf on,
so that a person can restore just that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from contracts_chain.evidence.log_finding import LogFinding
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.tiles import TILE_WIDTH, Tile, TileKey, grow
from contracts_chain.evidence.tree_hash import TreeHash
from kernel.sized_bytes import LeafHash

__all__ = ["check_chains", "check_tiles"]


def check_tiles(tree: TreeHash, leaves: Sequence[bytes], stored: Iterable[Tile]) -> Iterator[LogFinding]:
    """Compute every tile anew and compare.

    Args:
        tree: Which of the two trees.
        leaves: All leaf hashes of that tree, in order.
        stored: All its tiles.
    """
    due = {(tile.level, tile.number): tile.hashes for tile in grow(tree, 0, leaves, {})}
    for tile in stored:
        key = (tile.level, tile.number)
        expected = due.pop(key, None)
        if expected is None:
            yield _tile_finding("tile_unknown", tree, key)
        elif expected != tile.hashes:
            yield _tile_finding("tile_changed", tree, key)
    for key in due:
        yield _tile_finding("tile_missing", tree, key)


def check_chains(rows: Iterable[tuple[str, LeafHash, bytes | None]]) -> Iterator[LogFinding]:
    """Check that each record names the leaf before it of its own subject.

    Args:
        rows: Subject, leaf and record (``None`` where it was erased) of every leaf in order, then of
            every record that waits for its place.
    """
    last: dict[str, LeafHash] = {}
    for place, (subject, leaf, content) in enumerate(rows):
        if content is not None:
            yield from _link_findings(place, subject, content, last.get(subject))
        last[subject] = leaf


def _link_findings(place: int, subject: str, content: bytes, before: LeafHash | None) -> Iterator[LogFinding]:
    try:
        record = Record.parse(content)
    except MalformedEvidenceError as problem:
        yield LogFinding(
            code="record_unreadable",
            place=place,
            en=f"record {place} of {subject} cannot be read; restore it from a backup: {problem.en}",
            zh=f"{subject} 的第 {place} 条记录无法读取，请从备份恢复：{problem.zh}",
        )
        return
    if (record.subject, record.previous) != (subject, before):
        yield LogFinding(
            code="chain_broken",
            place=place,
            en=f"record {place} of {subject} does not name the record before it; one is lost, moved or "
            "added: compare with a backup",
            zh=f"{subject} 的第 {place} 条记录未指向其前一条记录；有记录遗失、移位或添加，请与备份比对",
        )


def _tile_finding(code: str, tree: TreeHash, key: TileKey) -> LogFinding:
    level, number = key
    first = number * TILE_WIDTH ** (level + 1)
    en, zh = _SENTENCES[code]
    return LogFinding(
        code=code,
        place=first,
        en=f"tile {number} of level {level} of the {tree.name} tree (leaves from {first}) {en}; "
        "restore it from a backup",
        zh=f"{tree.name} 树第 {level} 层第 {number} 块（自第 {first} 叶起）{zh}；请从备份恢复",
    )


_SENTENCES = {
    "tile_changed": ("is not what the leaves give", "与叶不符"),
    "tile_missing": ("is not stored", "缺失"),
    "tile_unknown": ("belongs to no leaf", "不对应任何叶"),
}
