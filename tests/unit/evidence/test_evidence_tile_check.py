"""fsck names the tile that was changed, lost or added, and the record that broke its subject's chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.tile_check import check_chains, check_tiles
from contracts_chain.evidence.tiles import Tile, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE, TreeHash
from kernel.digests import digests_of
from kernel.sized_bytes import LeafHash, Salt

RECORDS = [b"record %d" % number for number in range(600)]
LEAVES = {
    SHA256_TREE.name: [hash_leaf(record) for record in RECORDS],
    SM3_TREE.name: [hash_twin_leaf(record) for record in RECORDS],
}


def tiles(tree: TreeHash) -> list[Tile]:
    return grow(tree, 0, LEAVES[tree.name], {})


def found(tree: TreeHash, stored: list[Tile]) -> list[tuple[str, int]]:
    findings = list(check_tiles(tree, LEAVES[tree.name], stored))
    assert all(tree.name in finding.en and tree.name in finding.zh for finding in findings)
    return [(finding.code, finding.place) for finding in findings]


@pytest.mark.parametrize("tree", [SHA256_TREE, SM3_TREE], ids=lambda tree: tree.name)
@pytest.mark.parametrize(("place", "first"), [(0, 0), (1, 256), (2, 512), (3, 0)])
def test_a_changed_tile_is_named_by_the_first_leaf_under_it(tree: TreeHash, place: int, first: int) -> None:
    stored = tiles(tree)
    forged = bytes(reversed(stored[place].hashes))
    stored[place] = replace(stored[place], hashes=forged)
    assert found(tree, stored) == [("tile_changed", first)]


@pytest.mark.parametrize("tree", [SHA256_TREE, SM3_TREE], ids=lambda tree: tree.name)
def test_sound_tiles_have_no_finding_and_a_lost_or_foreign_one_has(tree: TreeHash) -> None:
    assert found(tree, tiles(tree)) == []
    assert found(tree, tiles(tree)[1:]) == [("tile_missing", 0)]
    assert found(tree, [*tiles(tree), Tile(level=0, number=3, hashes=bytes(32))]) == [("tile_unknown", 768)]


def test_a_changed_leaf_changes_its_tile_and_every_tile_above_it() -> None:
    changed = [*LEAVES["sha256"]]
    changed[300] = hash_leaf(b"changed")
    findings = check_tiles(SHA256_TREE, changed, tiles(SHA256_TREE))
    assert [(one.code, one.place) for one in findings] == [("tile_changed", 256), ("tile_changed", 0)]


def chain(*subjects: str) -> list[tuple[str, LeafHash, bytes | None]]:
    last: dict[str, LeafHash] = {}
    rows: list[tuple[str, LeafHash, bytes | None]] = []
    for number, subject in enumerate(subjects):
        record = Record(
            kind=RecordKind.AGREEMENT_SIGNED,
            subject=subject,
            document=digests_of(b"pdf"),
            occurred_utc=datetime(2026, 11, 22, tzinfo=UTC),
            actor="signer",
            previous=last.get(subject),
            details={},
            salt=Salt(number.to_bytes(32)),
        )
        last[subject] = record.leaf()
        rows.append((subject, record.leaf(), record.canonical()))
    return rows


def broken(rows: list[tuple[str, LeafHash, bytes | None]]) -> list[tuple[str, int]]:
    findings = list(check_chains(rows))
    assert all(finding.en and finding.zh for finding in findings)
    return [(finding.code, finding.place) for finding in findings]


def test_interleaved_subjects_in_their_own_order_have_no_finding() -> None:
    assert broken(chain("A", "B", "A", "C", "B", "A")) == []


def test_a_lost_record_is_missed_by_the_one_after_it() -> None:
    rows = chain("A", "B", "A", "B", "A")
    assert broken([*rows[:2], *rows[3:]]) == [("chain_broken", 3)]


def test_two_records_of_a_subject_in_the_wrong_order_are_found() -> None:
    rows = chain("A", "B", "A", "A")
    assert broken([rows[0], rows[1], rows[3], rows[2]]) == [("chain_broken", 2), ("chain_broken", 3)]


def test_a_record_put_under_another_subject_is_found() -> None:
    rows = chain("A", "B")
    assert broken([rows[0], ("C", *rows[1][1:])]) == [("chain_broken", 1)]


def test_an_erased_record_keeps_its_leaf_in_the_chain() -> None:
    rows = chain("A", "A", "A")
    assert broken([rows[0], (*rows[1][:2], None), rows[2]]) == []


def test_bytes_that_are_no_record_are_named() -> None:
    assert broken([("A", hash_leaf(b"x"), b"x")]) == [("record_unreadable", 0)]
