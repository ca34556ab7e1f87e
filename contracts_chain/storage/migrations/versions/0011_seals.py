"""The seal registry: a ledger line is written once and filled in once, a request is decided once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEPT = """
CREATE FUNCTION seal_use_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.noted_utc IS NOT NULL OR (OLD.seal_id, OLD.use_no, OLD.number, OLD.field, OLD.request_id,
        OLD.drawing_sha256, OLD.taken_utc) IS DISTINCT FROM (NEW.seal_id, NEW.use_no, NEW.number, NEW.field,
        NEW.request_id, NEW.drawing_sha256, NEW.taken_utc) THEN
        RAISE EXCEPTION 'a use of a seal is filled in once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_uses_kept BEFORE UPDATE ON seal_uses FOR EACH ROW EXECUTE FUNCTION seal_use_kept();
CREATE TRIGGER seal_uses_append_only BEFORE DELETE OR TRUNCATE ON seal_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION seal_request_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.seal_id, OLD.reason, OLD.asked_by, OLD.asked_utc) IS DISTINCT FROM
        (NEW.id, NEW.seal_id, NEW.reason, NEW.asked_by, NEW.asked_utc)
        OR NEW.used < OLD.used
        OR (OLD.state <> 'asked' AND (OLD.state, OLD.decided_by, OLD.decided_utc, OLD.expires_utc, OLD.quota)
        IS DISTINCT FROM (NEW.state, NEW.decided_by, NEW.decided_utc, NEW.expires_utc, NEW.quota)) THEN
        RAISE EXCEPTION 'a request to use a seal is decided once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_requests_kept BEFORE UPDATE ON seal_requests
    FOR EACH ROW EXECUTE FUNCTION seal_request_kept();
CREATE TRIGGER seal_requests_append_only BEFORE DELETE OR TRUNCATE ON seal_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_request_numbers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal_request_numbers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    _seals()
    _requests()
    _uses()
    op.execute(KEPT)


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("custodian", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("classes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("drawing_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("key_ref", sa.Text(), nullable=False),
        sa.Column("chain", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("filing_no", sa.Text(), nullable=False),
        sa.Column("applied_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("octet_length(drawing_sha256) = 32", name=op.f("ck_seals_drawing_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("key_ref", name=op.f("uq_seals_key_ref")),
    )
    live = sa.text("state NOT IN ('refused', 'destroyed')")
    names = ["owner_id", "name"]
    op.create_index("uq_seals_live_owner_id_name", "seals", names, unique=True, postgresql_where=live)


def _requests() -> None:
    op.create_table(
        "seal_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seal_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'refused')", name=op.f("ck_seal_requests_known_state")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR expires_utc IS NOT NULL", name=op.f("ck_seal_requests_ends")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by <> asked_by", name=op.f("ck_seal_requests_four_eyes")
        ),
        sa.CheckConstraint("quota IS NULL OR used <= quota", name=op.f("ck_seal_requests_within_quota")),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name=op.f("fk_seal_requests_seal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_requests")),
    )
    op.create_index(op.f("ix_seal_requests_seal_id"), "seal_requests", ["seal_id"])
    op.create_table(
        "seal_request_numbers",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["seal_requests.id"], name=op.f("fk_seal_request_numbers_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "ordinal", name=op.f("pk_seal_request_numbers")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_seal_request_numbers_request_id")),
    )
    op.create_index(op.f("ix_seal_request_numbers_number"), "seal_request_numbers", ["number"])


def _uses() -> None:
    op.create_table(
        "seal_uses",
        sa.Column("seal_id", sa.Text(), nullable=False),
        sa.Column("use_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("drawing_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("taken_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("use_no > 0", name=op.f("ck_seal_uses_use_no")),
        sa.CheckConstraint(
            "(noted_utc IS NULL) = (document_sha256 IS NULL) AND (noted_utc IS NULL) = (leaf_hash IS NULL) "
            "AND (noted_utc IS NULL) = (certificate_sha256 IS NULL)",
            name=op.f("ck_seal_uses_noted_whole"),
        ),
        sa.ForeignKeyConstraint(["request_id"], ["seal_requests.id"], name=op.f("fk_seal_uses_request_id")),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name=op.f("fk_seal_uses_seal_id")),
        sa.PrimaryKeyConstraint("seal_id", "use_no", name=op.f("pk_seal_uses")),
        sa.UniqueConstraint("number", "field", name=op.f("uq_seal_uses_number")),
    )
