"""PostgreSQL keeps the revocation of a letter for good: nobody changes or removes it."""

from __future__ import annotations

import pytest
from papers_behaviour import REVOKED
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE letter_revocations SET revoked_on = '2030-01-01'",
        "DELETE FROM letter_revocations",
        "TRUNCATE letter_revocations",
    ],
)
def test_no_statement_takes_a_revocation_back(engine: Engine, statement: str) -> None:
    with SqlUnitOfWork(engine) as work:
        work.revocations.add(REVOKED)
        work.commit()
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
