"""Ceremonies keep no code any more; what was read, asked and chosen gets tables of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_CODE_COLUMNS = ("code_salt", "code_hash", "code_expires_utc", "attempts_left", "codes_sent", "pages_served")


def upgrade() -> None:
    for name in _CODE_COLUMNS:
        op.drop_column("ceremonies", name)
    op.add_column("ceremonies", sa.Column("set_id", sa.Text()))
    op.add_column("ceremonies", sa.Column("mark_sha256", sa.LargeBinary()))
    op.add_column("ceremonies", sa.Column("consented_utc", _MOMENT))
    op.add_column("ceremonies", sa.Column("asked_utc", _MOMENT))
    op.create_index(
        "ix_ceremonies_asked",
        "ceremonies",
        ["asked_utc"],
        postgresql_where=sa.text("state IN ('open', 'confirmed')"),
    )
    op.create_table(
        "ceremony_reading",
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at_utc", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ceremony"], ["ceremonies.id"], name=op.f("fk_ceremony_reading_ceremony")),
        sa.PrimaryKeyConstraint("ceremony", "item", "act", name=op.f("pk_ceremony_reading")),
    )
    op.execute(
        "CREATE TRIGGER ceremony_reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ceremony_reading "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    _questions()
    _sets()


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("clause", sa.LargeBinary(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_utc", _MOMENT, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_utc", _MOMENT),
        sa.Column("cleared_utc", _MOMENT),
        sa.ForeignKeyConstraint(["number"], ["agreements.number"], name=op.f("fk_questions_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_number"), "questions", ["number"])
    op.create_index(
        "ix_questions_unanswered", "questions", ["asked_utc"], postgresql_where=sa.text("answer IS NULL")
    )


def _sets() -> None:
    op.create_table(
        "signing_sets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("opened_utc", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_sets")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_signing_sets_token_sha256")),
    )
    op.create_table(
        "signing_set_members",
        sa.Column("set_id", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["signing_sets.id"], name=op.f("fk_signing_set_members_set_id")),
        sa.ForeignKeyConstraint(
            ["number"], ["agreements.number"], name=op.f("fk_signing_set_members_number")
        ),
        sa.ForeignKeyConstraint(
            ["ceremony"], ["ceremonies.id"], name=op.f("fk_signing_set_members_ceremony")
        ),
        sa.PrimaryKeyConstraint("set_id", "position", name=op.f("pk_signing_set_members")),
    )
