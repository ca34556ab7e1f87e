"""The fake keeps what ``workflows.life_ports`` promises, so that deeds tested on it mean something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from life_behaviour import LifeBehaviour


class TestFakeLife(LifeBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
