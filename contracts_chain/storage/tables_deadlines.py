"""Tables of the time an order takes: milestones and reminders, both append-only (migration 0006).

Contract events have no table here: they are read from trail, slots and checkpoints.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Identity, Index, LargeBinary, Table, Text, UniqueConstraint

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["deadline_reminders", "order_milestones"]

order_milestones = Table(
    "order_milestones",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_no", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recorded_utc", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("happened_on", Date),
    Column("channel", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("project_type", Text),
    Column("customer_completes_on", Date),
    Column("document_sha256", LargeBinary),
    Column("note", Text, nullable=False),
    UniqueConstraint("order_no", "key"),
    Index("ix_order_milestones_kind_order", "kind", "order_no"),
)

deadline_reminders = Table(
    "deadline_reminders",
    METADATA,
    Column("order_no", Text, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("on_day", Date, primary_key=True),
    Column("asked_utc", MOMENT, nullable=False),
    Column("asked_by", Text, nullable=False),
)
