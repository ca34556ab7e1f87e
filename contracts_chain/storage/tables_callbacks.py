"""Tables of what other systems are told: events, endpoints, deliveries, the log of attempts (migration 0019).

Of an event only its sequence is filled in, of an attempt only its outcome, each once; triggers see to
it. Nothing here is secret or personal.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["callback_attempts", "callback_deliveries", "callback_endpoints", "process_events"]

process_events = Table(
    "process_events",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("occurred_utc", MOMENT, nullable=False),
    Column("change", LargeBinary, nullable=False),
    Column("sequence", BigInteger),
    UniqueConstraint("subject", "sequence"),
    Index("ix_process_events_untold", "id", postgresql_where=text("sequence IS NULL")),
)

callback_endpoints = Table(
    "callback_endpoints",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_utc", MOMENT, nullable=False),
    Column("closed_utc", MOMENT),
)

callback_deliveries = Table(
    "callback_deliveries",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("endpoint_id", Text, ForeignKey("callback_endpoints.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("event_id", Text, ForeignKey("process_events.event_id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_utc", MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("first_tried_utc", MOMENT),
    UniqueConstraint("url", "event_id"),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="known_state"),
    Index("ix_callback_deliveries_endpoint", "endpoint_id", "state", "id"),
    Index("ix_callback_deliveries_subject", "subject", "id"),
    Index("ix_callback_deliveries_due", "url", "due_utc", "id", postgresql_where=text("state = 'waiting'")),
    Index(
        "ix_callback_deliveries_untried",
        "url",
        "subject",
        "sequence",
        postgresql_where=text("state = 'waiting' AND failed = 0"),
    ),
)

callback_attempts = Table(
    "callback_attempts",
    METADATA,
    Column("delivery_id", BigInteger, ForeignKey("callback_deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_utc", MOMENT, nullable=False),
    Column("finished_utc", MOMENT),
    Column("outcome", Text, nullable=False),
    Column("milliseconds", Integer),
    Column("taken", Boolean, nullable=False),
    Index("ix_callback_attempts_open", "delivery_id", postgresql_where=text("finished_utc IS NULL")),
)
