"""The log's waiting room and its tiles; leaves carry their SM3 twin.

A record leaves ``log_records`` only into ``log_leaves``; a tile keeps every hash it has. Made
for an empty log: there is no installation with leaves but without tiles.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONE_WAY = """
CREATE TRIGGER log_records_unchanged BEFORE UPDATE OR TRUNCATE ON log_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone LEFT JOIN log_leaves USING (leaf_hash, twin_hash, subject, record)
        WHERE log_leaves.leaf_index IS NULL
    ) THEN
        RAISE EXCEPTION 'log_records is append-only: a record leaves it only into log_leaves';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_records_one_way AFTER DELETE ON log_records REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.tree, NEW.level, NEW.number) <> (OLD.tree, OLD.level, OLD.number)
        OR substring(NEW.hashes FROM 1 FOR octet_length(OLD.hashes)) <> OLD.hashes
    THEN
        RAISE EXCEPTION 'log_tiles is append-only: a tile may grow, never change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER log_tiles_only_grow BEFORE UPDATE ON log_tiles
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER log_tiles_append_only BEFORE DELETE OR TRUNCATE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
"""


def upgrade() -> None:
    op.create_table(
        "log_records",
        sa.Column("record_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("twin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("appended_utc", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_log_records")),
        sa.UniqueConstraint("leaf_hash", name=op.f("uq_log_records_leaf_hash")),
    )
    op.create_index(op.f("ix_log_records_subject"), "log_records", ["subject", "record_id"], unique=False)
    op.add_column("log_leaves", sa.Column("twin_hash", sa.LargeBinary(), nullable=False))
    op.drop_index(op.f("ix_log_leaves_subject"), table_name="log_leaves")
    op.create_index(op.f("ix_log_leaves_subject"), "log_leaves", ["subject", "leaf_index"], unique=False)
    op.create_table(
        "log_tiles",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("tree IN ('sha256', 'sm3')", name=op.f("ck_log_tiles_known_tree")),
        sa.CheckConstraint(
            "octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192",
            name=op.f("ck_log_tiles_whole_hashes"),
        ),
        sa.PrimaryKeyConstraint("tree", "level", "number", name=op.f("pk_log_tiles")),
    )
    op.execute(ONE_WAY)
