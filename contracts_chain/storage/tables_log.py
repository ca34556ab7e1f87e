"""Tables of the trail and of the log: the waiting room, the leaves in order, the tiles of both trees.

``log_records`` holds what is durably taken in and not yet in order; its rows leave it only
into ``log_leaves``, in one transaction. ``trail_lines``, ``log_leaves`` and complete tiles
never change. Triggers of migrations 0001 and 0002 see to all of it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, LargeBinary, Table, Text

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["log_leaves", "log_records", "log_tiles", "trail_lines"]

trail_lines = Table(
    "trail_lines",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("line", LargeBinary, nullable=False),
)

log_records = Table(
    "log_records",
    METADATA,
    Column("record_id", BigInteger, Identity(always=True), primary_key=True),
    Column("leaf_hash", LargeBinary, nullable=False, unique=True),
    Column("twin_hash", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("appended_utc", MOMENT, nullable=False),
    Index("ix_log_records_subject", "subject", "record_id"),
)

log_leaves = Table(
    "log_leaves",
    METADATA,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary, nullable=False, unique=True),
    Column("twin_hash", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("appended_utc", MOMENT, nullable=False),
    Index("ix_log_leaves_subject", "subject", "leaf_index"),
)

log_tiles = Table(
    "log_tiles",
    METADATA,
    Column("tree", Text, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    CheckConstraint("tree IN ('sha256', 'sm3')", name="known_tree"),
    CheckConstraint(
        "octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192", name="whole_hashes"
    ),
)
