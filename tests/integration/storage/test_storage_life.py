"""PostgreSQL keeps what ``workflows.life_ports`` promises, and a hold against whoever writes SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from life_behaviour import NOW, LifeBehaviour, agreement, hold
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.storage.unit_of_work import SqlUnitOfWork


class TestSqlLife(LifeBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


def held(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as work:
        work.agreements.add(agreement("A", AgreementState.TERMINATED))
        work.life.add_hold(hold("A"))
        work.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreements SET state = 'archived' WHERE number = 'A'",
        "DELETE FROM agreements WHERE number = 'A'",
        "DELETE FROM dispute_holds",
        "TRUNCATE dispute_holds",
    ],
)
def test_a_held_agreement_is_neither_archived_nor_deleted_by_any_statement(
    engine: Engine, statement: str
) -> None:
    held(engine)
    with pytest.raises(DBAPIError, match=r"dispute hold|append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_a_released_agreement_may_be_archived(engine: Engine) -> None:
    held(engine)
    with SqlUnitOfWork(engine) as work:
        standing = work.life.hold_of("A")
        assert standing is not None
        work.life.release_hold(replace(standing, released_by="legal", released_utc=NOW, outcome="撤诉"))
        work.agreements.save(replace(work.agreements.load("A"), state=AgreementState.ARCHIVED))
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert work.agreements.load("A").state is AgreementState.ARCHIVED
