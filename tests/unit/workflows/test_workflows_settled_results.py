"""The activation process is told once a party's signatures are stored, so that it may give its copies up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.activation.errors import ActivationUnavailableError
from contracts_chain.activation.vault import Book
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review

AT_ONCE = timedelta(seconds=0)


class Killed(BaseException):
    """kill -9: nothing catches it."""


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@pytest.fixture
def number(world: MemoryOffice) -> str:
    """A contract whose consumer's will is confirmed and not signed yet."""
    drafted = world.draft(order_no="ORDER-SETTLED")
    submit_for_review(world.office, drafted, by="li")
    approve(world.office, drafted, reviewer="zhao")
    world.release(offer(world.office, drafted, by="desk").tokens["consumer"])
    return drafted


def confirmed(world: MemoryOffice) -> int:
    """How many contracts' results the activation process may give up in time."""
    return int(world.activation.vault.get(Book.SETTLED, "tail") or b"0")


def signed(world: MemoryOffice, number: str) -> list[bool]:
    return [slot.signed for slot in world.tables.agreements[number].slots]


def test_a_party_whose_signatures_are_stored_is_confirmed_once(world: MemoryOffice, number: str) -> None:
    assert confirmed(world) == 0
    finish_confirmed(world.office, left_alone=AT_ONCE)
    assert signed(world, number) == [True, True, False, False]
    assert confirmed(world) == 1
    finish_confirmed(world.office, left_alone=AT_ONCE)
    assert confirmed(world) == 1


def test_a_service_killed_before_it_confirmed_confirms_when_it_is_back(
    world: MemoryOffice, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(world.activation, "settled", killed)
        with pytest.raises(Killed):
            finish_confirmed(world.office, left_alone=AT_ONCE)
    assert (signed(world, number), confirmed(world)) == ([True, True, False, False], 0)
    finish_confirmed(world.office, left_alone=AT_ONCE)
    assert confirmed(world) == 1


def test_an_activation_process_that_is_away_then_keeps_nobody_from_having_signed(
    world: MemoryOffice, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ActivationUnavailableError("test outage")

    monkeypatch.setattr(world.activation, "settled", away)
    assert finish_confirmed(world.office, left_alone=AT_ONCE) == 1
    assert signed(world, number) == [True, True, False, False]
