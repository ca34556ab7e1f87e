"""Tables of an agreement before it is signed: versions, reviews, and who is who.

``draft_versions`` and ``draft_reviews`` are kept for good by trigger; a version's PDF may be
added once. The key of ``agreement_people`` gives a person one part in an agreement.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["agreement_people", "draft_reviews", "draft_versions", "staff_identities"]

draft_versions = Table(
    "draft_versions",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("terms", LargeBinary, nullable=False),
    Column("rule_pack", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_sha256", LargeBinary, nullable=False),
    Column("not_before_number", BigInteger, nullable=False),
    Column("not_before_hash", LargeBinary, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("saved_utc", MOMENT, nullable=False),
    Column("document_sha256", LargeBinary),
    Column("pages", Integer, nullable=False),
    CheckConstraint("version > 0", name="version_from_one"),
)

draft_reviews = Table(
    "draft_reviews",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("reviewed_utc", MOMENT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("remarks", LargeBinary, nullable=False),
)

agreement_people = Table(
    "agreement_people",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("part", Text, nullable=False),
    CheckConstraint("part IN ('drafter', 'reviewer', 'signer')", name="known_part"),
)

staff_identities = Table(
    "staff_identities",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("person", Text, nullable=False, index=True),
)
