"""Agreements by what their timestamps lack, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from contracts_chain.storage import tables
from contracts_chain.storage.tables_archive import archive_timestamps
from contracts_chain.workflows.archive_ports import ArchiveFile

__all__ = ["SqlArchive"]


class SqlArchive:
    """Implements ``ArchiveRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def untimed(self) -> tuple[str, ...]:
        """Signed slots without a proven time."""
        table, slots = tables.agreements, tables.agreement_slots
        signed = and_(slots.c.certificate_sha256.is_not(None), slots.c.timestamp_utc.is_(None))
        untimed = select(slots.c.agreement_id).where(signed)
        query = select(table.c.number).where(table.c.id.in_(untimed)).order_by(table.c.number)
        return tuple(self._connection.execute(query).scalars())

    def unread(self, limit: int, *, after: str = "") -> tuple[str, ...]:
        """Executed agreements without a row for their newest revision."""
        table, read = tables.agreements, archive_timestamps
        same = and_(read.c.number == table.c.number, read.c.document_sha256 == table.c.current_sha256)
        query = (
            select(table.c.number)
            .outerjoin(read, same)
            .where(table.c.executed_utc.is_not(None), read.c.number.is_(None), table.c.number > after)
            .order_by(table.c.number)
            .limit(limit)
        )
        return tuple(self._connection.execute(query).scalars())

    def keep(self, read: ArchiveFile) -> None:
        """Insert or replace."""
        values = asdict(read)
        stored = insert(archive_timestamps).values(**values)
        self._connection.execute(stored.on_conflict_do_update(index_elements=["number"], set_=values))

    def due(self, before: datetime, distrusted: Collection[str]) -> tuple[str, ...]:
        """By end and by digest."""
        table = archive_timestamps
        query = select(table.c.number).where(
            or_(table.c.not_after_utc < before, table.c.algorithm.in_(distrusted))
        )
        return tuple(self._connection.execute(query.order_by(table.c.number)).scalars())
