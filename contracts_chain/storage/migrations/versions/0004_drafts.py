"""Before signing: versions of a draft, reviews, parts of people; an order drafted anew after a side exit.

What was approved is what is signed: the text of an agreement changes only on the way back to
``draft``, and the pinned digest is that of the current document at the moment of approval.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LIVE = (
    "state NOT IN ('rejected', 'withdrawn', 'lapsed') AND (state <> 'archived' OR executed_utc IS NOT NULL)"
)
KEPT = """
CREATE FUNCTION refuse_changed_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.version, NEW.terms, NEW.rule_pack, NEW.profile, NEW.template, NEW.template_sha256,
        NEW.not_before_number, NEW.not_before_hash, NEW.saved_by, NEW.saved_utc)
        IS DISTINCT FROM
        (OLD.number, OLD.version, OLD.terms, OLD.rule_pack, OLD.profile, OLD.template, OLD.template_sha256,
        OLD.not_before_number, OLD.not_before_hash, OLD.saved_by, OLD.saved_utc)
        OR OLD.document_sha256 IS NOT NULL THEN
        RAISE EXCEPTION 'version % of % is kept as it is', OLD.version, OLD.number;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_versions_frozen BEFORE UPDATE ON draft_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_changed_version();
CREATE TRIGGER draft_versions_kept BEFORE DELETE OR TRUNCATE ON draft_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draft_reviews_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_reviews
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_changed_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.terms, NEW.template_sha256, NEW.not_before_hash, NEW.draft_version)
        IS DISTINCT FROM (OLD.terms, OLD.template_sha256, OLD.not_before_hash, OLD.draft_version)
        AND (NEW.state <> 'draft' OR OLD.state NOT IN ('draft', 'returned', 'approved')) THEN
        RAISE EXCEPTION 'the text of % changes only on the way back to draft', OLD.number;
    END IF;
    IF NEW.approved_sha256 IS DISTINCT FROM OLD.approved_sha256
        AND NOT (NEW.approved_sha256 IS NULL AND NEW.state = 'draft')
        AND NOT (OLD.state = 'in_review' AND NEW.state = 'approved'
                 AND NEW.approved_sha256 = OLD.current_sha256) THEN
        RAISE EXCEPTION 'the approved bytes of % stay as they are', OLD.number;
    END IF;
    IF NEW.state = 'offered' AND NEW.current_sha256 IS DISTINCT FROM NEW.approved_sha256 THEN
        RAISE EXCEPTION 'what is offered of % are the approved bytes', OLD.number;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreements_text_frozen BEFORE UPDATE ON agreements
    FOR EACH ROW EXECUTE FUNCTION refuse_changed_text();
"""


def upgrade() -> None:
    op.add_column("agreements", sa.Column("draft_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("agreements", sa.Column("offer_until", sa.Date(), nullable=True))
    op.drop_constraint("uq_agreements_order_no", "agreements")
    op.create_index(
        "uq_agreements_live_order",
        "agreements",
        ["order_no", "kind"],
        unique=True,
        postgresql_where=sa.text(LIVE),
    )
    create_versions()
    create_people()
    cursor = op.get_bind().connection.cursor()
    cursor.execute(KEPT)
    cursor.close()


def create_versions() -> None:
    op.create_table(
        "draft_versions",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("rule_pack", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("not_before_number", sa.BigInteger(), nullable=False),
        sa.Column("not_before_hash", sa.LargeBinary(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_draft_versions_version_from_one")),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_draft_versions_number")),
        sa.PrimaryKeyConstraint("number", "version", name=op.f("pk_draft_versions")),
    )
    op.execute(
        "INSERT INTO draft_versions SELECT number, 1, terms, rule_pack, profile, template, template_sha256, "
        "not_before_number, not_before_hash, drafted_by, drafted_utc, approved_sha256, pages FROM agreements"
    )
    op.create_table(
        "draft_reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("reviewed_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_draft_reviews_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_reviews")),
    )
    op.create_index(op.f("ix_draft_reviews_number"), "draft_reviews", ["number"])


def create_people() -> None:
    op.create_table(
        "agreement_people",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "part IN ('drafter', 'reviewer', 'signer')", name=op.f("ck_agreement_people_known_part")
        ),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_agreement_people_number")),
        sa.PrimaryKeyConstraint("number", "person", name=op.f("pk_agreement_people")),
    )
    op.create_table(
        "staff_identities",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_staff_identities")),
    )
    op.create_index(op.f("ix_staff_identities_person"), "staff_identities", ["person"])
