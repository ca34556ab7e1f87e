"""Tables of group accounts: accounts, uploaded files with staged rows and findings, sets and their rows.

A site (户号) is part of one set: the unique index says so whatever two clerks confirm at once.
A withdrawn contract sets its site free.
"""

from __future__ import annotations

from sqlalchemy import (
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

__all__ = [
    "group_accounts",
    "group_findings",
    "group_imports",
    "group_rows",
    "group_sets",
    "group_staged",
]

_TAKEN = "cust_no <> '' AND state <> 'withdrawn'"

group_accounts = Table(
    "group_accounts",
    METADATA,
    Column("group_no", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("defaults", LargeBinary, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_utc", MOMENT, nullable=False),
)

group_imports = Table(
    "group_imports",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_no", Text, ForeignKey("group_accounts.group_no"), nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("content", LargeBinary),
    Column("encoding", Text, nullable=False),
    Column("delimiter", Text, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("chosen", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_utc", MOMENT, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("passing", Integer, nullable=False),
    Column("checked_against", Text, nullable=False),
    Column("set_id", Text),
)

group_staged = Table(
    "group_staged",
    METADATA,
    Column("import_id", Text, ForeignKey("group_imports.id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("cust_no", Text, nullable=False),
    Column("terms", LargeBinary, nullable=False),
)

group_findings = Table(
    "group_findings",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("import_id", Text, ForeignKey("group_imports.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("cust_no", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Index("ix_group_findings_import_id_severity_row", "import_id", "severity", "row"),
)

group_sets = Table(
    "group_sets",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_no", Text, ForeignKey("group_accounts.group_no"), nullable=False, index=True),
    Column("import_id", Text, ForeignKey("group_imports.id"), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("total", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_utc", MOMENT, nullable=False),
    Column("root", LargeBinary),
    Column("approved_root", LargeBinary),
    Column("reviewed_by", Text),
    Column("reviewed_utc", MOMENT),
    Column("offered_by", Text),
    Column("offered_utc", MOMENT),
    Column("stopped_by", Text),
    Column("stopped_utc", MOMENT),
    Column("stop_reason", Text),
    Column("links_by", Text),
    Column("links_utc", MOMENT),
    CheckConstraint("reviewed_by <> created_by", name="drafter_is_not_reviewer"),
)

group_rows = Table(
    "group_rows",
    METADATA,
    Column("set_id", Text, ForeignKey("group_sets.id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("cust_no", Text, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("number", Text, ForeignKey("agreements.number")),
    Column("document_sha256", LargeBinary),
    Column("problem_code", Text),
    Column("problem_en", Text),
    Column("problem_zh", Text),
    UniqueConstraint("number"),
    Index("uq_group_rows_site", "cust_no", unique=True, postgresql_where=text(_TAKEN)),
    Index("ix_group_rows_due", "set_id", "state", "row"),
)
