"""The fake keeps what ``workflows.callback_ports`` promises, so that deeds tested on it mean something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from callback_behaviour import CallbackBehaviour
from fake_unit_of_work import FakeUnitOfWork, Tables


class TestFakeCallbacks(CallbackBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
