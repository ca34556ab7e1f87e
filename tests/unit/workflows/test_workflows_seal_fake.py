"""The in-memory seal registry behaves as the real one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from seal_behaviour import SealBehaviour


class TestFakeSeals(SealBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
