"""Table of revoked letters of authority; nobody changes or deletes a row (trigger of migration 0008)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, LargeBinary, Table, Text

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["letter_revocations"]

letter_revocations = Table(
    "letter_revocations",
    METADATA,
    Column("letter_sha256", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("revoked_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(letter_sha256) = 32", name="sha256"),
)
