"""Forced reading: what was served counts, by the service's clock, one clause at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from ceremony_reader import read_everything
from hypothesis import given
from hypothesis import strategies as st
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.agreements.ceremony.dwell import ReadingRule, seconds_left
from contracts_chain.evidence.trail import TrailEvent, TrailEventKind, verify_trail
from contracts_chain.workflows.ceremony import begin, consent, open_link
from contracts_chain.workflows.ceremony_errors import (
    ClausesUnreadError,
    ConsentMissingError,
    IdentityMissingError,
    MarkMissingError,
    TooEarlyError,
    UnknownClauseError,
)
from contracts_chain.workflows.errors import PagesUnreadError, SignatureTurnError, UnknownNumberError
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.paper import PaperWay, choose_paper
from contracts_chain.workflows.reading import confirm_clause, serve_clause, serve_text
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.will import send_code


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def token(world: MemoryOffice) -> str:
    return offered(world)


def offered(world: MemoryOffice) -> str:
    """The consumer's link of a contract that is approved."""
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return offer(world.office, number, by="desk").tokens["consumer"]


def events(world: MemoryOffice, kind: TrailEventKind) -> list[TrailEvent]:
    (lines,) = world.tables.trails.values()
    return [event for event in verify_trail(lines) if event.event is kind]


def test_nothing_is_read_before_the_person_is_identified(world: MemoryOffice, token: str) -> None:
    with pytest.raises(IdentityMissingError):
        serve_clause(world.office, token, 1)
    serve_text(world.office, token)
    assert open_link(world.office, token).served == ()
    begin(world.office, token)
    assert serve_clause(world.office, token, 1).clause.position == 1


def test_a_person_whom_nobody_vouched_for_cannot_begin(world: MemoryOffice) -> None:
    world.attests = False
    token = offered(world)
    with pytest.raises(IdentityMissingError):
        begin(world.office, token)
    assert not events(world, TrailEventKind.IDENTIFIED)


def test_an_early_press_says_how_long_to_read_and_confirms_nothing(world: MemoryOffice, token: str) -> None:
    begin(world.office, token)
    due = serve_clause(world.office, token, 1).seconds_due
    world.wait(due - 6)
    with pytest.raises(TooEarlyError) as early:
        confirm_clause(world.office, token, 1)
    assert (early.value.seconds, early.value.zh) == (6, "请再读 6 秒，再确认")
    assert not events(world, TrailEventKind.CLAUSE_CONFIRMED)
    world.wait(6)
    assert confirm_clause(world.office, token, 1).confirmed


def test_serving_a_clause_again_does_not_start_its_time_anew(world: MemoryOffice, token: str) -> None:
    begin(world.office, token)
    world.wait(serve_clause(world.office, token, 1).seconds_due)
    assert serve_clause(world.office, token, 1).seconds_left == 0
    assert confirm_clause(world.office, token, 1).confirmed
    assert len(events(world, TrailEventKind.CLAUSE_SHOWN)) == 1


def test_a_clause_that_was_never_opened_cannot_be_confirmed(world: MemoryOffice, token: str) -> None:
    begin(world.office, token)
    world.wait(3600)
    with pytest.raises(TooEarlyError):
        confirm_clause(world.office, token, 1)


def test_clauses_opened_side_by_side_share_no_time(world: MemoryOffice, token: str) -> None:
    begin(world.office, token)
    first, second = (serve_clause(world.office, token, at) for at in (1, 2))
    world.wait(max(first.seconds_due, second.seconds_due))
    confirm_clause(world.office, token, 1)
    with pytest.raises(TooEarlyError) as early:
        confirm_clause(world.office, token, 2)
    assert early.value.seconds == second.seconds_due


