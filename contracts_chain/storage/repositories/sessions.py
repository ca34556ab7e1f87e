"""Sessions of the staff's browsers in PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from contracts_chain.storage.tables_sessions import staff_sessions
from contracts_chain.workflows.session_ports import StaffSession
from kernel.sized_bytes import Bytes32

__all__ = ["SqlSessions"]


class SqlSessions:
    """Implements ``SessionRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, session: StaffSession) -> None:
        """Insert."""
        self._connection.execute(insert(staff_sessions).values(**asdict(session)))

    def find(self, token_sha256: Bytes32) -> StaffSession | None:
        """By digest of the cookie."""
        query = select(staff_sessions).where(staff_sessions.c.token_sha256 == token_sha256)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        digests = {name: Bytes32(row[name]) for name in ("token_sha256", "credential_sha256")}
        return StaffSession(**{**row, **digests})

    def touch(self, token_sha256: Bytes32, seen_utc: datetime) -> None:
        """Only forward: of two requests at once the later counts."""
        table = staff_sessions
        values = {"seen_utc": func.greatest(table.c.seen_utc, seen_utc)}
        self._connection.execute(update(table).where(table.c.token_sha256 == token_sha256).values(values))

    def remove(self, token_sha256: Bytes32) -> None:
        """Delete."""
        self._connection.execute(delete(staff_sessions).where(staff_sessions.c.token_sha256 == token_sha256))

    def remove_stale(self, *, began_before: datetime, seen_before: datetime) -> int:
        """Delete those; there are few rows, one a signed-on browser."""
        table = staff_sessions
        over = or_(table.c.began_utc < began_before, table.c.seen_utc < seen_before)
        return self._connection.execute(delete(table).where(over)).rowcount
