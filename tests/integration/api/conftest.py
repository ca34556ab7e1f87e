"""One running service for the whole session; its documents lie in a bucket of a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_service import Service, running_service
from seaweed_server import SeaweedServer, seaweed_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[SeaweedServer]:
    with seaweed_server() as running:
        yield running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, s3_server: SeaweedServer) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("house"), s3_server.setting()) as running:
        yield running
