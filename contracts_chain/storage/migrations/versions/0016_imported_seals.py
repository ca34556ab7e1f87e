"""Seals of other parties that were imported: once on record, neither changed nor deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEPT = """
CREATE TRIGGER imported_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON imported_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "imported_seals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seal_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("valid_from_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("der_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(der_sha256) = 32", name=op.f("ck_imported_seals_der_sha256")),
        sa.CheckConstraint(
            "verdict IN ('proven', 'undecided')", name=op.f("ck_imported_seals_known_verdict")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_seals")),
        sa.UniqueConstraint("der_sha256", name=op.f("uq_imported_seals_der_sha256")),
    )
    op.execute(KEPT)
