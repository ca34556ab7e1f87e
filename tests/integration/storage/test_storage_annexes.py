"""PostgreSQL keeps annexes, retail periods and revocations as any store does, and annexes for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from papers_behaviour import ANNEX, PapersBehaviour
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork


class TestPapersInTheDatabase(PapersBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


@pytest.mark.parametrize(
    "statement", ["UPDATE annexes SET length = 0", "DELETE FROM annexes", "TRUNCATE annexes"]
)
def test_no_statement_takes_an_annex_back(engine: Engine, statement: str) -> None:
    with SqlUnitOfWork(engine) as work:
        work.annexes.add(ANNEX)
        work.commit()
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
