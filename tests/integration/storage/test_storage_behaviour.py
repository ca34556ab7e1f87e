"""PostgreSQL keeps the promises of ``workflows.ports``: the suite that the fake passes too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from repository_behaviour import RepositoryBehaviour
from sqlalchemy import Engine

from contracts_chain.storage.unit_of_work import SqlUnitOfWork


class TestSqlRepositories(RepositoryBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)
