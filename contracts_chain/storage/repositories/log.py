"""The log in PostgreSQL: records are taken in side by side, brought into order once, kept in tiles.

Taking in locks one subject only, so any number of processes commit together. Order is
given under one advisory lock: index, leaf and tiles of both trees in one transaction,
so that a crash leaves all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.evidence.merkle import InclusionProof, hash_twin_leaf
from contracts_chain.evidence.tiles import TILE_WIDTH, Tile, TiledLog, TileKey, edge_keys, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE, TreeHash, TreeName
from contracts_chain.storage.tables_log import log_leaves, log_records, log_tiles, trail_lines
from contracts_chain.workflows.dossier import LogLeaf, LogRow, PendingLeaves
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["SqlLog", "SqlTrails"]

_LOG_LOCK = 0x6C6F67
_INTO_ORDER = text("""
    WITH taken AS (
        DELETE FROM log_records
        WHERE record_id IN (SELECT record_id FROM log_records ORDER BY record_id LIMIT :most)
        RETURNING *
    )
    INSERT INTO log_leaves (leaf_index, leaf_hash, twin_hash, subject, record, appended_utc)
    SELECT :size + row_number() OVER (ORDER BY record_id) - 1,
        leaf_hash, twin_hash, subject, record, appended_utc
    FROM taken
    RETURNING leaf_index, leaf_hash, twin_hash
""")
_NEWEST_LEAF = text("""
    SELECT coalesce(
        (SELECT leaf_hash FROM log_records WHERE subject = :subject ORDER BY record_id DESC LIMIT 1),
        (SELECT leaf_hash FROM log_leaves WHERE subject = :subject ORDER BY leaf_index DESC LIMIT 1)
    )
""")


class SqlTrails:
    """Implements ``TrailRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def lines(self, subject: str) -> tuple[bytes, ...]:
        """All lines of a subject in order."""
        table = trail_lines
        query = select(table.c.line).where(table.c.subject == subject).order_by(table.c.seq)
        return tuple(self._connection.execute(query).scalars())

    def append(self, subject: str, line: bytes) -> None:
        """Insert at the next position; the primary key refuses a second line there."""
        table = trail_lines
        taken = select(func.count()).select_from(table).where(table.c.subject == subject)
        values = {"subject": subject, "seq": taken.scalar_subquery(), "line": line}
        self._connection.execute(insert(table).values(values))


