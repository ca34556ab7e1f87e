"""Tables of uploaded annexes (kept for good by trigger) and of retail periods by account."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from contracts_chain.storage.metadata import METADATA, MOMENT

__all__ = ["annexes", "retail_periods"]

annexes = Table(
    "annexes",
    METADATA,
    Column("sha256", LargeBinary, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_utc", MOMENT, nullable=False),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
)

retail_periods = Table(
    "retail_periods",
    METADATA,
    Column("number", Text, ForeignKey("agreements.number"), primary_key=True),
    Column("ordinal", SmallInteger, primary_key=True, autoincrement=False),
    Column("cust_no", Text, nullable=False, index=True),
    Column("retailer_uscc", Text, nullable=False),
    Column("retail_contract_no", Text, nullable=False),
    Column("retail_from", Date, nullable=False),
    Column("retail_to", Date, nullable=False),
)
