"""What an owner of the database can do and no one else: change a table behind its triggers, and mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.storage.tables import METADATA
from kernel.sized_bytes import Bytes32


@contextmanager
def engine_of(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def changed(database_url: str, table: str, statement: str, **values: object) -> Iterator[None]:
    """Run one statement with the triggers off; afterwards put back every row as it was."""
    whole = METADATA.tables[table]
    with engine_of(database_url) as engine:
        with engine.begin() as connection, _without_triggers(connection, table):
            before = [dict(row) for row in connection.execute(whole.select()).mappings()]
            assert connection.execute(text(statement), values).rowcount > 0
        try:
            yield
        finally:
            with engine.begin() as connection, _without_triggers(connection, table):
                for row in before:
                    mended = upsert(whole).values(row)
                    keys = [column.name for column in whole.primary_key]
                    connection.execute(mended.on_conflict_do_update(index_elements=keys, set_=row))


@contextmanager
def _without_triggers(connection: Connection, table: str) -> Iterator[None]:
    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


@contextmanager
def overwritten(directory: Path, digest: Bytes32, content: bytes | None) -> Iterator[None]:
    """Change the file of a blob, or with ``None`` remove it; put it back afterwards."""
    blob = directory / digest.hex()[:2] / digest.hex()[2:]
    before = blob.read_bytes()
    if content is None:
        blob.unlink()
    else:
        blob.write_bytes(content)
    try:
        yield
    finally:
        blob.write_bytes(before)
