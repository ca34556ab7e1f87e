"""Checkpoints, transactions, status words and twins on their way to the chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

from sqlalchemy import Connection, RowMapping, Select, Table, collate, exists, insert, select, text, update

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.storage import tables, tables_chain, tables_life, tables_log
from contracts_chain.workflows.chain_ports import Covered
from contracts_chain.workflows.dossier import (
    CheckpointFile,
    StatusChangeFile,
    TransactionFile,
    TwinAnchorFile,
)
from kernel.sized_bytes import Bytes32, LeafHash, RootHash, TransactionHash

__all__ = ["SqlCheckpoints", "SqlStatusChanges", "SqlTransactions", "SqlTwinAnchors"]

_CHAIN_LOCK = 0x636861696E
_IN_FLIGHT = ("signed", "sent", "mined")
_FINAL = (EvidenceState.FINAL.value, EvidenceState.CROSS_ANCHORED.value)
_BEFORE = {
    EvidenceState.ANCHORED: (EvidenceState.LOGGED,),
    EvidenceState.FINAL: (EvidenceState.LOGGED, EvidenceState.ANCHORED),
    EvidenceState.CROSS_ANCHORED: (EvidenceState.FINAL,),
}
"""The evidence states from which a covered paper moves on; nothing ever moves back."""


class _InTransaction:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class SqlCheckpoints(_InTransaction):
    """Implements ``CheckpointRepository``."""

    def newest(self) -> CheckpointFile | None:
        """Highest sequence."""
        table = tables_chain.checkpoints
        row = self._connection.execute(select(table).order_by(table.c.sequence.desc()).limit(1))
        return _checkpoint_or_none(row.mappings().first())

    def load(self, sequence: int) -> CheckpointFile:
        """By sequence."""
        table = tables_chain.checkpoints
        row = self._connection.execute(select(table).where(table.c.sequence == sequence)).mappings().first()
        if row is None:
            raise KeyError(sequence)
        return _checkpoint(row)

    def add(self, checkpoint: CheckpointFile) -> None:
        """Insert; sequence and size are each unique."""
        self._connection.execute(insert(tables_chain.checkpoints).values(**asdict(checkpoint)))

    def save(self, checkpoint: CheckpointFile) -> None:
        """Move on in state; size and root are not touched."""
        table = tables_chain.checkpoints
        moved = {name: getattr(checkpoint, name) for name in ("state", "note", "proof")}
        self._connection.execute(update(table).where(table.c.sequence == checkpoint.sequence).values(**moved))

    def unfinished(self) -> tuple[CheckpointFile, ...]:
        """All but the final ones; only the newest can be one, since none is closed above it."""
        newest = self.newest()
        return () if newest is None or newest.state == "final" else (newest,)

    def newest_final(self) -> CheckpointFile | None:
        """Highest final sequence, by the primary key."""
        table = tables_chain.checkpoints
        query = select(table).where(table.c.state == "final").order_by(table.c.sequence.desc()).limit(1)
        return _checkpoint_or_none(self._connection.execute(query).mappings().first())

    def covering(self, index: int) -> CheckpointFile | None:
        """First checkpoint larger than the index, if it is final; by the unique size."""
        table = tables_chain.checkpoints
        query = select(table).where(table.c.size > index).order_by(table.c.size).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None or row["state"] != "final" else _checkpoint(row)

    def since(self, sequence: int) -> tuple[CheckpointFile, ...]:
        """From a sequence on, in order."""
        table = tables_chain.checkpoints
        query = select(table).where(table.c.sequence >= sequence).order_by(table.c.sequence)
        return tuple(_checkpoint(row) for row in self._connection.execute(query).mappings())

    def all(self) -> tuple[CheckpointFile, ...]:
        """All, in order."""
        return self.since(0)

    def mark_covered(self, first: int, size: int, state: EvidenceState) -> tuple[Covered, ...]:
        """One UPDATE a table, for the subjects of the leaves in between that have no later leaf.

        The rows are locked first and by number, as everywhere, and the UPDATE has a look of its own: it
        sees every record of a deed that we waited for.
        """
        leaves, later, taken_in = tables_log.log_leaves, tables_log.log_leaves.alias(), tables_log.log_records
        covered = select(leaves.c.subject).where(
            leaves.c.leaf_index >= first,
            leaves.c.leaf_index < size,
            ~exists().where(later.c.subject == leaves.c.subject, later.c.leaf_index >= size),
            ~exists().where(taken_in.c.subject == leaves.c.subject),
        )
        return tuple(
            found
            for table in (tables.agreements, tables.invoices)
            for found in self._move(table, covered, state)
        )

    def _move(self, table: Table, covered: Select[tuple[str]], state: EvidenceState) -> Iterator[Covered]:
        under_way = [before.value for before in _BEFORE[state]]
        where = (table.c.number.in_(covered), table.c.evidence_state.in_(under_way))
        held = select(table.c.id).where(*where).order_by(collate(table.c.number, "C"))
        self._connection.execute(held.with_for_update())
        before = select(table.c.number, table.c.evidence_state).where(*where).with_for_update().cte()
        moved = (
            update(table)
            .where(table.c.number == before.c.number)
            .values(evidence_state=state.value)
            .returning(before.c.number, before.c.evidence_state)
        )
        for number, stood in self._connection.execute(moved):
            yield Covered(subject=number, before=EvidenceState(stood))


class SqlTransactions(_InTransaction):
    """Implements ``TransactionRepository``; an advisory lock makes one owner of the nonces."""

    def lock(self) -> None:
        """Hold the anchoring account until the transaction ends."""
        self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})

    def newest(self) -> TransactionFile | None:
        """Highest nonce."""
        table = tables_chain.chain_transactions
        return self._first(select(table).order_by(table.c.nonce.desc()).limit(1))

    def newest_of(self, kind: str, ref: int) -> TransactionFile | None:
        """Highest nonce spent on this."""
        table = tables_chain.chain_transactions
        query = select(table).where(table.c.kind == kind, table.c.ref == ref)
        return self._first(query.order_by(table.c.nonce.desc()).limit(1))

    def in_flight(self) -> TransactionFile | None:
        """By the unique partial index that allows one."""
        table = tables_chain.chain_transactions
        return self._first(select(table).where(table.c.state.in_(_IN_FLIGHT)))

    def load(self, nonce: int) -> TransactionFile:
        """By nonce."""
        table = tables_chain.chain_transactions
        found = self._first(select(table).where(table.c.nonce == nonce))
        if found is None:
            raise KeyError(nonce)
        return found

    def add(self, transaction: TransactionFile) -> None:
        """Insert; nonce and hash are each unique, and so is being in flight."""
        self._connection.execute(insert(tables_chain.chain_transactions).values(**asdict(transaction)))

    def save(self, transaction: TransactionFile) -> None:
        """Move on; the signed bytes are not touched."""
        table = tables_chain.chain_transactions
        names = ("state", "reason", "block_number", "gas_used")
        moved = {name: getattr(transaction, name) for name in names}
        self._connection.execute(update(table).where(table.c.nonce == transaction.nonce).values(**moved))

    def all(self) -> tuple[TransactionFile, ...]:
        """All, in order."""
        table = tables_chain.chain_transactions
        rows = self._connection.execute(select(table).order_by(table.c.nonce)).mappings()
        return tuple(_transaction(row) for row in rows)

    def _first(self, query: Select[tuple[object, ...]]) -> TransactionFile | None:
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _transaction(row)


class SqlStatusChanges(_InTransaction):
    """Implements ``StatusChangeRepository``."""

    def add(self, change: StatusChangeFile) -> None:
        """Insert under the next id."""
        row = asdict(change) | {"status": change.status.name}
        del row["id"]
        self._connection.execute(insert(tables_chain.status_changes).values(**row))

    def waiting(self, most: int) -> tuple[StatusChangeFile, ...]:
        """Oldest first, by the partial index."""
        table = tables_chain.status_changes
        query = select(table).where(table.c.state == "waiting").order_by(table.c.id).limit(most)
        return tuple(_change(row) for row in self._connection.execute(query).mappings())

    def save(self, change: StatusChangeFile) -> None:
        """Move on; the change itself is not touched."""
        table = tables_chain.status_changes
        moved = {name: getattr(change, name) for name in ("state", "attempts", "nonce")}
        self._connection.execute(update(table).where(table.c.id == change.id).values(**moved))

    def of_batch(self, nonce: int) -> tuple[StatusChangeFile, ...]:
        """By the transaction that carries them."""
        table = tables_chain.status_changes
        query = select(table).where(table.c.nonce == nonce).order_by(table.c.id)
        return tuple(_change(row) for row in self._connection.execute(query).mappings())

    def of_agreement(self, number: str) -> tuple[StatusChangeFile, ...]:
        """By agreement."""
        table = tables_chain.status_changes
        query = select(table).where(table.c.number == number).order_by(table.c.id)
        return tuple(_change(row) for row in self._connection.execute(query).mappings())

    def place(self, leaf: LeafHash) -> int | None:
        """By the unique leaf hash."""
        table = tables_log.log_leaves
        found = self._connection.execute(select(table.c.leaf_index).where(table.c.leaf_hash == leaf)).scalar()
        return None if found is None else int(found)

    def executed(self, *, final: bool, most: int) -> tuple[str, ...]:
        """By the partial index over executed agreements; those with a span wait for their day only."""
        table, spans = tables.agreements, tables_life.life_spans
        done = table.c.evidence_state.in_(_FINAL)
        scheduled = select(spans.c.number).where(spans.c.number == table.c.number).exists()
        query = select(table.c.number).where(
            table.c.state == AgreementState.EXECUTED.value, done if final else ~done, ~scheduled
        )
        return tuple(self._connection.execute(query.order_by(table.c.number).limit(most)).scalars())


class SqlTwinAnchors(_InTransaction):
    """Implements ``TwinAnchorRepository``."""

    def add(self, twin: TwinAnchorFile) -> TwinAnchorFile:
        """Insert under the next id."""
        row = asdict(twin)
        del row["id"]
        table = tables_chain.twin_anchors
        given = self._connection.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
        return replace(twin, id=int(given))

    def save(self, twin: TwinAnchorFile) -> None:
        """Move on."""
        table = tables_chain.twin_anchors
        names = ("state", "sequence", "size", "twin_root", "proof")
        moved = {name: getattr(twin, name) for name in names}
        self._connection.execute(update(table).where(table.c.id == twin.id).values(**moved))

    def load(self, twin: int) -> TwinAnchorFile:
        """By id."""
        table = tables_chain.twin_anchors
        row = self._connection.execute(select(table).where(table.c.id == twin)).mappings().first()
        if row is None:
            raise KeyError(twin)
        return _twin(row)

    def unfinished(self) -> TwinAnchorFile | None:
        """The newest, unless it is final; none is asked for above it."""
        table = tables_chain.twin_anchors
        query = select(table).where(table.c.state != "final").order_by(table.c.id).limit(1)
        return _twin_or_none(self._connection.execute(query).mappings().first())

    def newest_final(self) -> TwinAnchorFile | None:
        """Highest id with a proof."""
        table = tables_chain.twin_anchors
        query = select(table).where(table.c.state == "final").order_by(table.c.id.desc()).limit(1)
        return _twin_or_none(self._connection.execute(query).mappings().first())

    def covering(self, index: int) -> TwinAnchorFile | None:
        """First final one larger than the index."""
        table = tables_chain.twin_anchors
        query = select(table).where(table.c.state == "final", table.c.size > index)
        return _twin_or_none(
            self._connection.execute(query.order_by(table.c.size, table.c.id).limit(1)).mappings().first()
        )


def _checkpoint_or_none(row: RowMapping | None) -> CheckpointFile | None:
    return None if row is None else _checkpoint(row)


def _checkpoint(row: RowMapping) -> CheckpointFile:
    return CheckpointFile(**(dict(row) | {"root": RootHash(row["root"])}))


def _transaction(row: RowMapping) -> TransactionFile:
    typed = {"transaction_hash": TransactionHash(row["transaction_hash"])}
    return TransactionFile(**(dict(row) | typed))


def _change(row: RowMapping) -> StatusChangeFile:
    successor = row["successor"]
    typed = {
        "key": LeafHash(row["key"]),
        "status": RegistryStatus[row["status"]],
        "successor": None if successor is None else LeafHash(successor),
    }
    return StatusChangeFile(**(dict(row) | typed))


def _twin_or_none(row: RowMapping | None) -> TwinAnchorFile | None:
    return None if row is None else _twin(row)


def _twin(row: RowMapping) -> TwinAnchorFile:
    root = row["twin_root"]
    return TwinAnchorFile(**(dict(row) | {"twin_root": None if root is None else Bytes32(root)}))
