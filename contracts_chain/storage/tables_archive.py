"""Table of archive timestamps: what was read of each executed agreement's newest revision (migration 0014).

Derived from the files and made again from them if lost; the job that renews archives asks it.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["archive_timestamps"]

archive_timestamps = Table(
    "archive_timestamps",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("document_sha256", LargeBinary, nullable=False),
    Column("not_after_utc", MOMENT),
    Column("algorithm", Text, nullable=False),
    CheckConstraint("octet_length(document_sha256) = 32", name="document_sha256"),
    Index("ix_archive_timestamps_end", "not_after_utc"),
)
