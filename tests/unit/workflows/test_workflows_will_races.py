"""What comes between a will and its note: withdrawals, other choices, the last day, another revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from ceremony_reader import prepare_to_sign
from memory_office import MemoryOffice, memory_office, paperless
from offered_sets import offered_set

from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.evidence.will import Release, WillRequest
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.errors import StaleDossierError
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.sign_set import (
    begin_set,
    choose,
    consent_to_set,
    open_set,
    set_view,
    sign_set,
)
from contracts_chain.workflows.will import act_of, confirm_will, find_act, send_code, will_request
from contracts_chain.workflows.withdraw import withdraw
from kernel.clock import BEIJING


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def gathered(world: MemoryOffice, count: int) -> tuple[list[str], str]:
    """So many contracts in one set, all read and consented to, and a code on the phone."""
    numbers = offered_set(world, count)
    token = open_set(world.office, numbers, "consumer", by="desk")
    begin_set(world.office, token)
    for line in set_view(world.office, token).lines:
        prepare_to_sign(world.office, line.token, world.wait)
    consent_to_set(world.office, token)
    send_code(world.office, token)
    return numbers, token


def between(world: MemoryOffice, name: str, act: Callable[[], object], *, times: int = 1) -> Any:
    """Let something happen after the activation process has done its part and before the service notes it."""
    left, plain = [act] * times, getattr(world.activation, name)

    def then(*given: Any) -> Any:
        answer = plain(*given)
        if left:
            left.pop()()
        return answer

    return patch.object(world.activation, name, then)


def confirmed(world: MemoryOffice, number: str) -> list[str]:
    trail = verify_trail(world.tables.trails[number])
    return [str(event.details["role"]) for event in trail if event.event is TrailEventKind.WILL_CONFIRMED]


def released(world: MemoryOffice, token: str) -> Release:
    with world.office.work() as work:
        request: WillRequest = will_request(world.office, act_of(work, find_act(work, token).id))
    return world.activation.release(request, CodeFactor(code=world.newest_code))


def test_what_was_chosen_while_the_code_was_checked_waits_for_a_will_of_its_own(world: MemoryOffice) -> None:
    numbers, token = gathered(world, 3)
    choose(world.office, token, numbers[:2])
    send_code(world.office, token)
    with between(world, "release", lambda: choose(world.office, token, numbers)):
        outcome = sign_set(world.office, token, CodeFactor(code=world.newest_code))
    assert (outcome.signed, outcome.failed) == (tuple(numbers[:2]), ())
    assert [confirmed(world, number) for number in numbers] == [["consumer"], ["consumer"], []]


def test_a_withdrawal_after_the_will_leaves_the_others_of_the_set_signed(world: MemoryOffice) -> None:
    numbers, token = gathered(world, 3)
    released(world, token)  # and the service died before it heard
    withdraw(world.office, numbers[1], reason="用户要求", by="desk")
    assert finish_confirmed(world.office, left_alone=timedelta(0)) == 2
    assert [confirmed(world, number) for number in numbers] == [["consumer"], [], ["consumer"]]


def offered(world: MemoryOffice) -> tuple[str, str]:
    number = world.draft()
    submit_for_review(world.office, number, by="li")
    approve(world.office, number, reviewer="zhao")
    return number, offer(world.office, number, by="desk").tokens["consumer"]


def to_the_end(world: MemoryOffice, number: str) -> None:
    """The very second in which the offer's last day is over in Beijing."""
    until = world.tables.agreements[number].offer_until
    assert until is not None
    over = datetime.combine(until + timedelta(days=1), time(), BEIJING)
    world.clock.advance(over - world.clock.now())


def almost_over(world: MemoryOffice) -> tuple[str, str]:
    """An agreement that is read and consented to half a minute before its last day is over."""
    number, token = offered(world)
    prepare_to_sign(world.office, token, world.wait)
    to_the_end(world, number)
    world.clock.advance(timedelta(seconds=-30))
    send_code(world.office, token)
    return number, token


def test_a_will_released_in_time_is_signed_though_a_crash_hid_it_past_the_last_day(
    world: MemoryOffice,
) -> None:
    number, token = almost_over(world)
    released(world, token)  # and the service died before it heard
    world.wait(3600)
    assert lapse_overdue(world.office) == 0
    assert finish_confirmed(world.office) == 1
    assert confirmed(world, number) == ["consumer"]


def test_the_last_day_does_not_end_while_a_code_of_that_day_is_checked(world: MemoryOffice) -> None:
    number, token = almost_over(world)

    def midnight() -> None:
        to_the_end(world, number)
        assert lapse_overdue(world.office) == 0

    with between(world, "release", midnight):
        confirm_will(world.office, token, CodeFactor(code=world.newest_code))
    assert confirmed(world, number) == ["consumer"]


def test_an_offer_whose_code_nobody_entered_lapses_a_minute_later(world: MemoryOffice) -> None:
    number, _ = almost_over(world)
    to_the_end(world, number)
    assert lapse_overdue(world.office) == 0
    world.wait(31)
    assert lapse_overdue(world.office) == 1
    assert world.tables.agreements[number].state is AgreementState.LAPSED


def changed_by_another(world: MemoryOffice, number: str) -> None:
    with world.office.work() as work:
        work.agreements.save(work.agreements.load(number))
        work.commit()


def test_a_signature_that_another_deed_overtook_is_made_anew_and_counts_once(world: MemoryOffice) -> None:
    number, token = offered(world)
    code = world.code(token)
    with between(world, "sign", lambda: changed_by_another(world, number), times=2):
        signed = sign_with_code(world.office, token, code)
    assert [slot.signed for slot in signed.slots] == [True, True, False, False]
    trail = verify_trail(world.tables.trails[number])
    assert sum(event.event is TrailEventKind.SIGNED for event in trail) == 1


def test_a_signature_that_is_overtaken_each_time_says_so_and_is_finished_later(world: MemoryOffice) -> None:
    number, token = offered(world)
    code = world.code(token)
    overtaking = between(world, "sign", lambda: changed_by_another(world, number), times=9)
    with overtaking, pytest.raises(StaleDossierError):
        sign_with_code(world.office, token, code)
    world.wait(60)
    assert finish_confirmed(world.office) == 1
    assert [slot.signed for slot in world.tables.agreements[number].slots] == [True, True, False, False]
