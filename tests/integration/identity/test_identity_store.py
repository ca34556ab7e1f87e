"""PostgreSQL keeps the promises of ``identity_files``, and what is evidence for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dossiers import a_dossier
from identity_behaviour import (
    ATTACHED,
    CHECK,
    DELEGATION,
    REVIEW,
    IdentityStoreBehaviour,
)
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.identity_files import FaceConsent, HallSignature
from kernel.digests import sha256


class TestSqlIdentityStore(IdentityStoreBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        with SqlUnitOfWork(engine) as work:
            work.agreements.add(a_dossier())
            work.commit()
        return lambda: SqlUnitOfWork(engine)


@pytest.mark.parametrize("table", ["attachments", "delegations", "face_consents", "hall_signatures"])
def test_no_statement_takes_evidence_back(engine: Engine, table: str) -> None:
    at = ATTACHED.attached_utc
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(a_dossier())
        work.attachments.add(ATTACHED)
        work.delegations.add(DELEGATION)
        work.identity_checks.answer_consent(
            FaceConsent(ceremony=CHECK.ceremony, given=True, text_sha256=sha256(b"t"), answered_utc=at)
        )
        work.hall_reviews.add(REVIEW)
        work.hall_reviews.sign(REVIEW.id, HallSignature(account="a", clerk="k", member=b"{}", signed_utc=at))
        work.commit()
    column = {"attachments": "kind", "delegations": "role"}.get(table, "ceremony")
    column = "clerk" if table == "hall_signatures" else column
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(("account", "clerk"), [("a", "other"), ("other", "k")])
def test_the_database_itself_refuses_one_clerk_twice(engine: Engine, account: str, clerk: str) -> None:
    first = HallSignature(account="a", clerk="k", member=b"{}", signed_utc=REVIEW.opened_utc)
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(a_dossier())
        work.hall_reviews.add(REVIEW)
        work.hall_reviews.sign(REVIEW.id, first)
        with pytest.raises(DBAPIError, match="hall_signatures"):
            work.hall_reviews.sign(
                REVIEW.id,
                HallSignature(account=account, clerk=clerk, member=b"{}", signed_utc=first.signed_utc),
            )
