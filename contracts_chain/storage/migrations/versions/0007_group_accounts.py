"""Group accounts: accounts, uploaded files, staged rows and findings, sets and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_accounts_and_files()
    create_staging()
    create_sets()


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def create_accounts_and_files() -> None:
    op.create_table(
        "group_accounts",
        text("group_no"),
        text("name"),
        sa.Column("defaults", sa.LargeBinary(), nullable=False),
        text("created_by"),
        moment("created_utc"),
        sa.PrimaryKeyConstraint("group_no", name=op.f("pk_group_accounts")),
    )
    op.create_table(
        "group_imports",
        text("id"),
        text("group_no"),
        text("file_name"),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        text("encoding"),
        text("delimiter"),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("chosen", sa.LargeBinary(), nullable=False),
        text("state"),
        text("uploaded_by"),
        moment("uploaded_utc"),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("passing", sa.Integer(), nullable=False),
        text("checked_against"),
        text("set_id", nullable=True),
        sa.ForeignKeyConstraint(
            ["group_no"], ["group_accounts.group_no"], name=op.f("fk_group_imports_group_no")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_imports")),
    )
    op.create_index(op.f("ix_group_imports_group_no"), "group_imports", ["group_no"])


def create_staging() -> None:
    op.create_table(
        "group_staged",
        text("import_id"),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        text("cust_no"),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["group_imports.id"], name=op.f("fk_group_staged_import_id")),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_group_staged")),
    )
    op.create_table(
        "group_findings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("import_id"),
        sa.Column("row", sa.Integer(), nullable=False),
        text("cust_no"),
        text("column"),
        text("rule"),
        text("severity"),
        text("en"),
        text("zh"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["group_imports.id"], name=op.f("fk_group_findings_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_findings")),
    )
    op.create_index(
        "ix_group_findings_import_id_severity_row", "group_findings", ["import_id", "severity", "row"]
    )


def create_sets() -> None:
    op.create_table(
        "group_sets",
        text("id"),
        text("group_no"),
        text("import_id"),
        text("state"),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        text("created_by"),
        moment("created_utc"),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("approved_root", sa.LargeBinary(), nullable=True),
        text("reviewed_by", nullable=True),
        moment("reviewed_utc", nullable=True),
        text("offered_by", nullable=True),
        moment("offered_utc", nullable=True),
        text("stopped_by", nullable=True),
        moment("stopped_utc", nullable=True),
        text("stop_reason", nullable=True),
        text("links_by", nullable=True),
        moment("links_utc", nullable=True),
        sa.CheckConstraint("reviewed_by <> created_by", name=op.f("ck_group_sets_drafter_is_not_reviewer")),
        sa.ForeignKeyConstraint(
            ["group_no"], ["group_accounts.group_no"], name=op.f("fk_group_sets_group_no")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["group_imports.id"], name=op.f("fk_group_sets_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_sets")),
        sa.UniqueConstraint("import_id", name=op.f("uq_group_sets_import_id")),
    )
    op.create_index(op.f("ix_group_sets_group_no"), "group_sets", ["group_no"])
    op.create_table(
        "group_rows",
        text("set_id"),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        text("cust_no"),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        text("state"),
        text("number", nullable=True),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=True),
        text("problem_code", nullable=True),
        text("problem_en", nullable=True),
        text("problem_zh", nullable=True),
        sa.ForeignKeyConstraint(["set_id"], ["group_sets.id"], name=op.f("fk_group_rows_set_id")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_group_rows_number")),
        sa.PrimaryKeyConstraint("set_id", "row", name=op.f("pk_group_rows")),
        sa.UniqueConstraint("number", name=op.f("uq_group_rows_number")),
    )
    op.create_index(
        "uq_group_rows_site",
        "group_rows",
        ["cust_no"],
        unique=True,
        postgresql_where=sa.text("cust_no <> '' AND state <> 'withdrawn'"),
    )
    op.create_index("ix_group_rows_due", "group_rows", ["set_id", "state", "row"])
