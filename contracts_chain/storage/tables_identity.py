"""Tables of identity checks, hall reviews, delegations and attached evidence.

Consents, delegations, clerks' signatures and attachments are kept for good by trigger.
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
    Table,
    Text,
    UniqueConstraint,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = [
    "attachments",
    "delegations",
    "face_consents",
    "hall_reviews",
    "hall_signatures",
    "identity_checks",
]

identity_checks = Table(
    "identity_checks",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("nonce", Text, nullable=False, unique=True),
    Column("ceremony", Text, nullable=False, index=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_utc", MOMENT, nullable=False),
    Column("session", Text, nullable=False),
    Column("redirect_url", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("attestation_sha256", LargeBinary),
    Column("settled_utc", MOMENT),
    CheckConstraint("state IN ('asked', 'started', 'passed', 'refused', 'over')", name="state"),
    CheckConstraint("(state = 'passed') = (attestation_sha256 IS NOT NULL)", name="attestation"),
    Index("ix_identity_checks_session", "session"),
    Index("ix_identity_checks_unsettled", "asked_utc", postgresql_where="state IN ('asked', 'started')"),
)

face_consents = Table(
    "face_consents",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("ceremony", Text, nullable=False, index=True),
    Column("given", Boolean, nullable=False),
    Column("text_sha256", LargeBinary, nullable=False),
    Column("answered_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(text_sha256) = 32", name="text_sha256"),
)

hall_reviews = Table(
    "hall_reviews",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("ceremony", Text, nullable=False),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("claims", LargeBinary, nullable=False),
    Column("scan_sha256", LargeBinary, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_utc", MOMENT, nullable=False),
    Column("attestation_sha256", LargeBinary),
    CheckConstraint("octet_length(scan_sha256) = 32", name="scan_sha256"),
)

hall_signatures = Table(
    "hall_signatures",
    METADATA,
    Column("review", Text, ForeignKey("hall_reviews.id"), primary_key=True),
    Column("account", Text, primary_key=True),
    Column("clerk", Text, nullable=False),
    Column("member", LargeBinary, nullable=False),
    Column("signed_utc", MOMENT, nullable=False),
    UniqueConstraint("review", "clerk", name="uq_hall_signatures_clerk"),
)

delegations = Table(
    "delegations",
    METADATA,
    Column("ordinal", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("role", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("person", LargeBinary, nullable=False),
    Column("letter", LargeBinary, nullable=False),
    Column("letter_sha256", LargeBinary, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("delegated_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(letter_sha256) = 32", name="letter_sha256"),
    Index("ix_delegations_number", "number", "role"),
)

attachments = Table(
    "attachments",
    METADATA,
    Column("ordinal", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("attached_by", Text, nullable=False),
    Column("attached_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
    UniqueConstraint("number", "sha256", name="uq_attachments_number"),
)
