"""What a look at an order has seen, as a count of writes; orders not ready are looked at once more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "order_readiness", sa.Column("seen", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.alter_column("order_readiness", "seen", server_default=None)
