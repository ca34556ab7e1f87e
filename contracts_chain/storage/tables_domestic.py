"""Table of the domestic track: the blob of each seal field's seal signature (migrations 0015, 0017)."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from contracts_chain.storage.metadata import METADATA

__all__ = ["domestic_seals"]

domestic_seals = Table(
    "domestic_seals",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("ses_sha256", LargeBinary, nullable=False),
    Column("stamped", Boolean, nullable=False),
    CheckConstraint("octet_length(ses_sha256) = 32", name="ses_sha256"),
    Index("ix_domestic_seals_unstamped", "number", postgresql_where=text("NOT stamped")),
)
