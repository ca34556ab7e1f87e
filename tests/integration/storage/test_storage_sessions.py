"""PostgreSQL keeps staff sessions as the fake does, and nothing that a thief could send as a cookie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from session_behaviour import SESSION, SessionBehaviour
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from kernel.sized_bytes import Bytes32


class TestSqlSessions(SessionBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)


@pytest.mark.parametrize("column", ["token_sha256", "credential_sha256"])
def test_what_is_no_digest_is_not_stored(engine: Engine, column: str) -> None:
    plain: dict[str, Bytes32] = {column: b"a cookie in the clear"}  # type: ignore[dict-item]
    with SqlUnitOfWork(engine) as work, pytest.raises(IntegrityError):
        work.sessions.add(replace(SESSION, **plain))  # type: ignore[arg-type]
