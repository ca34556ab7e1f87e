"""Leaves, trail lines and checkpoints: what the triggers keep append-only, and the anchors of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, text, update

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.storage import tables
from contracts_chain.workflows.dossier import CheckpointFile, LogLeaf
from kernel.sized_bytes import LeafHash, RootHash, TransactionHash

__all__ = ["SqlCheckpoints", "SqlLog", "SqlTrails"]

_LOG_LOCK = 0x6C6F67


class SqlTrails:
    """Implements ``TrailRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def lines(self, subject: str) -> tuple[bytes, ...]:
        """All lines of a subject in order."""
        table = tables.trail_lines
        query = select(table.c.line).where(table.c.subject == subject).order_by(table.c.seq)
        return tuple(self._connection.execute(query).scalars())

    def append(self, subject: str, line: bytes) -> None:
        """Insert at the next position; the primary key refuses a second line there."""
        table = tables.trail_lines
        taken = select(func.count()).select_from(table).where(table.c.subject == subject)
        seq = self._connection.execute(taken).scalar_one()
        self._connection.execute(insert(table).values(subject=subject, seq=seq, line=line))


class SqlLog:
    """Implements ``LogRepository``; an advisory lock fixes the order of leaves once."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._locked_in: object = None

    def lock(self) -> None:
        """Hold the log until the transaction ends; asked for once a transaction."""
        transaction = self._connection.get_transaction()
        if transaction is None or transaction is not self._locked_in:
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOG_LOCK})
            self._locked_in = self._connection.get_transaction()

    def append(self, subject: str, leaf_hash: LeafHash, record: bytes, at: datetime) -> int:
        """Insert under the next index."""
        self.lock()
        table = tables.log_leaves
        after_last = select(func.coalesce(func.max(table.c.leaf_index) + 1, 0))
        index = self._connection.execute(after_last).scalar_one()
        row = {"leaf_index": index, "leaf_hash": leaf_hash, "subject": subject, "record": record}
        self._connection.execute(insert(table).values(**row, appended_utc=at))
        return int(index)

    def last_of(self, subject: str) -> LeafHash | None:
        """Newest leaf hash of a subject."""
        table = tables.log_leaves
        query = select(table.c.leaf_hash).where(table.c.subject == subject)
        found = self._connection.execute(query.order_by(table.c.leaf_index.desc()).limit(1)).scalar()
        return None if found is None else LeafHash(found)

    def leaves_of(self, subject: str) -> tuple[LogLeaf, ...]:
        """All leaves of a subject in order."""
        table = tables.log_leaves
        query = select(table).where(table.c.subject == subject).order_by(table.c.leaf_index)
        return tuple(_leaf(row) for row in self._connection.execute(query).mappings())

    def hashes(self, size: int | None = None) -> tuple[LeafHash, ...]:
        """Leaf hashes in order, the first ``size`` of them."""
        table = tables.log_leaves
        query = select(table.c.leaf_hash).order_by(table.c.leaf_index).limit(size)
        return tuple(LeafHash(found) for found in self._connection.execute(query).scalars())

    def all(self) -> tuple[LogLeaf, ...]:
        """Every leaf in order."""
        query = select(tables.log_leaves).order_by(tables.log_leaves.c.leaf_index)
        return tuple(_leaf(row) for row in self._connection.execute(query).mappings())


class SqlCheckpoints:
    """Implements ``CheckpointRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def newest(self) -> CheckpointFile | None:
        """Highest sequence."""
        query = select(tables.checkpoints).order_by(tables.checkpoints.c.sequence.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _checkpoint(row)

    def add(self, checkpoint: CheckpointFile) -> None:
        """Insert; sequence, size, nonce and transaction hash are each unique."""
        self._connection.execute(insert(tables.checkpoints).values(**asdict(checkpoint)))

    def save(self, checkpoint: CheckpointFile) -> None:
        """Move on in state; what was signed is not touched."""
        table = tables.checkpoints
        moved = {name: getattr(checkpoint, name) for name in ("state", "block_number", "gas_used", "proof")}
        self._connection.execute(update(table).where(table.c.sequence == checkpoint.sequence).values(**moved))

    def unfinished(self) -> tuple[CheckpointFile, ...]:
        """All but the final ones, in order."""
        table = tables.checkpoints
        query = select(table).where(table.c.state != "final").order_by(table.c.sequence)
        return tuple(_checkpoint(row) for row in self._connection.execute(query).mappings())

    def covering(self, index: int) -> CheckpointFile | None:
        """First final checkpoint larger than the index."""
        table = tables.checkpoints
        query = select(table).where(table.c.state == "final", table.c.size > index)
        row = self._connection.execute(query.order_by(table.c.sequence).limit(1)).mappings().first()
        return None if row is None else _checkpoint(row)

    def all(self) -> tuple[CheckpointFile, ...]:
        """All, in order."""
        query = select(tables.checkpoints).order_by(tables.checkpoints.c.sequence)
        return tuple(_checkpoint(row) for row in self._connection.execute(query).mappings())

    def mark_covered(self, size: int, state: EvidenceState) -> None:
        """One UPDATE a table, by the newest leaf of each subject."""
        leaves = tables.log_leaves
        covered = (
            select(leaves.c.subject).group_by(leaves.c.subject).having(func.max(leaves.c.leaf_index) < size)
        )
        under_way = (EvidenceState.LOGGED.value, EvidenceState.ANCHORED.value)
        for table in (tables.agreements, tables.invoices):
            where = (table.c.number.in_(covered), table.c.evidence_state.in_(under_way))
            self._connection.execute(update(table).where(*where).values(evidence_state=state.value))


def _leaf(row: RowMapping) -> LogLeaf:
    return LogLeaf(
        index=row["leaf_index"],
        leaf_hash=LeafHash(row["leaf_hash"]),
        subject=row["subject"],
        record=row["record"],
    )


def _checkpoint(row: RowMapping) -> CheckpointFile:
    values = dict(row)
    values["root"] = RootHash(row["root"])
    values["transaction_hash"] = TransactionHash(row["transaction_hash"])
    return CheckpointFile(**values)
