"""Tables of the seal registry: seals, requests to use them, the numbered ledger of uses, imported seals.

Migrations 0011 and, for the seals of other parties, 0016. A use is never deleted, and of it only what
was sealed is filled in, once; of a request only the decision; an imported seal never changes. Triggers
see to it. What happened to a seal stands in its trail, not here.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["imported_seals", "seal_request_numbers", "seal_requests", "seal_uses", "seals"]

seals = Table(
    "seals",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("custodian", Text, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("classes", ARRAY(Text), nullable=False),
    Column("drawing_sha256", LargeBinary, nullable=False),
    Column("key_ref", Text, nullable=False, unique=True),
    Column("chain", ARRAY(LargeBinary), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("filing_no", Text, nullable=False),
    Column("applied_utc", MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("octet_length(drawing_sha256) = 32", name="drawing_sha256"),
    Index(
        "uq_seals_live_owner_id_name",
        "owner_id",
        "name",
        unique=True,
        postgresql_where=text("state NOT IN ('refused', 'destroyed')"),
    ),
)

imported_seals = Table(
    "imported_seals",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seal_no", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("valid_from_utc", MOMENT, nullable=False),
    Column("valid_to_utc", MOMENT, nullable=False),
    Column("der_sha256", LargeBinary, nullable=False, unique=True),
    Column("verdict", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(der_sha256) = 32", name="der_sha256"),
    CheckConstraint("verdict IN ('proven', 'undecided')", name="known_verdict"),
)

seal_requests = Table(
    "seal_requests",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seal_id", Text, ForeignKey("seals.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_utc", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_utc", MOMENT),
    Column("expires_utc", MOMENT),
    Column("quota", Integer),
    Column("used", Integer, nullable=False),
    CheckConstraint("state IN ('asked', 'approved', 'refused')", name="known_state"),
    CheckConstraint("state <> 'approved' OR expires_utc IS NOT NULL", name="ends"),
    CheckConstraint("state <> 'approved' OR decided_by <> asked_by", name="four_eyes"),
    CheckConstraint("quota IS NULL OR used <= quota", name="within_quota"),
)

seal_request_numbers = Table(
    "seal_request_numbers",
    METADATA,
    Column("request_id", Text, ForeignKey("seal_requests.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, index=True),
    UniqueConstraint("request_id", "number"),
)

seal_uses = Table(
    "seal_uses",
    METADATA,
    Column("seal_id", Text, ForeignKey("seals.id"), primary_key=True),
    Column("use_no", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("request_id", Text, ForeignKey("seal_requests.id"), nullable=False),
    Column("drawing_sha256", LargeBinary, nullable=False),
    Column("taken_utc", MOMENT, nullable=False),
    Column("noted_utc", MOMENT),
    Column("document_sha256", LargeBinary),
    Column("certificate_sha256", LargeBinary),
    Column("leaf_hash", LargeBinary),
    UniqueConstraint("number", "field"),
    CheckConstraint("use_no > 0", name="use_no"),
    CheckConstraint(
        "(noted_utc IS NULL) = (document_sha256 IS NULL) AND (noted_utc IS NULL) = (leaf_hash IS NULL) "
        "AND (noted_utc IS NULL) = (certificate_sha256 IS NULL)",
        name="noted_whole",
    ),
)
