"""The pipeline to the chain: nonces apart from checkpoints, status words, twins, deposits, alarms.

What was signed or closed is frozen by trigger; the columns of progress alone may change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOVE_TRANSACTIONS = """
INSERT INTO chain_transactions
    (nonce, kind, ref, raw_transaction, transaction_hash, state, signed_utc, block_number, gas_used)
SELECT nonce, 'anchor', sequence, raw_transaction, transaction_hash, state, closed_utc, block_number, gas_used
FROM checkpoints
"""
FROZEN = """
CREATE FUNCTION refuse_frozen_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.sequence, NEW.size, NEW.root, NEW.closed_utc)
        IS DISTINCT FROM (OLD.sequence, OLD.size, OLD.root, OLD.closed_utc) OR OLD.state = 'final' THEN
        RAISE EXCEPTION 'checkpoint % is closed', OLD.sequence;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checkpoints_frozen BEFORE UPDATE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_frozen_checkpoint();
CREATE FUNCTION refuse_frozen_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.nonce, NEW.kind, NEW.ref, NEW.raw_transaction, NEW.transaction_hash, NEW.signed_utc)
        IS DISTINCT FROM
        (OLD.nonce, OLD.kind, OLD.ref, OLD.raw_transaction, OLD.transaction_hash, OLD.signed_utc)
        OR OLD.state IN ('final', 'failed') THEN
        RAISE EXCEPTION 'transaction % is signed', OLD.nonce;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chain_transactions_frozen BEFORE UPDATE ON chain_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_frozen_transaction();
"""
_REFUSE = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
KEPT = "".join(
    f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table} {_REFUSE};\n"
    for table in ("checkpoints", "chain_transactions", "status_changes", "twin_anchors", "cross_anchors")
)


def upgrade() -> None:
    create_transactions()
    op.execute(MOVE_TRANSACTIONS)
    for column in ("nonce", "raw_transaction", "transaction_hash", "block_number", "gas_used"):
        op.drop_column("checkpoints", column)
    create_status_changes()
    create_deposits()
    op.create_index(
        "ix_agreements_executed", "agreements", ["number"], postgresql_where=sa.text("state = 'executed'")
    )
    cursor = op.get_bind().connection.cursor()
    cursor.execute(FROZEN + KEPT)
    cursor.close()


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def identity() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def create_transactions() -> None:
    op.create_table(
        "chain_transactions",
        sa.Column("nonce", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.BigInteger(), nullable=False),
        sa.Column("raw_transaction", sa.LargeBinary(), nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        moment("signed_utc"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_chain_transactions")),
        sa.UniqueConstraint("transaction_hash", name=op.f("uq_chain_transactions_transaction_hash")),
    )
    op.create_index("ix_chain_transactions_kind_ref", "chain_transactions", ["kind", "ref"])
    op.create_index(
        "uq_chain_transactions_one_in_flight",
        "chain_transactions",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("state IN ('signed', 'sent', 'mined')"),
    )


def create_status_changes() -> None:
    op.create_table(
        "status_changes",
        identity(),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("successor", sa.LargeBinary(), nullable=True),
        moment("asked_utc"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_status_changes_number")),
        sa.ForeignKeyConstraint(
            ["nonce"], ["chain_transactions.nonce"], name=op.f("fk_status_changes_nonce")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_changes")),
    )
    op.create_index(op.f("ix_status_changes_number"), "status_changes", ["number"])
    op.create_index(op.f("ix_status_changes_nonce"), "status_changes", ["nonce"])
    op.create_index(
        "ix_status_changes_waiting", "status_changes", ["id"], postgresql_where=sa.text("state = 'waiting'")
    )


def create_deposits() -> None:
    op.create_table(
        "twin_anchors",
        identity(),
        moment("asked_utc"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("twin_root", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sequence"], ["checkpoints.sequence"], name=op.f("fk_twin_anchors_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_twin_anchors")),
        sa.UniqueConstraint("sequence", name=op.f("uq_twin_anchors_sequence")),
    )
    op.create_table(
        "cross_anchors",
        identity(),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("header_number", sa.BigInteger(), nullable=False),
        sa.Column("header_hash", sa.LargeBinary(), nullable=False),
        moment("intended_utc"),
        moment("deposited_utc", nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sequence"], ["checkpoints.sequence"], name=op.f("fk_cross_anchors_sequence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cross_anchors")),
        sa.UniqueConstraint("place", "header_hash", name=op.f("uq_cross_anchors_place")),
    )
    op.create_table(
        "alarms",
        identity(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        moment("raised_utc"),
        moment("cleared_utc", nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(
        "uq_alarms_standing",
        "alarms",
        ["code", "subject"],
        unique=True,
        postgresql_where=sa.text("cleared_utc IS NULL"),
    )
