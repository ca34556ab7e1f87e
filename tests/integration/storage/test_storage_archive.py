"""PostgreSQL keeps archive timestamps as the fake does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from archive_behaviour import ArchiveBehaviour
from sqlalchemy import Engine

from contracts_chain.storage.unit_of_work import SqlUnitOfWork


class TestSqlArchive(ArchiveBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)
