"""Uploaded annexes, and retail periods by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.agreements.rules.related_rules import RetailPeriod
from contracts_chain.storage.tables import agreements
from contracts_chain.storage.tables_annexes import annexes, retail_periods
from contracts_chain.workflows.annex_ports import BINDING, AnnexFile
from kernel.sized_bytes import Bytes32

__all__ = ["SqlAnnexes", "SqlRetail"]


class SqlAnnexes:
    """Implements ``AnnexRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, annex: AnnexFile) -> AnnexFile:
        """Insert unless it stands; the first stays."""
        self._connection.execute(upsert(annexes).values(**asdict(annex)).on_conflict_do_nothing())
        standing = self.find(annex.sha256)
        return annex if standing is None else standing

    def find(self, digest: Bytes32) -> AnnexFile | None:
        """By digest."""
        row = self._connection.execute(select(annexes).where(annexes.c.sha256 == digest)).mappings().first()
        return None if row is None else AnnexFile(**{**row, "sha256": Bytes32(row["sha256"])})

    def digests(self) -> tuple[Bytes32, ...]:
        """By the primary key."""
        rows = self._connection.execute(select(annexes.c.sha256).order_by(annexes.c.sha256)).scalars()
        return tuple(Bytes32(digest) for digest in rows)


class SqlRetail:
    """Implements ``RetailRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def keep(self, number: str, cust_no: str, periods: Sequence[RetailPeriod]) -> None:
        """Delete what stands, insert what is given."""
        self._connection.execute(delete(retail_periods).where(retail_periods.c.number == number))
        rows = [
            {**asdict(period), "number": number, "ordinal": ordinal, "cust_no": cust_no}
            for ordinal, period in enumerate(periods)
        ]
        if rows:
            self._connection.execute(insert(retail_periods), rows)

    def binding(self, cust_no: str, *, besides: str | None) -> tuple[RetailPeriod, ...]:
        """By account, then the state of each agreement found."""
        table = retail_periods
        states = [state.value for state in BINDING]
        query = (
            select(*(table.c[field.name] for field in fields(RetailPeriod)))
            .join(agreements, agreements.c.number == table.c.number)
            .where(table.c.cust_no == cust_no, agreements.c.state.in_(states))
            .order_by(table.c.number, table.c.ordinal)
        )
        rows = self._connection.execute(query).mappings()
        return tuple(RetailPeriod(**row) for row in rows if row["number"] != besides)
