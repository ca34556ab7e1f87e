"""The store of papers in memory keeps to the behaviour of the one in the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from papers_behaviour import PapersBehaviour


class TestPapersInMemory(PapersBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
