"""A sandbox provider in a process of its own, and a PostgreSQL, each once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from identity_service import Service, running_service
from sqlalchemy import Engine, text

from api.identity_launch import IdentitySandboxProcess
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentitySandboxProcess]:
    process = IdentitySandboxProcess(tmp_path_factory.mktemp("provider") / "sandbox")
    process.begin()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("identity") / "postgres") as running:
        yield running


@pytest.fixture
def engine(server: EmbeddedPostgres) -> Iterator[Engine]:
    engine = open_engine(server.url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service") / "house") as running:
        yield running
