"""Events for other systems and their deliveries; the outbox holds text messages and nothing else.

What the outbox was given for others and never brought to anybody leaves it: such rows were marked as
delivered without a delivery.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TRIGGERS = """
CREATE FUNCTION refuse_changed_process_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sequence IS NOT NULL OR NEW.sequence IS NULL OR
        (OLD.id, OLD.event_id, OLD.subject, OLD.kind, OLD.occurred_utc, OLD.change)
        IS DISTINCT FROM (NEW.id, NEW.event_id, NEW.subject, NEW.kind, NEW.occurred_utc, NEW.change) THEN
        RAISE EXCEPTION 'process event % is fixed', OLD.event_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER process_events_fixed BEFORE UPDATE ON process_events
    FOR EACH ROW EXECUTE FUNCTION refuse_changed_process_event();
CREATE TRIGGER process_events_kept BEFORE DELETE OR TRUNCATE ON process_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_changed_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_utc IS NOT NULL OR
        (OLD.delivery_id, OLD.number, OLD.started_utc)
        IS DISTINCT FROM (NEW.delivery_id, NEW.number, NEW.started_utc) THEN
        RAISE EXCEPTION 'attempt % of delivery % is on record', OLD.number, OLD.delivery_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER callback_attempts_fixed BEFORE UPDATE ON callback_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_changed_attempt();
CREATE TRIGGER callback_attempts_kept BEFORE DELETE OR TRUNCATE ON callback_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute("DELETE FROM outbox WHERE topic <> 'sms'")
    op.create_check_constraint(op.f("ck_outbox_known_topic"), "outbox", "topic = 'sms'")
    _events_and_endpoints()
    _deliveries()
    op.execute(_TRIGGERS)


def _events_and_endpoints() -> None:
    op.create_table(
        "process_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_utc", _MOMENT, nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_process_events_event_id")),
        sa.UniqueConstraint("subject", "sequence", name=op.f("uq_process_events_subject")),
    )
    op.create_index(
        "ix_process_events_untold", "process_events", ["id"], postgresql_where=sa.text("sequence IS NULL")
    )
    op.create_table(
        "callback_endpoints",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_utc", _MOMENT, nullable=False),
        sa.Column("closed_utc", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_endpoints")),
    )


def _deliveries() -> None:
    op.create_table(
        "callback_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_utc", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("first_tried_utc", _MOMENT),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_callback_deliveries_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["callback_endpoints.id"], name=op.f("fk_callback_deliveries_endpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["process_events.event_id"], name=op.f("fk_callback_deliveries_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_deliveries")),
        sa.UniqueConstraint("url", "event_id", name=op.f("uq_callback_deliveries_url")),
    )
    op.create_index("ix_callback_deliveries_endpoint", "callback_deliveries", ["endpoint_id", "state", "id"])
    op.create_index("ix_callback_deliveries_subject", "callback_deliveries", ["subject", "id"])
    op.create_index(
        "ix_callback_deliveries_due",
        "callback_deliveries",
        ["url", "due_utc", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_callback_deliveries_untried",
        "callback_deliveries",
        ["url", "subject", "sequence"],
        postgresql_where=sa.text("state = 'waiting' AND failed = 0"),
    )
    op.create_table(
        "callback_attempts",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_utc", _MOMENT, nullable=False),
        sa.Column("finished_utc", _MOMENT),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer()),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["callback_deliveries.id"], name=op.f("fk_callback_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_callback_attempts")),
    )
    op.create_index(
        "ix_callback_attempts_open",
        "callback_attempts",
        ["delivery_id"],
        postgresql_where=sa.text("finished_utc IS NULL"),
    )
