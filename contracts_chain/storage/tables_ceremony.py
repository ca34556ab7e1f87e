"""Tables of signing ceremonies: one row a party and link, what was read, what was asked, sets.

No column holds a code, a secret or anything made of one: those are in the activation process.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, Text, text

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["ceremonies", "ceremony_reading", "questions", "signing_set_members", "signing_sets"]

ceremonies = Table(
    "ceremonies",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("document_sha256", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_utc", MOMENT, nullable=False),
    Column("set_id", Text),
    Column("mark_sha256", LargeBinary),
    Column("consented_utc", MOMENT),
    Column("asked_utc", MOMENT),
    Index("ix_ceremonies_asked", "asked_utc", postgresql_where=text("state IN ('open', 'confirmed')")),
)

ceremony_reading = Table(
    "ceremony_reading",
    METADATA,
    Column("ceremony", Text, ForeignKey("ceremonies.id"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    Column("at_utc", MOMENT, nullable=False),
)

questions = Table(
    "questions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("clause", LargeBinary, nullable=False),
    Column("heading", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("asked_utc", MOMENT, nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_utc", MOMENT),
    Column("cleared_utc", MOMENT),
    Index("ix_questions_unanswered", "asked_utc", postgresql_where=text("answer IS NULL")),
)

signing_sets = Table(
    "signing_sets",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("signer", Text, nullable=False),
    Column("opened_utc", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
)

signing_set_members = Table(
    "signing_set_members",
    METADATA,
    Column("set_id", Text, ForeignKey("signing_sets.id"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False),
    Column("role", Text, nullable=False),
    Column("ceremony", Text, ForeignKey("ceremonies.id"), nullable=False),
    Column("chosen", Boolean, nullable=False),
)
