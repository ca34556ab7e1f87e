"""Reminders go out on working days only, as far apart as set, three at most, and stop with the signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.questions import answer, ask
from contracts_chain.workflows.remind import MOST_REMINDERS, remind_signers
from contracts_chain.workflows.review import approve, submit_for_review


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def links(world: MemoryOffice) -> dict[str, str]:
    """Offered on Friday 20 November 2026."""
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return offer(world.office, number, by="desk").tokens


def reminded(world: MemoryOffice, days: int) -> list[int]:
    """What each of the next days brings."""
    found = []
    for _ in range(days):
        world.clock.advance(timedelta(days=1))
        found.append(remind_signers(world.office, after_working_days=3))
    return found


def test_the_first_reminder_comes_after_three_working_days_and_the_weekend_counts_nothing(
    world: MemoryOffice, links: dict[str, str]
) -> None:
    assert reminded(world, 5) == [0, 0, 0, 0, 1]  # Sat, Sun, Mon, Tue, Wed


def test_a_party_is_reminded_three_times_and_then_left_alone(
    world: MemoryOffice, links: dict[str, str]
) -> None:
    assert sum(reminded(world, 28)) == MOST_REMINDERS
    (lines,) = world.tables.trails.values()
    told = [one for one in verify_trail(lines) if one.event is TrailEventKind.REMINDED]
    assert [one.details["role"] for one in told] == ["consumer"] * MOST_REMINDERS


def test_nobody_is_reminded_twice_on_one_day(world: MemoryOffice, links: dict[str, str]) -> None:
    reminded(world, 5)
    assert remind_signers(world.office, after_working_days=3) == 0


def test_who_has_signed_is_reminded_no_more_and_the_next_party_has_its_own_time(
    world: MemoryOffice, links: dict[str, str]
) -> None:
    reminded(world, 3)
    world.sign(links["consumer"])
    assert reminded(world, 3) == [0, 0, 1]  # Tue, Wed, Thu
    texts = [message.payload.decode() for message in world.tables.drafts.outbox.values()]
    assert any("等待您签署" in text for text in texts)


def test_a_party_that_waits_for_an_answer_is_not_reminded(world: MemoryOffice, links: dict[str, str]) -> None:
    asked = ask(world.office, links["consumer"], 1, "什么意思？")
    assert sum(reminded(world, 7)) == 0
    answer(world.office, asked.id, "请看第二款。", by="desk")
    assert remind_signers(world.office, after_working_days=3) == 1
