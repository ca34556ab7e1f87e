"""PostgreSQL keeps the promises about ceremonies; what was read is never changed nor removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ceremony_behaviour import CeremonyBehaviour
from repository_behaviour import NOW, a_ceremony, a_dossier
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.ceremony_ports import ReadingFile


class TestSqlCeremonies(CeremonyBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


@pytest.mark.parametrize(
    "statement", ["UPDATE ceremony_reading SET at_utc = now()", "DELETE FROM ceremony_reading"]
)
def test_what_was_read_is_append_only(engine: Engine, statement: str) -> None:
    ceremony = a_ceremony()
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(a_dossier())
        work.ceremonies.add(ceremony)
        work.readings.note(ReadingFile(ceremony=ceremony.id, item="text", act="served", at_utc=NOW))
        work.commit()
    with engine.begin() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


def test_no_column_of_a_ceremony_could_hold_a_code(engine: Engine) -> None:
    query = text("SELECT column_name FROM information_schema.columns WHERE table_name = 'ceremonies'")
    with engine.begin() as connection:
        names = {row[0] for row in connection.execute(query)}
    assert names
    assert not any("code" in name or "salt" in name or "attempts" in name for name in names)
