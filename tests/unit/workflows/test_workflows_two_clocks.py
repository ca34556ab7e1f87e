"""Two machines, or a wait for the row: a moment a little behind the newest line refuses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from memory_office import MemoryOffice, memory_office, paperless
from repository_behaviour import NOW, NUMBER

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.ceremony import begin
from contracts_chain.workflows.ceremony_errors import TooEarlyError
from contracts_chain.workflows.chronicle import BEHIND, append_record, note_event
from contracts_chain.workflows.errors import ClockWentBackError
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.questions import answer, ask
from contracts_chain.workflows.reading import confirm_clause, serve_clause
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.clock import FixedClock
from kernel.digests import digests_of


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def written(tables: Tables, seconds: float) -> Record:
    at = NOW + timedelta(seconds=seconds)
    with FakeUnitOfWork(tables) as work:
        note_event(work, NUMBER, TrailEventKind.ATTACHED, at=at, actor="desk", details={})
        record = append_record(
            work,
            RecordKind.EVIDENCE_ATTACHED,
            subject=NUMBER,
            document=digests_of(b"pdf"),
            at=at,
            actor="desk",
            details={},
        )
        work.commit()
    return record


def test_the_second_of_two_deeds_at_once_is_written_under_the_moment_of_the_first() -> None:
    tables = Tables()
    moments = [written(tables, seconds).occurred_utc for seconds in (0, 4, 1, 3.9, 5, -55)]
    assert moments == [NOW + timedelta(seconds=seconds) for seconds in (0, 4, 4, 4, 5, 5)]
    assert [event.occurred_utc for event in verify_trail(tables.trails[NUMBER])] == moments


def test_a_clock_that_is_wrong_is_still_refused() -> None:
    tables = Tables()
    written(tables, 0)
    with pytest.raises(ClockWentBackError) as caught:
        written(tables, -BEHIND.total_seconds() - 1)
    assert caught.value.retry_after == BEHIND.total_seconds() + 1
    assert (len(tables.trails[NUMBER]), len(tables.log_rows)) == (1, 1)


def test_a_clause_is_measured_by_the_moments_that_stand_on_the_trail(world: MemoryOffice) -> None:
    """A worker's clock is 3 s ahead; a verifier must find the whole time between the two lines."""
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    token = offer(world.office, number, by="desk").tokens["consumer"]
    begin(world.office, token)
    ahead = replace(world.office, clock=FixedClock(world.clock.now() + timedelta(seconds=3)))
    answer(ahead, ask(ahead, token, 2, "为什么？").id, "见附件。", by="desk")
    due = serve_clause(world.office, token, 1).seconds_due
    world.wait(due)
    with pytest.raises(TooEarlyError) as early:
        confirm_clause(world.office, token, 1)
    assert early.value.seconds == 3
    world.wait(3)
    confirm_clause(world.office, token, 1)
    trail = verify_trail(world.tables.trails[number])
    told = {event.event: event.occurred_utc for event in trail}
    read = told[TrailEventKind.CLAUSE_CONFIRMED] - told[TrailEventKind.CLAUSE_SHOWN]
    assert read == timedelta(seconds=due)
