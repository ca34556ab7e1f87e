"""What the sweep takes up after a crash: confirmed wills and releases nobody noticed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.activation.errors import ActivationUnavailableError
from contracts_chain.activation.port import CodeFactor
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.evidence.will import Release
from contracts_chain.workflows.finish_confirmed import Unreleased, finish_confirmed
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.questions import ask
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.will import act_of, find_act, will_request

LONG_AGO = timedelta(seconds=0)


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def link(world: MemoryOffice, order_no: str = "ORDER-1") -> tuple[str, str]:
    number = world.draft(order_no=order_no)
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return number, offer(world.office, number, by="desk").tokens["consumer"]


def signed(world: MemoryOffice, number: str) -> list[bool]:
    return [slot.signed for slot in world.tables.agreements[number].slots]


def wills(world: MemoryOffice, number: str) -> int:
    trail = verify_trail(world.tables.trails[number])
    return sum(event.event is TrailEventKind.WILL_CONFIRMED for event in trail)


def released_unnoticed(world: MemoryOffice, token: str) -> None:
    """The activation process released; the service died before it heard."""
    code = world.code(token)
    with world.office.work() as work:
        request = will_request(world.office, act_of(work, find_act(work, token).id))
    world.activation.release(request, CodeFactor(code=code))


def test_a_confirmed_will_is_signed_once(world: MemoryOffice) -> None:
    number, token = link(world)
    world.release(token)
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 1
    assert signed(world, number) == [True, True, False, False]
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 0


def test_a_release_that_nobody_noticed_is_noticed_and_signed(world: MemoryOffice) -> None:
    number, token = link(world)
    released_unnoticed(world, token)
    assert wills(world, number) == 0
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 1
    assert (signed(world, number), wills(world, number)) == ([True, True, False, False], 1)


def test_a_code_that_was_only_sent_signs_nothing(world: MemoryOffice) -> None:
    number, token = link(world)
    world.code(token)
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 0
    assert not any(signed(world, number))


def test_a_fresh_act_is_left_to_its_own_request(world: MemoryOffice) -> None:
    number, token = link(world)
    world.release(token)
    assert finish_confirmed(world.office, left_alone=timedelta(minutes=1)) == 0
    world.wait(60)
    assert finish_confirmed(world.office, left_alone=timedelta(minutes=1)) == 1
    assert signed(world, number)[0]


def test_a_question_asked_after_the_release_holds_the_signature(world: MemoryOffice) -> None:
    number, token = link(world)
    released_unnoticed(world, token)
    ask(world.office, token, 1, "请说明")
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 0
    assert not any(signed(world, number))


@pytest.fixture
def asked_after(world: MemoryOffice, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Wills that the activation process was asked after."""
    wills, released = list[str](), world.activation.released

    def count(ceremony: str) -> Release | None:
        wills.append(ceremony)
        return released(ceremony)

    monkeypatch.setattr(world.activation, "released", count)
    return wills


def test_a_code_that_nobody_types_is_asked_after_each_turn_at_first_and_then_once_an_hour(
    world: MemoryOffice, asked_after: list[str]
) -> None:
    _, token = link(world)
    world.code(token)
    unreleased, turns = Unreleased(), []
    for _ in range(20):  # every quarter of an hour, five hours long
        world.wait(15 * 60)
        finish_confirmed(world.office, unreleased=unreleased)
        turns.append(len(asked_after))
    assert turns[:4] == [1, 2, 3, 4]
    assert turns[-1] == 4 + 4


def test_a_release_after_a_new_asking_is_noticed_in_the_next_turn(
    world: MemoryOffice, asked_after: list[str]
) -> None:
    number, token = link(world)
    world.code(token)
    unreleased = Unreleased()
    world.wait(2 * 3600)
    for _ in range(2):
        assert finish_confirmed(world.office, unreleased=unreleased) == 0
    assert len(asked_after) == 1
    released_unnoticed(world, token)
    world.wait(60)
    assert finish_confirmed(world.office, unreleased=unreleased) == 1
    assert signed(world, number)[0]


def test_an_outage_of_hours_is_no_answer(world: MemoryOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    number, token = link(world)
    released_unnoticed(world, token)
    unreleased = Unreleased()

    def down(_: str) -> Release | None:
        raise ActivationUnavailableError("outage")

    with monkeypatch.context() as outage:
        outage.setattr(world.activation, "released", down)
        for _ in range(3):
            world.wait(3600)
            assert finish_confirmed(world.office, unreleased=unreleased) == 0
    assert finish_confirmed(world.office, unreleased=unreleased) == 1
    assert signed(world, number)[0]


def test_one_agreement_that_cannot_be_signed_does_not_keep_the_others_waiting(world: MemoryOffice) -> None:
    first, token = link(world)
    second, other = link(world, "ORDER-2")
    world.release(token)
    world.release(other)
    world.activation.refused_fields = {"ConsumerSeal"}
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 0
    assert (signed(world, first)[:2], signed(world, second)[:2]) == ([True, False], [True, False])
    world.activation.refused_fields = set()
    assert finish_confirmed(world.office, left_alone=LONG_AGO) == 2
    assert (signed(world, first)[:2], signed(world, second)[:2]) == ([True, True], [True, True])
