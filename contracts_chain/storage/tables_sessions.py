"""Table of staff sessions: short-lived rows, deleted when their time is over; no cookie stands here."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table, Text

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["staff_sessions"]

staff_sessions = Table(
    "staff_sessions",
    METADATA,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("account", Text, nullable=False),
    Column("credential_sha256", LargeBinary, nullable=False),
    Column("began_utc", MOMENT, nullable=False),
    Column("seen_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(token_sha256) = 32", name="token_sha256"),
    CheckConstraint("octet_length(credential_sha256) = 32", name="credential_sha256"),
)
