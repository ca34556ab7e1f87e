"""Documents signed once per run; tests change copies of their bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.signing.signed_samples import PARTIES, Office, draft, with_fields


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("office") / "ca")


@pytest.fixture
def forger(tmp_path: Path) -> Office:
    """An authority with the very same names and keys of its own."""
    return Office.founded(tmp_path / "forger")


@pytest.fixture(scope="session")
def prepared() -> bytes:
    return with_fields(draft())


@pytest.fixture(scope="session")
def signed_once(office: Office, prepared: bytes) -> bytes:
    return office.sign(prepared, PARTIES[0], certify=True)


@pytest.fixture(scope="session")
def signed_twice(office: Office, signed_once: bytes) -> bytes:
    return office.sign(signed_once, PARTIES[1])


@pytest.fixture(scope="session")
def executed(office: Office, signed_twice: bytes) -> bytes:
    return office.sign(office.sign(signed_twice, PARTIES[2]), PARTIES[3])
