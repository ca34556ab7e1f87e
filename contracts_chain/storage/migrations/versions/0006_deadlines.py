"""Milestones of connection orders, and reminders: what is recorded stays as it was recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}\n"
    "    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    for table in ("order_milestones", "deadline_reminders")
)


def upgrade() -> None:
    op.create_table(
        "order_milestones",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("project_type", sa.Text(), nullable=True),
        sa.Column("customer_completes_on", sa.Date(), nullable=True),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_milestones")),
        sa.UniqueConstraint("order_no", "key", name=op.f("uq_order_milestones_order_no")),
    )
    op.create_index("ix_order_milestones_kind_order", "order_milestones", ["kind", "order_no"], unique=False)
    op.create_table(
        "deadline_reminders",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("asked_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("order_no", "level", "subject", "on_day", name=op.f("pk_deadline_reminders")),
    )
    op.execute(APPEND_ONLY)
