"""The log: leaves a second into PostgreSQL, the tree in memory, a proof at ten million leaves.

``python -m bench.rows_log`` runs these rows alone. Each stands beside what it cannot avoid: plain
INSERTs of the same rows with the same commits, the same number of bare SHA-256 calls, a bare
SELECT of the tiles on the way up.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pymerkle import InmemoryTree
from sqlalchemy import Engine

from bench import log_work
from bench.measuring import Row, median_ms, row, spent
from contracts_chain.evidence.merkle import verify_inclusion
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.tiles import TILE_WIDTH
from contracts_chain.evidence.tree_hash import HASH_LENGTH, SHA256_TREE
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from kernel.sized_bytes import LeafHash

__all__ = ["rows"]

APPENDED, A_TREE, MILLIONS, ASKED = 20_000, 100_000, 10_000_000, 60


def rows() -> list[Row]:
    """All rows of the log, on a PostgreSQL of their own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres.start(Path(folder) / "postgres") as server,
    ):
        engine = open_engine(server.url)
        try:
            migrate(engine)
            return [append_row(server.url, engine), tree_row(), proof_row(server.url, engine)]
        finally:
            engine.dispose()


def append_row(url: str, engine: Engine) -> Row:
    """Two processes take in, this one brings into order; done when the last leaf has its place."""
    middle = APPENDED // 2
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        list(processes.map(log_work.ready, range(2)))
        with log_work.plain(url) as connection:
            bare = spent(lambda: log_work.insert_plainly(connection, APPENDED))
        started = time.perf_counter()
        takers = [processes.submit(log_work.take_in, url, first, first + middle) for first in (0, middle)]
        log_work.bring_into_order(engine, APPENDED)
        ours = time.perf_counter() - started
        for taker in takers:
            taker.result()
    work = f"{APPENDED:,} leaves, {log_work.A_COMMIT} a commit, 2 processes; order and both trees"
    each = APPENDED / ours
    return row("log append", work, "leaves/s", each, APPENDED / bare, goal=5000, met=each >= 5000)


def tree_row() -> Row:
    """The tree over 100,000 contents, beside 2N - 1 hashes of 65 bytes and pymerkle."""
    contents = [number.to_bytes(64) for number in range(A_TREE)]

    def ours() -> bytes:
        log = MerkleLog()
        log.extend(SHA256_TREE.leaves(contents))
        return log.root()

    def bound() -> bytes:
        block, sha256 = bytes(65), hashlib.sha256
        return [sha256(block).digest() for _ in range(2 * A_TREE - 1)][-1]

    def pymerkle() -> bytes:
        tree = InmemoryTree(algorithm="sha256")
        for content in contents:
            tree.append_entry(content)
        return bytes(tree.get_root())

    if ours() != pymerkle():
        raise AssertionError("two libraries give two roots")
    mine, bare, peer = median_ms([ours, bound, pymerkle], 5)
    met = mine <= 1.5 * bare and peer >= 5 * mine
    work = f"{A_TREE:,} leaves in memory, every subtree kept"
    return row("log tree", work, "ms", mine, bare, goal=1.5, met=met, peers={"pymerkle": peer})


def proof_row(url: str, engine: Engine) -> Row:
    """One inclusion proof by the port, nothing remembered, beside one SELECT of the tiles on the way up."""
    chosen = random.Random(9162)
    mine: list[float] = []
    bare: list[float] = []
    with log_work.plain(url) as connection:
        log_work.fill_tiles(connection, MILLIONS)
        for index in (chosen.randrange(MILLIONS) for _ in range(ASKED)):
            _check(engine, connection, index)
            keys = [(level, index >> 8 * (level + 1)) for level in range(3)]
            mine.append(spent(lambda at=index: _proof(engine, at)))  # type: ignore[misc]
            bare.append(spent(lambda on=keys: log_work.read_tiles(connection, on)))  # type: ignore[misc]
    took, least = 1000 * statistics.median(mine), 1000 * statistics.median(bare)
    work = f"inclusion at {MILLIONS:,} leaves, from tiles in PostgreSQL"
    return row("log proof", work, "ms", took, least, goal=5, met=took <= 5)


def _proof(engine: Engine, index: int) -> object:
    with SqlUnitOfWork(engine) as work:
        return work.log.inclusion(index, MILLIONS)


def _check(engine: Engine, connection: log_work.Plain, index: int) -> None:
    """The proof is a proof; and both sides have had the pages in memory once."""
    (tile,) = log_work.read_tiles(connection, [(0, index // TILE_WIDTH)])
    at = index % TILE_WIDTH * HASH_LENGTH
    with SqlUnitOfWork(engine) as work:
        proof, root = work.log.inclusion(index, MILLIONS), work.log.root(MILLIONS)
    verify_inclusion(LeafHash(tile[at : at + HASH_LENGTH]), proof, root)


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