class SqlLog:
    """Implements ``LogRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._locked_in: object = None
        self._forget_tiles()

    def lock(self) -> None:
        """Hold the order of the log until the transaction ends; asked for once a transaction."""
        transaction = self._connection.get_transaction()
        if transaction is None or transaction is not self._locked_in:
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOG_LOCK})
            self._locked_in = self._connection.get_transaction()

    def lock_subject(self, subject: str) -> None:
        """An advisory lock on the subject's hash; two subjects that share one wait for each other."""
        lock = text("SELECT pg_advisory_xact_lock(CAST(:space AS integer), hashtext(:subject))")
        self._connection.execute(lock, {"space": _LOG_LOCK, "subject": subject})

    def snapshot(self) -> None:
        """REPEATABLE READ for the rest of the transaction, which must not have read anything yet."""
        self._connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    def append(self, subject: str, leaf_hash: LeafHash, record: bytes, at: datetime) -> None:
        """One INSERT into the waiting room."""
        self.append_many((LogRow(subject=subject, leaf_hash=leaf_hash, record=record, appended_utc=at),))

    def append_many(self, rows: Sequence[LogRow]) -> None:
        """The same for many, in their order."""
        taken_in = [
            {
                "subject": row.subject,
                "leaf_hash": row.leaf_hash,
                "twin_hash": hash_twin_leaf(row.record),
                "record": row.record,
                "appended_utc": row.appended_utc,
            }
            for row in rows
        ]
        if taken_in:
            self._connection.execute(insert(log_records), taken_in)

    def pending(self) -> PendingLeaves:
        """Count and age of the waiting room."""
        query = select(func.count(), func.min(log_records.c.appended_utc))
        count, oldest = self._connection.execute(query).one()
        return PendingLeaves(count=count, oldest_utc=oldest)

    def sequence_pending(self, most: int) -> int:
        """Move rows from the waiting room into the leaves and let both trees grow."""
        self.lock()
        size = self.size()
        moved = sorted(self._connection.execute(_INTO_ORDER, {"most": most, "size": size}))
        self._grow(SHA256_TREE, size, [leaf for _, leaf, _ in moved])
        self._grow(SM3_TREE, size, [twin for _, _, twin in moved])
        self._forget_tiles()
        return size + len(moved)

    def size(self) -> int:
        """One look at the end of the primary key."""
        query = select(func.coalesce(func.max(log_leaves.c.leaf_index) + 1, 0))
        return int(self._connection.execute(query).scalar_one())

    def root(self, size: int) -> RootHash:
        """From the tiles at the right edge of that size."""
        return self._sha256.root(size)

    def inclusion(self, index: int, size: int) -> InclusionProof:
        """From the tiles on the way up."""
        return self._sha256.inclusion(index, size)

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """From the tiles at both right edges."""
        return self._sha256.consistency(old_size, new_size)

    def twin_root(self, size: int) -> Bytes32:
        """As ``root``, in the SM3 tree."""
        return Bytes32(self._sm3.root(size))

    def twin_inclusion(self, index: int, size: int) -> InclusionProof:
        """As ``inclusion``, in the SM3 tree."""
        return self._sm3.inclusion(index, size)

    def twin_consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """As ``consistency``, in the SM3 tree."""
        return self._sm3.consistency(old_size, new_size)

    def last_of(self, subject: str) -> LeafHash | None:
        """Newest leaf hash of a subject, from one snapshot of waiting room and leaves."""
        found = self._connection.execute(_NEWEST_LEAF, {"subject": subject}).scalar()
        return None if found is None else LeafHash(found)

    def leaves_of(self, subject: str) -> tuple[LogLeaf, ...]:
        """All leaves of a subject that have their place."""
        query = select(log_leaves).where(log_leaves.c.subject == subject).order_by(log_leaves.c.leaf_index)
        return tuple(_leaf(row) for row in self._connection.execute(query).mappings())

    def unsequenced(self, subject: str) -> int:
        """Rows of a subject in the waiting room."""
        query = select(func.count()).select_from(log_records).where(log_records.c.subject == subject)
        return int(self._connection.execute(query).scalar_one())

    def waiting(self) -> tuple[LogRow, ...]:
        """The waiting room, oldest first."""
        query = select(log_records).order_by(log_records.c.record_id)
        return tuple(
            LogRow(
                subject=row["subject"],
                leaf_hash=LeafHash(row["leaf_hash"]),
                record=row["record"],
                appended_utc=row["appended_utc"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def hashes(self, size: int | None = None) -> tuple[LeafHash, ...]:
        """Leaf hashes in order, the first ``size`` of them."""
        query = select(log_leaves.c.leaf_hash).order_by(log_leaves.c.leaf_index).limit(size)
        return tuple(LeafHash(found) for found in self._connection.execute(query).scalars())

    def all(self) -> tuple[LogLeaf, ...]:
        """Every leaf in order."""
        query = select(log_leaves).order_by(log_leaves.c.leaf_index)
        return tuple(_leaf(row) for row in self._connection.execute(query).mappings())

    def tiles(self, tree: TreeName) -> tuple[Tile, ...]:
        """Every stored tile of a tree, lowest level first."""
        table = log_tiles
        query = select(table).where(table.c.tree == tree).order_by(table.c.level, table.c.number)
        return tuple(
            Tile(level=row.level, number=row.number, hashes=row.hashes)
            for row in self._connection.execute(query)
        )

    def tile(self, tree: TreeName, level: int, number: int) -> bytes | None:
        """Level 0 from the leaves themselves: an outsider is shown what stands there, not a copy of it."""
        if level:
            return self._tiles(tree, [(level, number)]).get((level, number))
        column = log_leaves.c.leaf_hash if tree == "sha256" else log_leaves.c.twin_hash
        first = TILE_WIDTH * number
        within = log_leaves.c.leaf_index.between(first, first + TILE_WIDTH - 1)
        query = select(column).where(within).order_by(log_leaves.c.leaf_index)
        return b"".join(self._connection.execute(query).scalars()) or None

    def _forget_tiles(self) -> None:
        self._sha256 = TiledLog(SHA256_TREE, lambda keys: self._tiles("sha256", keys))
        self._sm3 = TiledLog(SM3_TREE, lambda keys: self._tiles("sm3", keys))

    def _tiles(self, tree: TreeName, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        table = log_tiles
        wanted = tuple_(table.c.level, table.c.number).in_(keys)
        query = select(table.c.level, table.c.number, table.c.hashes).where(table.c.tree == tree, wanted)
        return {(level, number): hashes for level, number, hashes in self._connection.execute(query)}

    def _grow(self, tree: TreeHash, size: int, leaves: list[bytes]) -> None:
        changed = grow(tree, size, leaves, self._tiles(tree.name, edge_keys(size)))
        if changed:
            rows = [
                {"tree": tree.name, "level": tile.level, "number": tile.number, "hashes": tile.hashes}
                for tile in changed
            ]
            statement = upsert(log_tiles)
            grown = statement.on_conflict_do_update(
                index_elements=list(log_tiles.primary_key), set_={"hashes": statement.excluded.hashes}
            )
            self._connection.execute(grown, rows)


def _leaf(row: RowMapping) -> LogLeaf:
    return LogLeaf(
        index=row["leaf_index"],
        leaf_hash=LeafHash(row["leaf_hash"]),
        twin_hash=Bytes32(row["twin_hash"]),
        subject=row["subject"],
        record=row["record"],
    )
