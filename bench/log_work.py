"""What the log's rows measure: processes that take records in, and ten million hashes in tiles."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from sqlalchemy import Engine, make_url

from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.tiles import TILE_WIDTH, TileKey, edge_keys, grow
from contracts_chain.evidence.tree_hash import HASH_LENGTH, SHA256_TREE
from contracts_chain.storage.engine import open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.dossier import LogRow

__all__ = ["bring_into_order", "fill_tiles", "insert_plainly", "plain", "read_tiles", "ready", "take_in"]

A_COMMIT, A_BATCH = 100, 4096
A_CHUNK = TILE_WIDTH * TILE_WIDTH * 4
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
Plain = psycopg.Connection[tuple[object, ...]]


def record(number: int) -> bytes:
    """About the length of a real record."""
    return b'{"n":"%08d","padding":"%s"}' % (number, b"x" * 700)


def ready(_: int) -> None:
    """Let a process of the pool import everything before the clock runs."""


def take_in(url: str, first: int, last: int) -> None:
    """Append records through the unit of work, a hundred a commit."""
    engine = open_engine(url)
    for start in range(first, last, A_COMMIT):
        numbers = range(start, min(start + A_COMMIT, last))
        with SqlUnitOfWork(engine) as work:
            work.log.append_many([_row(number) for number in numbers])
            work.commit()
    engine.dispose()


def _row(number: int) -> LogRow:
    content = record(number)
    return LogRow(subject=f"S{number}", leaf_hash=hash_leaf(content), record=content, appended_utc=MOMENT)


def bring_into_order(engine: Engine, wanted: int) -> None:
    """Sequence by batches until the log has the wanted size."""
    size = 0
    while size < wanted:
        with SqlUnitOfWork(engine) as work:
            size = work.log.sequence_pending(A_BATCH)
            work.commit()


@contextmanager
def plain(url: str) -> Iterator[Plain]:
    """The same database by psycopg alone."""
    place = make_url(url)
    with psycopg.connect(
        host=str(place.query["host"]), user=place.username, dbname=place.database
    ) as connection:
        yield connection


def insert_plainly(connection: Plain, count: int) -> None:
    """The same rows with their hashes into one table, executemany and a durable commit for each hundred."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS plain_leaves (leaf_index bigint PRIMARY KEY, leaf_hash bytea UNIQUE, "
        "twin_hash bytea, subject text, record bytea, appended_utc timestamptz)"
    )
    connection.execute("TRUNCATE plain_leaves")
    connection.commit()
    for start in range(0, count, A_COMMIT):
        contents = [(number, record(number)) for number in range(start, min(start + A_COMMIT, count))]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO plain_leaves VALUES (%s, %s, %s, %s, %s, %s)",
                [
                    (number, hash_leaf(content), hash_twin_leaf(content), f"S{number}", content, MOMENT)
                    for number, content in contents
                ],
            )
        connection.commit()


def read_tiles(connection: Plain, keys: Sequence[TileKey]) -> list[bytes]:
    """The tiles, by one SELECT."""
    levels, numbers = zip(*keys, strict=True)
    found = connection.execute(
        "SELECT hashes FROM log_tiles JOIN unnest(%s::int[], %s::bigint[]) AS wanted (level, number) "
        "USING (level, number) WHERE tree = 'sha256' ORDER BY level",
        [list(levels), list(numbers)],
        prepare=True,
    )
    return [bytes(hashes) for (hashes,) in found if isinstance(hashes, bytes)]


def fill_tiles(connection: Plain, size: int) -> None:
    """Random leaf hashes, every tile above them computed for real, in place of what was there."""
    connection.execute("ALTER TABLE log_tiles DISABLE TRIGGER USER")
    connection.execute("TRUNCATE log_tiles")
    copy = "COPY log_tiles (tree, level, number, hashes) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        rows.set_types(["text", "int4", "int8", "bytea"])
        edge: dict[TileKey, bytes] = {}
        for start in range(0, size, A_CHUNK):
            count = min(A_CHUNK, size - start)
            hashes = os.urandom(count * HASH_LENGTH)
            leaves = [hashes[at : at + HASH_LENGTH] for at in range(0, len(hashes), HASH_LENGTH)]
            for tile in grow(SHA256_TREE, start, leaves, edge):
                edge[tile.level, tile.number] = tile.hashes
            begun = set(edge_keys(start + count))
            for key in [key for key in edge if key not in begun]:
                rows.write_row(("sha256", *key, edge.pop(key)))
        for key, hashes in edge.items():
            rows.write_row(("sha256", *key, hashes))
    connection.execute("ALTER TABLE log_tiles ENABLE TRIGGER USER")
    connection.commit()
    connection.execute("ANALYZE log_tiles")
    connection.commit()
