"""Sessions of the staff's browsers, by the digest of their cookie."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("credential_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("began_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(token_sha256) = 32", name=op.f("ck_staff_sessions_token_sha256")),
        sa.CheckConstraint(
            "octet_length(credential_sha256) = 32", name=op.f("ck_staff_sessions_credential_sha256")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_staff_sessions")),
    )
