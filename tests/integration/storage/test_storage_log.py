"""The log on a real PostgreSQL: taken in by many processes, brought into order once, never rewritten."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from storage_log_child import STEPS, SUBJECTS

from contracts_chain.evidence.log_check import check_waiting
from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.tile_check import check_chains, check_tiles
from contracts_chain.evidence.tiles import TileMissingError
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.dossier import LogRow

NOW = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)
CHILD = str(Path(__file__).with_name("storage_log_child.py"))
A_DEADLINE = 60.0


def rows(count: int, first: int = 0, subject: str = "N") -> list[LogRow]:
    records = [b"record %d" % number for number in range(first, first + count)]
    return [LogRow(subject=subject, leaf_hash=hash_leaf(r), record=r, appended_utc=NOW) for r in records]


def taken_in(engine: Engine, count: int, first: int = 0) -> None:
    with SqlUnitOfWork(engine) as work:
        work.log.append_many(rows(count, first))
        work.commit()


def in_order(engine: Engine, most: int) -> int:
    with SqlUnitOfWork(engine) as work:
        size = work.log.sequence_pending(most)
        work.commit()
    return size


@contextmanager
def child(url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, CHILD, url, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def assert_sound(engine: Engine, taken: int) -> None:
    """Indexes without gaps, tiles and roots as the leaves give them, nothing lost or doubled."""
    with SqlUnitOfWork(engine) as work:
        leaves, waiting = work.log.all(), work.log.waiting()
        assert [leaf.index for leaf in leaves] == list(range(len(leaves)))
        assert len({one.leaf_hash for one in (*leaves, *waiting)}) == len(leaves) + len(waiting) == taken
        assert list(check_waiting((one.leaf_hash, one.record) for one in waiting)) == []
        for tree, hashes in (
            (SHA256_TREE, [leaf.leaf_hash for leaf in leaves]),
            (SM3_TREE, [leaf.twin_hash for leaf in leaves]),
        ):
            assert list(check_tiles(tree, hashes, work.log.tiles(tree.name))) == []
        log = MerkleLog(leaf.leaf_hash for leaf in leaves)
        assert (work.log.size(), work.log.root(len(log))) == (len(log), log.root())


@pytest.mark.parametrize("table", ["log_leaves", "log_records", "log_tiles"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "TRUNCATE {}"])
def test_nothing_of_the_log_can_be_removed_with_plain_sql(engine: Engine, table: str, deed: str) -> None:
    taken_in(engine, 3)
    in_order(engine, 2)
    with engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(deed.format(table)))
    assert_sound(engine, 3)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE log_leaves SET record = ''",
        "UPDATE log_records SET record = ''",
        "UPDATE log_tiles SET hashes = substring(hashes FROM 1 FOR 32)",
        "UPDATE log_tiles SET hashes = decode(repeat('ab', octet_length(hashes)), 'hex')",
        "UPDATE log_tiles SET number = 7",
        "UPDATE log_tiles SET hashes = hashes || hashes WHERE octet_length(hashes) = 8192",
    ],
)
def test_nothing_of_the_log_can_be_rewritten_with_plain_sql(engine: Engine, deed: str) -> None:
    taken_in(engine, 300)
    in_order(engine, 299)
    with engine.begin() as connection, pytest.raises(DBAPIError, match=r"append-only|whole_hashes"):
        connection.execute(text(deed))
    assert_sound(engine, 300)


def test_a_record_does_not_leave_the_waiting_room_for_a_leaf_with_another_content(engine: Engine) -> None:
    taken_in(engine, 1)
    forge = (
        "WITH gone AS (DELETE FROM log_records RETURNING *) INSERT INTO log_leaves "
        "SELECT 0, leaf_hash, subject, '', appended_utc, twin_hash FROM gone"
    )
    with engine.begin() as connection, pytest.raises(DBAPIError, match="only into log_leaves"):
        connection.execute(text(forge))
    assert_sound(engine, 1)


def test_order_is_fixed_once_whatever_is_taken_in_later(engine: Engine) -> None:
    roots = []
    for round_ in range(8):
        taken_in(engine, 70, first=70 * round_)
        size = in_order(engine, 50)
        with SqlUnitOfWork(engine) as work:
            roots.append((size, work.log.root(size), work.log.twin_root(size)))
    assert in_order(engine, 10_000) == 560
    with SqlUnitOfWork(engine) as work:
        assert [(size, work.log.root(size), work.log.twin_root(size)) for size, _, _ in roots] == roots
        leaves = work.log.all()
    assert [leaf.record for leaf in leaves] == [row.record for row in rows(560)]
    assert [leaf.twin_hash for leaf in leaves] == [hash_twin_leaf(row.record) for row in rows(560)]
    assert_sound(engine, 560)


def test_what_is_rolled_back_takes_no_place(engine: Engine) -> None:
    taken_in(engine, 2)
    with SqlUnitOfWork(engine) as work:
        work.log.append_many(rows(5, first=100))
    taken_in(engine, 2, first=2)
    with SqlUnitOfWork(engine) as work:
        work.log.sequence_pending(10)
    assert in_order(engine, 10) == 4
    assert_sound(engine, 4)


def test_two_who_append_to_one_subject_take_turns_and_to_two_do_not(engine: Engine) -> None:
    done: list[str] = []

    def append(subject: str) -> None:
        with SqlUnitOfWork(engine) as work:
            work.log.lock_subject(subject)
            work.log.append_many(rows(1, first=len(done) + 1, subject=subject))
            work.commit()
        done.append(subject)

    with SqlUnitOfWork(engine) as work:
        work.log.lock_subject("N")
        work.log.append_many(rows(1))
        waiting = threading.Thread(target=append, args=("N",))
        free = threading.Thread(target=append, args=("M",))
        waiting.start()
        free.start()
        free.join(A_DEADLINE)
        assert done == ["M"]
        work.commit()
    waiting.join(A_DEADLINE)
    assert done == ["M", "N"]


def test_sequencing_waits_for_nobody_who_appends(engine: Engine) -> None:
    taken_in(engine, 3)
    with SqlUnitOfWork(engine) as slow:
        slow.log.lock_subject("N")
        slow.log.append_many(rows(1, first=3))
        assert in_order(engine, 10) == 3
        slow.commit()
    assert in_order(engine, 10) == 4
    assert_sound(engine, 4)


def test_a_snapshot_does_not_see_what_is_done_after_it(engine: Engine) -> None:
    taken_in(engine, 3)
    with SqlUnitOfWork(engine) as work:
        work.log.snapshot()
        assert work.log.pending().count == 3
        taken_in(engine, 1, first=3)
        in_order(engine, 10)
        assert (work.log.pending().count, work.log.size()) == (3, 0)


def test_a_log_whose_edge_was_taken_away_does_not_grow(engine: Engine) -> None:
    taken_in(engine, 5)
    in_order(engine, 3)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE log_tiles DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE log_tiles SET hashes = substring(hashes FROM 1 FOR 64)"))
        connection.execute(text("ALTER TABLE log_tiles ENABLE TRIGGER USER"))
    with SqlUnitOfWork(engine) as work, pytest.raises(TileMissingError):
        work.log.sequence_pending(10)
    with SqlUnitOfWork(engine) as work:
        assert (work.log.size(), work.log.pending().count) == (3, 2)


def test_several_processes_that_append_and_sequence_at_once_leave_a_sound_log(
    engine: Engine, server: EmbeddedPostgres
) -> None:
    each = 60
    with (
        child(server.url, "sequence"),
        child(server.url, "sequence"),
        child(server.url, "intake", "first", str(each)) as first,
        child(server.url, "intake", "second", str(each)) as second,
        child(server.url, "intake", "third", str(each)) as third,
    ):
        assert [one.wait(A_DEADLINE) for one in (first, second, third)] == [0, 0, 0]
    in_order(engine, 10_000)
    assert_sound(engine, 3 * each)
    with SqlUnitOfWork(engine) as work:
        leaves = work.log.all()
        assert [work.log.last_of(subject) for subject in SUBJECTS] == [
            work.log.leaves_of(subject)[-1].leaf_hash for subject in SUBJECTS
        ]
    assert list(check_chains((one.subject, one.leaf_hash, one.record) for one in leaves)) == []
    actors = {Record.parse(leaf.record).actor for leaf in leaves}
    assert actors == {"first", "second", "third"}


@pytest.mark.parametrize("step", STEPS)
def test_sequencing_killed_in_the_middle_changes_nothing(
    engine: Engine, server: EmbeddedPostgres, step: str
) -> None:
    taken_in(engine, 200)
    in_order(engine, 100)
    taken_in(engine, 300, first=200)
    with child(server.url, "stop-at", step) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "standing still\n"
        process.kill()
        process.wait(A_DEADLINE)
    with SqlUnitOfWork(engine) as work:
        assert (work.log.size(), work.log.pending().count) == (100, 400)
    assert_sound(engine, 500)
    assert in_order(engine, 1000) == 500
    assert_sound(engine, 500)


def test_sequencing_killed_at_any_moment_changes_nothing_or_everything(
    engine: Engine, server: EmbeddedPostgres
) -> None:
    taken_in(engine, 600)
    told = 0
    for rounds in (1, 2, 3, 5, 8):
        with child(server.url, "sequence") as process:
            assert process.stdout is not None
            sizes = [int(process.stdout.readline()) for _ in range(rounds)]
            process.kill()
            process.wait(A_DEADLINE)
        with SqlUnitOfWork(engine) as work:
            work.log.lock()  # released when the server has noticed that the process is gone
            size = work.log.size()
        assert size % 7 == 0
        assert size >= max(told, sizes[-1] - 7)
        assert_sound(engine, 600)
        told = size
    assert in_order(engine, 1000) == 600
    assert_sound(engine, 600)
