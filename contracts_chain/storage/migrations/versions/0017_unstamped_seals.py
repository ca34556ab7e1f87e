"""Which seal signatures of the domestic track wait for a timestamp; older ones are looked at once more."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "domestic_seals",
        sa.Column("stamped", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("domestic_seals", "stamped", server_default=None)
    op.create_index(
        "ix_domestic_seals_unstamped", "domestic_seals", ["number"], postgresql_where=sa.text("NOT stamped")
    )
