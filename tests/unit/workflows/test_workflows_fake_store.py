"""The fake keeps the promises of ``workflows.ports``, so that deeds tested on it mean something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from repository_behaviour import RepositoryBehaviour


class TestFakeRepositories(RepositoryBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
