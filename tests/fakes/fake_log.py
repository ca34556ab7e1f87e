"""The log in memory: a waiting room, leaves in order, both trees built anew for every question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.evidence.merkle import InclusionProof, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.tiles import TILE_WIDTH, Tile, TileMissingError, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE, TreeName
from contracts_chain.workflows.dossier import LogLeaf, LogRow, PendingLeaves
from kernel.sized_bytes import Bytes32, LeafHash, RootHash


@dataclass
class FakeLog:
    leaves: list[LogLeaf]
    rows: list[LogRow]

    def lock(self) -> None:
        pass

    def lock_subject(self, subject: str) -> None:
        pass

    def snapshot(self) -> None:
        pass

    def append(self, subject: str, leaf_hash: LeafHash, record: bytes, at: datetime) -> None:
        self.append_many([LogRow(subject=subject, leaf_hash=leaf_hash, record=record, appended_utc=at)])

    def append_many(self, rows: Sequence[LogRow]) -> None:
        self.rows.extend(rows)

    def pending(self) -> PendingLeaves:
        rows = self.rows
        oldest = min((row.appended_utc for row in rows), default=None)
        return PendingLeaves(count=len(rows), oldest_utc=oldest)

    def waiting(self) -> tuple[LogRow, ...]:
        return tuple(self.rows)

    def sequence_pending(self, most: int) -> int:
        for row in self.rows[:most]:
            leaf = LogLeaf(
                index=self.size(),
                leaf_hash=row.leaf_hash,
                twin_hash=hash_twin_leaf(row.record),
                subject=row.subject,
                record=row.record,
            )
            self.leaves.append(leaf)
        del self.rows[:most]
        return self.size()

    def size(self) -> int:
        return len(self.leaves)

    def root(self, size: int) -> RootHash:
        return self._log(size).root()

    def inclusion(self, index: int, size: int) -> InclusionProof:
        return self._log(size).inclusion(index, size)

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        return self._log(new_size).consistency(old_size, new_size)

    def twin_root(self, size: int) -> Bytes32:
        return Bytes32(self._twin(size).root())

    def twin_inclusion(self, index: int, size: int) -> InclusionProof:
        return self._twin(size).inclusion(index, size)

    def twin_consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        return self._twin(new_size).consistency(old_size, new_size)

    def last_of(self, subject: str) -> LeafHash | None:
        taken_in = (*self.leaves, *self.rows)
        return next((one.leaf_hash for one in reversed(taken_in) if one.subject == subject), None)

    def leaves_of(self, subject: str) -> tuple[LogLeaf, ...]:
        return tuple(leaf for leaf in self.leaves if leaf.subject == subject)

    def unsequenced(self, subject: str) -> int:
        return sum(row.subject == subject for row in self.rows)

    def hashes(self, size: int | None = None) -> tuple[LeafHash, ...]:
        return tuple(leaf.leaf_hash for leaf in self.leaves[:size])

    def all(self) -> tuple[LogLeaf, ...]:
        return tuple(self.leaves)

    def tiles(self, tree: TreeName) -> tuple[Tile, ...]:
        return tuple(grow(SHA256_TREE, 0, self.hashes(), {}) if tree == "sha256" else self._twin_tiles())

    def tile(self, tree: TreeName, level: int, number: int) -> bytes | None:
        wanted = (level, number)
        return next((one.hashes for one in self.tiles(tree) if (one.level, one.number) == wanted), None)

    def _twin_tiles(self) -> list[Tile]:
        return grow(SM3_TREE, 0, [leaf.twin_hash for leaf in self.leaves], {})

    def _log(self, size: int) -> MerkleLog:
        return MerkleLog(self._known(size, list(self.hashes())))

    def _twin(self, size: int) -> MerkleLog:
        return MerkleLog(self._known(size, [leaf.twin_hash for leaf in self.leaves]), tree=SM3_TREE)

    def _known(self, size: int, leaves: Sequence[bytes]) -> Sequence[bytes]:
        if size > len(leaves):
            raise TileMissingError(0, size // TILE_WIDTH)
        return leaves[:size]
