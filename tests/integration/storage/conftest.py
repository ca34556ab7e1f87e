"""A real PostgreSQL for the storage room, one server a test session, a fresh schema a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("storage") / "postgres") as running:
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
