"""Life after execution: terms, changes, holds, notices, facts of orders, ratings.

A held agreement is neither archived nor deleted, whoever asks; holds, notices and facts are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HELD = """
CREATE FUNCTION refuse_while_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM dispute_holds WHERE number = OLD.number AND released_utc IS NULL) THEN
        RAISE EXCEPTION 'agreement % is under a dispute hold', OLD.number;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreements_held_delete BEFORE DELETE ON agreements
    FOR EACH ROW EXECUTE FUNCTION refuse_while_held();
CREATE TRIGGER agreements_held_archive BEFORE UPDATE ON agreements
    FOR EACH ROW WHEN (NEW.state = 'archived') EXECUTE FUNCTION refuse_while_held();
"""
KEPT = "".join(
    f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    for table in ("life_spans", "life_changes", "dispute_holds", "order_facts", "supply_notices")
)


def upgrade() -> None:
    create_life()
    create_orders_and_notices()
    create_ratings()
    cursor = op.get_bind().connection.cursor()
    cursor.execute(HELD + KEPT)
    cursor.close()


def create_life() -> None:
    op.create_table(
        "life_spans",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("objected_by", sa.Text(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("objected_utc", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_life_spans_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_life_spans")),
    )
    op.create_index(op.f("ix_life_spans_ends_on"), "life_spans", ["ends_on"], unique=False)
    op.create_index(op.f("ix_life_spans_starts_on"), "life_spans", ["starts_on"], unique=False)
    op.create_table(
        "life_reminders",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sent_utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_life_reminders_number")),
        sa.PrimaryKeyConstraint("number", "ends_on", "days", name=op.f("pk_life_reminders")),
    )
    op.create_table(
        "life_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("follower", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_utc", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["follower"], ["agreements.number"], name=op.f("fk_life_changes_follower")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_life_changes_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_changes")),
        sa.UniqueConstraint("number", "order_no", name=op.f("uq_life_changes_number")),
    )
    op.create_index(
        "uq_life_changes_one_open",
        "life_changes",
        ["number"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "dispute_holds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("held_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_dispute_holds_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_holds")),
    )
    op.create_index(
        "uq_dispute_holds_standing",
        "dispute_holds",
        ["number"],
        unique=True,
        postgresql_where=sa.text("released_utc IS NULL"),
    )


def create_orders_and_notices() -> None:
    op.create_table(
        "order_facts",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_utc", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_no", "kind", name=op.f("pk_order_facts")),
    )
    op.create_table(
        "order_readiness",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("looked_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_utc", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("order_no", name=op.f("pk_order_readiness")),
    )
    op.create_table(
        "supply_notices",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("manner", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("served_by", sa.Text(), nullable=True),
        sa.Column("receipt_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("service_recorded_by", sa.Text(), nullable=True),
        sa.Column("service_recorded_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_notice_by", sa.Text(), nullable=True),
        sa.Column("final_notice_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("manner <> 'ELECTRONIC'", name=op.f("ck_supply_notices_served_on_paper")),
        sa.CheckConstraint(
            "reviewed_by <> drafted_by", name=op.f("ck_supply_notices_drafter_is_not_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_number"], ["agreements.number"], name=op.f("fk_supply_notices_agreement_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_supply_notices")),
    )
    op.create_index(
        op.f("ix_supply_notices_agreement_number"), "supply_notices", ["agreement_number"], unique=False
    )


def create_ratings() -> None:
    op.create_table(
        "rating_links",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("issued_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_utc", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_rating_links_number")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_rating_links")),
        sa.UniqueConstraint("number", "role", name=op.f("uq_rating_links_number")),
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rated_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ratings_one_to_five")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_ratings_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
