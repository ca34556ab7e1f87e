"""The fake store of ceremonies keeps the promises of its ports."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ceremony_behaviour import CeremonyBehaviour
from fake_unit_of_work import FakeUnitOfWork, Tables


class TestFakeCeremonies(CeremonyBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
