"""Deposits of header hashes at second places, and the alarms."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.storage import tables_chain
from contracts_chain.workflows.dossier import Alarm, CrossAnchorFile
from kernel.sized_bytes import BlockHash

__all__ = ["SqlAlarms", "SqlCrossAnchors"]


class SqlCrossAnchors:
    """Implements ``CrossAnchorRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def open(self, intended: CrossAnchorFile) -> CrossAnchorFile:
        """Insert unless place and header are there already; then that row."""
        table = tables_chain.cross_anchors
        self._connection.execute(upsert(table).values(**asdict(intended)).on_conflict_do_nothing())
        query = select(table).where(
            table.c.place == intended.place, table.c.header_hash == intended.header_hash
        )
        return _deposit(self._connection.execute(query).mappings().one())

    def save(self, deposited: CrossAnchorFile) -> None:
        """Store time and proof."""
        table = tables_chain.cross_anchors
        where = (table.c.place == deposited.place, table.c.header_hash == deposited.header_hash)
        done = {"deposited_utc": deposited.deposited_utc, "proof": deposited.proof}
        self._connection.execute(update(table).where(*where).values(**done))

    def newest(self, place: str) -> CrossAnchorFile | None:
        """Highest header of a place."""
        table = tables_chain.cross_anchors
        query = select(table).where(table.c.place == place).order_by(table.c.header_number.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _deposit(row)

    def pending(self) -> tuple[CrossAnchorFile, ...]:
        """Without proof, oldest first."""
        table = tables_chain.cross_anchors
        query = select(table).where(table.c.proof.is_(None)).order_by(table.c.id)
        return tuple(_deposit(row) for row in self._connection.execute(query).mappings())

    def covering(self, index: int) -> tuple[CrossAnchorFile, ...]:
        """The smallest deposited size above the index, for each place."""
        table = tables_chain.cross_anchors
        query = (
            select(table)
            .ext(distinct_on(table.c.place))
            .where(table.c.size > index, table.c.proof.is_not(None))
            .order_by(table.c.place, table.c.size, table.c.id)
        )
        return tuple(_deposit(row) for row in self._connection.execute(query).mappings())

    def covered_size(self) -> int:
        """Greatest deposited size."""
        table = tables_chain.cross_anchors
        query = select(func.coalesce(func.max(table.c.size), 0)).where(table.c.proof.is_not(None))
        return int(self._connection.execute(query).scalar_one())


class SqlAlarms:
    """Implements ``AlarmRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def raise_once(self, alarm: Alarm) -> bool:
        """Insert unless code and subject stand already."""
        table = tables_chain.alarms
        new = upsert(table).values(**asdict(alarm)).on_conflict_do_nothing().returning(table.c.id)
        return self._connection.execute(new).first() is not None

    def clear(self, code: str, subject: str, *, by: str, at: datetime) -> bool:
        """Update the one that stands."""
        table = tables_chain.alarms
        where = (table.c.code == code, table.c.subject == subject, table.c.cleared_utc.is_(None))
        done = update(table).where(*where).values(cleared_utc=at, cleared_by=by)
        return self._connection.execute(done).rowcount > 0

    def all(self) -> tuple[Alarm, ...]:
        """Standing ones, oldest first."""
        table = tables_chain.alarms
        query = select(table).where(table.c.cleared_utc.is_(None)).order_by(table.c.id)
        rows = self._connection.execute(query).mappings()
        return tuple(Alarm(**{field.name: row[field.name] for field in fields(Alarm)}) for row in rows)


def _deposit(row: RowMapping) -> CrossAnchorFile:
    values = {field.name: row[field.name] for field in fields(CrossAnchorFile)}
    return CrossAnchorFile(**(values | {"header_hash": BlockHash(row["header_hash"])}))
