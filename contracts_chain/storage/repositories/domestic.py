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

    def keep(self, number: str, field: str, ses_sha256: Bytes32) -> None:
        """Insert, or point at the newer blob."""
        row = upsert(domestic_seals).values(number=number, field=field, ses_sha256=ses_sha256)
        changed = row.on_conflict_do_update(
            index_elements=["number", "field"], set_={"ses_sha256": ses_sha256}
        )
        self._connection.execute(changed)

    def of_agreement(self, number: str) -> tuple[tuple[str, Bytes32], ...]:
        """By field, in the order of their bytes whatever the database's collation."""
        query = select(domestic_seals).where(domestic_seals.c.number == number)
        rows = self._connection.execute(query).mappings()
        return tuple(sorted((row["field"], Bytes32(row["ses_sha256"])) for row in rows))
