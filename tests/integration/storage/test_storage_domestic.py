"""PostgreSQL keeps the places of domestic seal signatures as the fake does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from domestic_behaviour import DomesticBehaviour
from sqlalchemy import Engine

from contracts_chain.storage.unit_of_work import SqlUnitOfWork


class TestSqlDomesticSeals(DomesticBehaviour):
    @pytest.fixture
    def open_work(self, engine: Engine) -> Callable[[], SqlUnitOfWork]:
        return lambda: SqlUnitOfWork(engine)
