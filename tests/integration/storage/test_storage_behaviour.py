"""PostgreSQL keeps the promises of ``workflows.ports``: the suite that the fake passes too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from contracts_chain.storage.unit_of_work import SqlUnitOfWork

pytest.register_assert_rewrite("repository_behaviour")
sys.path.insert(0, str(Path(__file__).parents[2] / "fakes"))

from repository_behaviour import RepositoryBehaviour  # noqa: E402 - found on the path set above


class TestSqlRepositories(RepositoryBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)
