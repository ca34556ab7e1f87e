"""Annexes that were uploaded, for good; and the retail periods of every account."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT = """
CREATE TRIGGER annexes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON annexes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "annexes",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_annexes_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_annexes")),
    )
    op.execute(KEPT)
    op.create_table(
        "retail_periods",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("cust_no", sa.Text(), nullable=False),
        sa.Column("retailer_uscc", sa.Text(), nullable=False),
        sa.Column("retail_contract_no", sa.Text(), nullable=False),
        sa.Column("retail_from", sa.Date(), nullable=False),
        sa.Column("retail_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_retail_periods_number")),
        sa.PrimaryKeyConstraint("number", "ordinal", name=op.f("pk_retail_periods")),
    )
    op.create_index(op.f("ix_retail_periods_cust_no"), "retail_periods", ["cust_no"])
