"""Where each seal field's GB/T 38540 seal signature lies among the blobs."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "domestic_seals",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("ses_sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(ses_sha256) = 32", name=op.f("ck_domestic_seals_ses_sha256")),
        sa.ForeignKeyConstraint(
            ["number"], ["agreements.number"], name=op.f("fk_domestic_seals_number_agreements")
        ),
        sa.PrimaryKeyConstraint("number", "field", name=op.f("pk_domestic_seals")),
    )
