"""Checks of identity, consents to face data, hall reviews, delegations and attached evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEPT = "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
    for table in ("face_consents", "hall_signatures", "delegations", "attachments")
)


def upgrade() -> None:
    op.create_table(
        "identity_checks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("attestation_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("settled_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'started', 'passed', 'refused', 'over')",
            name=op.f("ck_identity_checks_state"),
        ),
        sa.CheckConstraint(
            "(state = 'passed') = (attestation_sha256 IS NOT NULL)",
            name=op.f("ck_identity_checks_attestation"),
        ),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_identity_checks_number")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identity_checks")),
        sa.UniqueConstraint("nonce", name=op.f("uq_identity_checks_nonce")),
    )
    op.create_index(op.f("ix_identity_checks_ceremony"), "identity_checks", ["ceremony"])
    op.create_index(op.f("ix_identity_checks_number"), "identity_checks", ["number"])
    op.create_index("ix_identity_checks_session", "identity_checks", ["session"])
    op.create_index(
        "ix_identity_checks_unsettled",
        "identity_checks",
        ["asked_utc"],
        postgresql_where=sa.text("state IN ('asked', 'started')"),
    )
    _consents()
    _hall()
    _delegations()
    _attachments()
    op.execute(KEPT)


def _consents() -> None:
    op.create_table(
        "face_consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("answered_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(text_sha256) = 32", name=op.f("ck_face_consents_text_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face_consents")),
    )
    op.create_index(op.f("ix_face_consents_ceremony"), "face_consents", ["ceremony"])


def _hall() -> None:
    op.create_table(
        "hall_reviews",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("scan_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attestation_sha256", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("octet_length(scan_sha256) = 32", name=op.f("ck_hall_reviews_scan_sha256")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_hall_reviews_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_reviews")),
    )
    op.create_index(op.f("ix_hall_reviews_number"), "hall_reviews", ["number"])
    op.create_table(
        "hall_signatures",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("clerk", sa.Text(), nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("signed_utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["hall_reviews.id"], name=op.f("fk_hall_signatures_review")),
        sa.PrimaryKeyConstraint("review", "account", name=op.f("pk_hall_signatures")),
        sa.UniqueConstraint("review", "clerk", name="uq_hall_signatures_clerk"),
    )


def _delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("letter_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("delegated_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(letter_sha256) = 32", name=op.f("ck_delegations_letter_sha256")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_delegations_number")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_delegations")),
        sa.UniqueConstraint("id", name=op.f("uq_delegations_id")),
    )
    op.create_index("ix_delegations_number", "delegations", ["number", "role"])


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("attached_by", sa.Text(), nullable=False),
        sa.Column("attached_utc", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_attachments_sha256")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_attachments_number")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_attachments")),
        sa.UniqueConstraint("number", "sha256", name="uq_attachments_number"),
    )