def test_the_trail_names_each_clause_with_due_and_read_seconds(world: MemoryOffice, token: str) -> None:
    read_everything(world.office, token, world.wait)
    plan = open_link(world.office, token).plan
    told = events(world, TrailEventKind.CLAUSE_CONFIRMED)
    assert [event.details["clause_sha256"] for event in told] == [one.sha256.hex() for one in plan.clauses]
    assert all(event.details["seconds_read"] == event.details["seconds_due"] for event in told)
    assert len(events(world, TrailEventKind.SHOWN)) == 1


def test_a_later_setting_changes_no_time_that_was_offered(world: MemoryOffice, token: str) -> None:
    from dataclasses import replace

    lax = replace(world.office, reading=ReadingRule(floor_seconds=0, cap_seconds=0))
    begin(lax, token)
    assert serve_clause(lax, token, 1).seconds_due >= 5
    with pytest.raises(TooEarlyError):
        confirm_clause(lax, token, 1)


def test_each_missing_step_is_named_in_its_turn(world: MemoryOffice, token: str) -> None:
    office = world.office
    with pytest.raises(IdentityMissingError):
        consent(office, token)
    begin(office, token)
    with pytest.raises(PagesUnreadError) as unread:
        consent(office, token)
    assert unread.value.missing == (1, 2)
    serve_text(office, token)
    with pytest.raises(ClausesUnreadError) as left:
        consent(office, token)
    assert left.value.positions == tuple(range(1, len(open_link(office, token).plan.clauses) + 1))
    read_everything(office, token, world.wait)
    with pytest.raises(MarkMissingError):
        consent(office, token)
    name = open_link(office, token).signer_name
    choose_mark(office, token, TypedMark(name=name))
    with pytest.raises(ConsentMissingError):
        send_code(office, token)
    consent(office, token)
    choose_mark(office, token, TypedMark(name=name))
    with pytest.raises(ConsentMissingError):
        send_code(office, token)
    assert world.codes_sent == 0


def test_the_consent_is_kept_by_its_words(world: MemoryOffice, token: str) -> None:
    world.code(token)
    (told,) = events(world, TrailEventKind.CONSENTED)
    words = consent(world.office, token)
    assert told.details["text_sha256"] == words.sha256.hex()
    count = len(open_link(world.office, token).plan.clauses)
    assert f"{count} 条重点条款" in words.zh
    assert "按第八十一条存证" in words.zh
    assert len(events(world, TrailEventKind.CONSENTED)) == 1


def test_there_is_no_clause_beyond_the_last(world: MemoryOffice, token: str) -> None:
    begin(world.office, token)
    last = len(open_link(world.office, token).plan.clauses)
    for position in (0, last + 1):
        with pytest.raises(UnknownClauseError):
            serve_clause(world.office, token, position)
    with pytest.raises(UnknownNumberError):
        serve_clause(world.office, "no-such-link", 1)


def test_who_chooses_paper_signs_nothing_online(world: MemoryOffice, token: str) -> None:
    choose_paper(world.office, token, PaperWay.POST)
    assert open_link(world.office, token).state == "closed"
    with pytest.raises(SignatureTurnError):
        begin(world.office, token)
    assert events(world, TrailEventKind.PAPER_CHOSEN)[0].details["way"] == "post"


@given(st.text(max_size=3000))
def test_the_time_due_is_between_floor_and_cap_and_grows_with_the_text(text: str) -> None:
    rule = ReadingRule()
    assert 5 <= rule.seconds(text) <= 60
    assert rule.seconds(text) <= rule.seconds(text + "电" * 12)
    assert ReadingRule(floor_seconds=0, cap_seconds=0).seconds(text) == 0


@given(st.integers(0, 60), st.integers(0, 90_000))
def test_the_seconds_left_are_never_told_too_short(due: int, passed_ms: int) -> None:
    from memory_office import MORNING

    now = MORNING + timedelta(milliseconds=passed_ms)
    left = seconds_left(MORNING, due, now)
    assert left >= 0
    assert now + timedelta(seconds=left) >= MORNING + timedelta(seconds=due)
    assert left == 0 or now + timedelta(seconds=left - 1) < MORNING + timedelta(seconds=due)
