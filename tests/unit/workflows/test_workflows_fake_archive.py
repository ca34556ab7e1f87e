"""The fake store of archive timestamps behaves as PostgreSQL does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from archive_behaviour import ArchiveBehaviour
from fake_unit_of_work import FakeUnitOfWork, Tables


class TestFakeArchive(ArchiveBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
