"""A staff session ends by logging out, after half an hour without a request, after a working day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fake_unit_of_work import FakeUnitOfWork, Tables
from memory_office import MemoryOffice, memory_office
from session_behaviour import SessionBehaviour

from contracts_chain.workflows.staff_sessions import (
    IDLE,
    LONGEST,
    begin_session,
    end_session,
    resume_session,
)
from kernel.digests import sha256
from kernel.ids import PersonId

DRAFTER, CREDENTIAL = PersonId("drafter"), sha256(b"token")


class TestFakeSessions(SessionBehaviour):
    @pytest.fixture
    def open_work(self) -> Callable[[], FakeUnitOfWork]:
        tables = Tables()
        return lambda: FakeUnitOfWork(tables)


@pytest.fixture
def world() -> MemoryOffice:
    return memory_office()


def begun(world: MemoryOffice) -> str:
    return begin_session(world.office, DRAFTER, CREDENTIAL)


def test_a_session_names_who_began_it_and_the_store_does_not_hold_the_cookie(world: MemoryOffice) -> None:
    token = begun(world)
    session = resume_session(world.office, token)
    assert session is not None
    assert (session.account, session.credential_sha256) == (DRAFTER, CREDENTIAL)
    assert set(world.tables.sessions) == {sha256(token.encode())}
    assert token not in repr(world.tables.sessions)


def test_two_sessions_never_share_a_cookie_of_256_bits(world: MemoryOffice) -> None:
    tokens = {begun(world) for _ in range(50)}
    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {43}


def test_each_request_begins_the_half_hour_anew_until_the_working_day_is_over(world: MemoryOffice) -> None:
    token, step = begun(world), IDLE - timedelta(minutes=1)
    spent = timedelta(0)
    while spent + step < LONGEST:
        world.clock.advance(step)
        spent += step
        assert resume_session(world.office, token) is not None
    world.clock.advance(LONGEST - spent)
    assert resume_session(world.office, token) is None


def test_a_session_without_a_request_ends_after_half_an_hour(world: MemoryOffice) -> None:
    token = begun(world)
    world.clock.advance(IDLE - timedelta(seconds=1))
    assert resume_session(world.office, token) is not None
    world.clock.advance(IDLE)
    assert resume_session(world.office, token) is None


def test_requests_within_a_minute_are_not_written_down(world: MemoryOffice) -> None:
    token = begun(world)
    before = world.tables.sessions[sha256(token.encode())]
    world.clock.advance(timedelta(seconds=59))
    resume_session(world.office, token)
    assert world.tables.sessions[sha256(token.encode())] == before


def test_logging_out_ends_one_session_and_no_other(world: MemoryOffice) -> None:
    ended, other = begun(world), begun(world)
    end_session(world.office, ended)
    assert resume_session(world.office, ended) is None
    assert resume_session(world.office, other) is not None


@pytest.mark.parametrize("cookie", ["", "x", "\ud800", "é"])
def test_any_other_cookie_is_nobody(world: MemoryOffice, cookie: str) -> None:
    begun(world)
    assert resume_session(world.office, cookie) is None
    end_session(world.office, cookie)


def test_a_log_in_clears_away_the_sessions_that_are_over(world: MemoryOffice) -> None:
    begun(world)
    world.clock.advance(IDLE + timedelta(seconds=1))
    fresh = begun(world)
    assert set(world.tables.sessions) == {sha256(fresh.encode())}
