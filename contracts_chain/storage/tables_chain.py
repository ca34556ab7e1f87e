"""Tables of the pipeline to the chain: checkpoints, transactions, status words, twins, deposits, alarms.

``chain_transactions`` is the one owner of the anchoring account's nonces. What was signed
or closed never changes; only the columns of progress do (triggers of migration 0003).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

__all__ = [
    "alarms",
    "chain_transactions",
    "checkpoints",
    "cross_anchors",
    "status_changes",
    "twin_anchors",
]

checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False, unique=True),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_utc", MOMENT, nullable=False),
    Column("proof", LargeBinary),
)

chain_transactions = Table(
    "chain_transactions",
    METADATA,
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("ref", BigInteger, nullable=False),
    Column("raw_transaction", LargeBinary, nullable=False),
    Column("transaction_hash", LargeBinary, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("signed_utc", MOMENT, nullable=False),
    Column("reason", Text),
    Column("block_number", BigInteger),
    Column("gas_used", BigInteger),
    Index("ix_chain_transactions_kind_ref", "kind", "ref"),
    Index(
        "uq_chain_transactions_one_in_flight",
        text("(true)"),
        unique=True,
        postgresql_where=text("state IN ('signed', 'sent', 'mined')"),
    ),
)

status_changes = Table(
    "status_changes",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, ForeignKey("agreements.number"), nullable=False, index=True),
    Column("key", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("successor", LargeBinary),
    Column("asked_utc", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("nonce", BigInteger, ForeignKey("chain_transactions.nonce"), index=True),
    Index("ix_status_changes_waiting", "id", postgresql_where=text("state = 'waiting'")),
)

twin_anchors = Table(
    "twin_anchors",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("asked_utc", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("sequence", BigInteger, ForeignKey("checkpoints.sequence"), unique=True),
    Column("size", BigInteger),
    Column("twin_root", LargeBinary),
    Column("proof", LargeBinary),
)

cross_anchors = Table(
    "cross_anchors",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sequence", BigInteger, ForeignKey("checkpoints.sequence"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("header_number", BigInteger, nullable=False),
    Column("header_hash", LargeBinary, nullable=False),
    Column("intended_utc", MOMENT, nullable=False),
    Column("deposited_utc", MOMENT),
    Column("proof", LargeBinary),
    UniqueConstraint("place", "header_hash"),
)

alarms = Table(
    "alarms",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("raised_utc", MOMENT, nullable=False),
    Column("cleared_utc", MOMENT),
    Column("cleared_by", Text),
    Index("uq_alarms_standing", "code", "subject", unique=True, postgresql_where=text("cleared_utc IS NULL")),
)
