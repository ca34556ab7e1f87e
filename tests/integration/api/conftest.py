"""One running service for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_service import Service, running_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("house")) as running:
        yield running
