"""Seal signatures of the domestic track in PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.storage.tables_domestic import domestic_seals
from kernel.sized_bytes import Bytes32

__all__ = ["SqlDomesticSeals"]


class SqlDomesticSeals:
    """Implements ``DomesticSealRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def keep(self, number: str, field: str, ses_sha256: Bytes32, *, stamped: bool) -> None:
        """Insert, or point at the newer blob."""
        kept = {"ses_sha256": ses_sha256, "stamped": stamped}
        row = upsert(domestic_seals).values(number=number, field=field, **kept)
        changed = row.on_conflict_do_update(index_elements=["number", "field"], set_=kept)
        self._connection.execute(changed)

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        """By field, in the order of their bytes whatever the database's collation."""
        query = select(domestic_seals).where(domestic_seals.c.number == number)
        rows = self._connection.execute(query).mappings()
        return tuple(sorted((row["field"], Bytes32(row["ses_sha256"])) for row in rows))

    def unstamped(self) -> tuple[str, ...]:
        """In the order of their bytes."""
        table = domestic_seals
        query = select(table.c.number).where(~table.c.stamped).distinct()
        return tuple(sorted(self._connection.execute(query).scalars()))

    def unstamped_of(self, number: str) -> tuple[str, ...]:
        """In the order of their bytes."""
        table = domestic_seals
        query = select(table.c.field).where(table.c.number == number, ~table.c.stamped)
        return tuple(sorted(self._connection.execute(query).scalars()))

    def digests(self) -> tuple[Bytes32, ...]:
        """By agreement and field."""
        table = domestic_seals
        query = select(table.c.ses_sha256).order_by(table.c.number, table.c.field)
        return tuple(Bytes32(digest) for digest in self._connection.execute(query).scalars())
