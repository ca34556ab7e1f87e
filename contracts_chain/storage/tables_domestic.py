"""Table of the domestic track: the blob of each seal field's GB/T 38540 seal signature (migration 0015)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text

from contracts_chain.storage.metadata import METADATA

__all__ = ["domestic_seals"]

domestic_seals = Table(
    "domestic_seals",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("ses_sha256", LargeBinary, nullable=False),
    CheckConstraint("octet_length(ses_sha256) = 32", name="ses_sha256"),
)
