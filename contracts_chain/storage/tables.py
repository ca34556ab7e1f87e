"""The tables, as SQLAlchemy Core knows them; a test holds them against the migrations.

Hashes are ``bytea``, times ``timestamptz``, canonical JSON ``bytea`` so that the
exact bytes survive. Trail and log stand in ``tables_log``.
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
    text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["METADATA", "MOMENT"]

installation = Table(
    "installation",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

number_series = Table(
    "number_series",
    METADATA,
    Column("series", Text, primary_key=True),
    Column("last_serial", Integer, nullable=False),
)

agreements = Table(
    "agreements",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("evidence_state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("rule_pack", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_sha256", LargeBinary, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_utc", MOMENT, nullable=False),
    Column("reviewed_by", Text),
    Column("not_before_number", BigInteger, nullable=False),
    Column("not_before_hash", LargeBinary, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("approved_sha256", LargeBinary),
    Column("current_sha256", LargeBinary),
    Column("executed_utc", MOMENT),
    Column("draft_version", Integer, nullable=False, server_default="1"),
    Column("offer_until", Date),
    CheckConstraint("reviewed_by <> drafted_by", name="drafter_is_not_reviewer"),
    Index(
        "uq_agreements_live_order",
        "order_no",
        "kind",
        unique=True,
        postgresql_where=text(
            "state NOT IN ('rejected', 'withdrawn', 'lapsed') "
            "AND (state <> 'archived' OR executed_utc IS NOT NULL)"
        ),
    ),
    Index("ix_agreements_executed", "number", postgresql_where=text("state = 'executed'")),
)

agreement_slots = Table(
    "agreement_slots",
    METADATA,
    Column("agreement_id", Text, ForeignKey("agreements.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("ordinal", SmallInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("signer_name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("seal_name", Text, nullable=False),
    Column("certificate_sha256", LargeBinary),
    Column("signed_utc", MOMENT),
    Column("timestamp_utc", MOMENT),
)

intents = Table(
    "intents",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("opened_utc", MOMENT, nullable=False),
    Column("outcome", LargeBinary),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_utc", MOMENT, nullable=False),
    Column("delivered", Boolean, nullable=False, server_default="false"),
    CheckConstraint("topic = 'sms'", name="known_topic"),
)

invoices = Table(
    "invoices",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("agreement_number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("draft", LargeBinary, nullable=False),
    Column("evidence_state", Text, nullable=False),
    Column("number", Text, unique=True),
    Column("issued_utc", MOMENT),
    Column("xml_sha256", LargeBinary),
    Column("pdf_sha256", LargeBinary),
    Column("ofd_sha256", LargeBinary),
)

specimen_numbers = Table(
    "specimen_numbers",
    METADATA,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("allocated_utc", MOMENT, nullable=False),
)
