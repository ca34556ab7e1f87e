"""Revoked letters of authority: once recorded, a revocation is neither changed nor deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEPT = """
CREATE TRIGGER letter_revocations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON letter_revocations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "letter_revocations",
        sa.Column("letter_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(letter_sha256) = 32", name=op.f("ck_letter_revocations_sha256")),
        sa.PrimaryKeyConstraint("letter_sha256", name=op.f("pk_letter_revocations")),
    )
    op.execute(KEPT)
