"""The fake store of drafts keeps the promises of ``workflows.draft_ports``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from draft_behaviour import DraftBehaviour
from fake_unit_of_work import FakeUnitOfWork, Tables


class TestFakeDrafts(DraftBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)
