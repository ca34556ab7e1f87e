"""Tables of an agreement's life after execution: terms, changes, holds, notices, orders, ratings.

Holds, notices and facts are never deleted; a held agreement is neither archived nor
deleted (triggers of migration 0005). Ratings name no leaf and no leaf names them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = [
    "dispute_holds",
    "life_changes",
    "life_reminders",
    "life_spans",
    "order_facts",
    "order_readiness",
    "rating_links",
    "ratings",
    "supply_notices",
]

life_spans = Table(
    "life_spans",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("starts_on", Date, nullable=False, index=True),
    Column("ends_on", Date, index=True),
    Column("auto_renew", Boolean, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("objected_by", Text),
    Column("objection", Text),
    Column("objected_utc", MOMENT),
)

life_reminders = Table(
    "life_reminders",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("ends_on", Date, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("sent_utc", MOMENT, nullable=False),
)

life_changes = Table(
    "life_changes",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("order_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("follower", Text, ForeignKey("agreements.number")),
    Column("state", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_utc", MOMENT, nullable=False),
    Column("closed_utc", MOMENT),
    UniqueConstraint("number", "order_no"),
    Index("uq_life_changes_one_open", "number", unique=True, postgresql_where=text("state = 'open'")),
)

dispute_holds = Table(
    "dispute_holds",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_no", Text, nullable=False),
    Column("state_before", Text, nullable=False),
    Column("held_by", Text, nullable=False),
    Column("held_utc", MOMENT, nullable=False),
    Column("released_by", Text),
    Column("released_utc", MOMENT),
    Column("outcome", Text),
    Index(
        "uq_dispute_holds_standing",
        "number",
        unique=True,
        postgresql_where=text("released_utc IS NULL"),
    ),
)

order_facts = Table(
    "order_facts",
    METADATA,
    Column("order_no", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("document_sha256", LargeBinary),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_utc", MOMENT, nullable=False),
)

order_readiness = Table(
    "order_readiness",
    METADATA,
    Column("order_no", Text, primary_key=True),
    Column("looked_utc", MOMENT, nullable=False),
    Column("ready_utc", MOMENT),
    Column("seen", BigInteger, nullable=False),
)

supply_notices = Table(
    "supply_notices",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("agreement_number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("pdf_sha256", LargeBinary, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_utc", MOMENT, nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_utc", MOMENT),
    Column("served_on", Date),
    Column("manner", Text),
    Column("recipient", Text),
    Column("served_by", Text),
    Column("receipt_sha256", LargeBinary),
    Column("service_recorded_by", Text),
    Column("service_recorded_utc", MOMENT),
    Column("final_notice_by", Text),
    Column("final_notice_utc", MOMENT),
    Column("used_utc", MOMENT),
    CheckConstraint("reviewed_by <> drafted_by", name="drafter_is_not_reviewer"),
    CheckConstraint("manner <> 'ELECTRONIC'", name="served_on_paper"),
)

rating_links = Table(
    "rating_links",
    METADATA,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("role", Text, nullable=False),
    Column("issued_utc", MOMENT, nullable=False),
    Column("used_utc", MOMENT),
    UniqueConstraint("number", "role"),
)

ratings = Table(
    "ratings",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("role", Text, nullable=False),
    Column("stars", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("rated_utc", MOMENT, nullable=False),
    CheckConstraint("stars BETWEEN 1 AND 5", name="one_to_five"),
)
