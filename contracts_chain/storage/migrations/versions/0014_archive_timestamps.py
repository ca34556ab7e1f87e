"""How long the last archive timestamp of each executed agreement lasts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_timestamps",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("not_after_utc", sa.DateTime(timezone=True)),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "octet_length(document_sha256) = 32", name=op.f("ck_archive_timestamps_document_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["agreements.number"], name=op.f("fk_archive_timestamps_number_agreements")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_archive_timestamps")),
    )
    op.create_index("ix_archive_timestamps_end", "archive_timestamps", ["not_after_utc"])
