"""The chronicle: no state without its record, each chained to the one before, no two alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from hypothesis import given
from hypothesis import strategies as st
from repository_behaviour import NOW, NUMBER

from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import BrokenTrailError, TrailEventKind, verify_trail
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.errors import ClockWentBackError
from kernel.digests import digests_of


def note(work: FakeUnitOfWork, subject: str, *, seconds: float = 0) -> None:
    at = NOW + timedelta(seconds=seconds)
    note_event(work, subject, TrailEventKind.DRAFTED, at=at, actor="drafter", details={})


def record(work: FakeUnitOfWork, subject: str) -> Record:
    return append_record(
        work,
        RecordKind.AGREEMENT_APPROVED,
        subject=subject,
        document=digests_of(b"pdf"),
        at=NOW + timedelta(microseconds=7),
        actor="reviewer",
        details={},
    )


@given(st.lists(st.sampled_from(["N", "M"]), max_size=12))
def test_every_event_hangs_on_the_one_before_of_its_own_subject(subjects: list[str]) -> None:
    tables = Tables()
    for subject in subjects:
        with FakeUnitOfWork(tables) as work:
            note(work, subject)
            work.commit()
    with FakeUnitOfWork(tables) as work:
        for subject in ("N", "M"):
            assert len(verify_trail(work.trails.lines(subject))) == subjects.count(subject)


@given(st.lists(st.sampled_from(["N", "M"]), max_size=12))
def test_every_record_names_the_leaf_before_of_its_own_subject(subjects: list[str]) -> None:
    tables, last = Tables(), {}
    for index, subject in enumerate(subjects):
        with FakeUnitOfWork(tables) as work:
            written = record(work, subject)
            work.commit()
        assert written.previous == last.get(subject)
        row = tables.log_rows[index]
        assert row.leaf_hash == hash_leaf(row.record) == written.leaf()
        last[subject] = written.leaf()


def test_a_record_is_kept_in_whole_seconds_and_reads_back_as_written() -> None:
    with FakeUnitOfWork(Tables()) as work:
        written = record(work, NUMBER)
        (row,) = work.log.waiting()
    assert written.occurred_utc == NOW
    assert Record.parse(row.record) == written


def test_the_same_fact_twice_gives_two_leaves_that_nobody_can_match() -> None:
    with FakeUnitOfWork(Tables()) as work:
        first, second = record(work, "N"), record(work, "M")
    assert first.salt != second.salt
    assert first.leaf() != second.leaf()


def test_nothing_is_added_to_a_broken_trail() -> None:
    tables = Tables()
    with FakeUnitOfWork(tables) as work:
        for _ in range(3):
            note(work, NUMBER)
        work.commit()
    del tables.trails[NUMBER][1]
    before = list(tables.trails[NUMBER])
    with FakeUnitOfWork(tables) as work, pytest.raises(BrokenTrailError):
        note(work, NUMBER)
    assert tables.trails[NUMBER] == before


def test_a_clock_that_went_back_writes_nothing_rather_than_a_trail_that_breaks() -> None:
    tables = Tables()
    with FakeUnitOfWork(tables) as work:
        note(work, NUMBER)
        work.commit()
    with FakeUnitOfWork(tables) as work:
        with pytest.raises(ClockWentBackError) as caught:
            note(work, NUMBER, seconds=-63)
        assert caught.value.retry_after == 63
        note(work, NUMBER, seconds=-0.0)
        note(work, NUMBER, seconds=0.5)
        work.commit()
    assert len(verify_trail(tables.trails[NUMBER])) == 3


def test_an_event_written_without_commit_never_happened() -> None:
    tables = Tables()
    with FakeUnitOfWork(tables) as work:
        note(work, NUMBER)
        record(work, NUMBER)
    assert (tables.trails, tables.log_rows) == ({}, [])
