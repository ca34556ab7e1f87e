"""The fakes of identity keep the promises that PostgreSQL and the sandbox provider keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from dossiers import a_dossier
from fake_identity import FakeProvider
from fake_unit_of_work import FakeUnitOfWork, Tables
from identity_behaviour import MORNING, IdentityStoreBehaviour, ProviderBehaviour

from kernel.clock import FixedClock


class TestFakeIdentityStore(IdentityStoreBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables(agreements={a_dossier().number: a_dossier()})
        return lambda: FakeUnitOfWork(tables)


class TestFakeProvider(ProviderBehaviour):
    @pytest.fixture
    def provider(self) -> FakeProvider:
        return FakeProvider(FixedClock(MORNING))

    @pytest.fixture
    def play(self, provider: FakeProvider) -> Callable[[str, str], None]:
        return provider.act

    @pytest.fixture
    def now(self, provider: FakeProvider) -> Callable[[], datetime]:
        return provider.clock.now
