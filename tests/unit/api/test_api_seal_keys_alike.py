"""Seal keys in memory and seal keys in files keep to the same promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_seals import FakeSealKeys
from memory_office import MORNING, ca_directory
from seal_keys_behaviour import AUTHORITY, SealKeysBehaviour

from api.seal_keys import StandingSealKeys
from kernel.clock import FixedClock
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey


@pytest.fixture
def ca() -> TestCa:
    return TestCa.open(ca_directory(), KeyEncryptionKey.of(bytes(32)), FixedClock(MORNING))


class TestSealKeysInFiles(SealKeysBehaviour):
    @pytest.fixture
    def keys(self, tmp_path: Path, ca: TestCa) -> StandingSealKeys:
        return StandingSealKeys(
            tmp_path / "seals", KeyEncryptionKey.of(bytes(range(32))), ca, None, roots=(AUTHORITY.root_der,)
        )


class TestSealKeysInMemory(SealKeysBehaviour):
    @pytest.fixture
    def keys(self, ca: TestCa) -> FakeSealKeys:
        return FakeSealKeys(chain=ca.roots, roots=(AUTHORITY.root_der,))
