"""The desk over memory keeps to the behaviour of every activation, and to its clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from activation_behaviour import ActivationBehaviour, Trial
from activation_people import Vouchers
from fake_activation import FakeActivation

from kernel.clock import FixedClock
from signing.model import SignatureTrust

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def ca_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("activation") / "ca"


@pytest.fixture
def fake(ca_directory: Path) -> FakeActivation:
    return FakeActivation(ca_directory, FixedClock(NOW), Vouchers())


@pytest.fixture
def trial(fake: FakeActivation) -> Trial:
    return trial_of(fake)


def trial_of(fake: FakeActivation) -> Trial:
    return Trial(
        activation=fake,
        vouchers=fake.vouchers,
        newest_code=fake.phone.newest_code,
        now=fake.clock.now,
        public_key=fake.public_key,
        trust=SignatureTrust(ca_roots=fake.ca.roots, tsa_roots=fake.ca.tsa_roots),
    )


class TestTheDesk(ActivationBehaviour):
    pass
