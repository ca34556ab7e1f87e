"""Deliveries to other systems: the schedule to the second, dead letters, replays, slow peers."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from callback_callers import (
    CONTRACT,
    NOON,
    REFUSED,
    TAKEN,
    URL,
    CallbackHouse,
    Called,
    ScriptedCaller,
    deliveries,
    note,
    registered,
)

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import (
    CALLBACK_DEAD,
    close_endpoint,
    deliver_callbacks,
    replay_dead,
    replay_event,
    replay_range,
    rotate_generation,
)
from contracts_chain.workflows.callback_errors import (
    EndpointClosedError,
    UnknownEndpointError,
    UnknownProcessEventError,
)
from contracts_chain.workflows.callback_files import CallbackEndpoint, DeliveryState
from contracts_chain.workflows.callback_ports import CallbackOutcome
from contracts_chain.workflows.callback_schedule import LONGEST, STEPS_SECONDS, next_try
from contracts_chain.workflows.process_events import note_process_event, tell_events


@pytest.fixture
def house() -> CallbackHouse:
    return CallbackHouse()


def alarms(house: CallbackHouse) -> list[tuple[str, str]]:
    with house.office.work() as work:
        return [(alarm.code, alarm.subject) for alarm in work.alarms.all()]


def run_for(house: CallbackHouse, caller: ScriptedCaller, time: timedelta) -> None:
    """Let a worker look each time something falls due; it never looks in between without finding nothing."""
    until = house.clock.now() + time
    while True:
        deliver_callbacks(house.office, caller)
        due = [one.delivery.due_utc for one in deliveries(house, state=DeliveryState.WAITING)]
        if not due or min(due) > until:
            house.clock.advance(until - house.clock.now())
            return
        house.clock.advance(min(due) - house.clock.now() - timedelta(seconds=1))
        assert deliver_callbacks(house.office, caller) == 0, "tried before it was due"
        house.clock.advance(timedelta(seconds=1))


def test_the_schedule_is_that_of_section_7_2_and_ends_after_a_day() -> None:
    assert STEPS_SECONDS == (10, 10, 30, 60, 180, 360, 600, 1200, 1800, 3600, 7200, 7200, 7200, 7200)
    assert next_try(NOON, 15, NOON + timedelta(hours=22)) == NOON + LONGEST
    assert next_try(NOON, 15, NOON + timedelta(hours=22, seconds=1)) is None


def test_a_receiver_that_is_down_is_tried_as_the_schedule_says_and_then_left_alone(
    house: CallbackHouse,
) -> None:
    endpoint, caller = registered(house), ScriptedCaller(lambda _: REFUSED)
    note(house, CONTRACT)
    assert tell_events(house.office) == 1
    run_for(house, caller, timedelta(hours=30))
    waits = [(after.at - before.at).total_seconds() for before, after in pairwise(caller.calls)]
    assert waits == [*STEPS_SECONDS, *[7200] * 6]
    assert [one.attempt for one in caller.calls] == list(range(1, 22))
    assert all(one.event == caller.calls[0].event for one in caller.calls)
    assert caller.calls[-1].at - caller.calls[0].at <= LONGEST
    (dead,) = deliveries(house, state=DeliveryState.DEAD)
    assert (dead.delivery.attempts, dead.delivery.failed) == (21, 21)
    assert alarms(house) == [(CALLBACK_DEAD, endpoint.id)]


def test_every_attempt_stands_in_the_log_with_its_outcome(house: CallbackHouse) -> None:
    registered(house)
    note(house, CONTRACT)
    tell_events(house.office)
    run_for(house, ScriptedCaller(lambda one: TAKEN if one.attempt == 3 else REFUSED), timedelta(minutes=1))
    (done,) = deliveries(house)
    assert done.delivery.state is DeliveryState.DELIVERED
    with house.office.work() as work:
        log = work.callbacks.attempts_of(done.delivery.id)
    assert [(one.number, one.outcome, one.taken, one.milliseconds) for one in log] == [
        (1, "HTTP 503", False, 7),
        (2, "HTTP 503", False, 7),
        (3, "HTTP 204", True, 7),
    ]
    assert all(one.finished_utc is not None for one in log)
    assert alarms(house) == []


def test_events_of_a_subject_arrive_in_order_and_a_failed_one_is_overtaken(house: CallbackHouse) -> None:
    registered(house)
    note(house, CONTRACT, CONTRACT, CONTRACT)
    tell_events(house.office)
    caller = ScriptedCaller(lambda one: REFUSED if (one.event.sequence, one.attempt) == (2, 1) else TAKEN)
    run_for(house, caller, timedelta(seconds=10))
    assert [(one.event.sequence, one.attempt) for one in caller.calls] == [(1, 1), (2, 1), (3, 1), (2, 2)]


def test_an_address_registered_twice_gets_an_event_once_and_each_gets_what_it_wants(
    house: CallbackHouse,
) -> None:
    registered(house, URL, ProcessEventKind.SIGNED)
    registered(house, URL)
    registered(house, "https://crm.example/", ProcessEventKind.SEALED)
    note(house, CONTRACT)
    note(house, CONTRACT, kind=ProcessEventKind.SEALED)
    tell_events(house.office)
    caller = ScriptedCaller()
    assert deliver_callbacks(house.office, caller) == 3
    got = sorted((one.url, one.event.kind.value) for one in caller.calls)
    assert got == [("https://crm.example/", "sealed"), (URL, "sealed"), (URL, "signed")]


def test_an_endpoint_gets_what_is_told_after_its_registration(house: CallbackHouse) -> None:
    note(house, CONTRACT)
    tell_events(house.office)
    registered(house)
    note(house, CONTRACT)
    tell_events(house.office)
    assert [one.event.sequence for one in deliveries(house)] == [2]


def test_telling_goes_on_until_nothing_waits(house: CallbackHouse) -> None:
    note(house, *(f"C-{at % 3}" for at in range(7)))
    assert tell_events(house.office, most=2) == 7
    assert tell_events(house.office) == 0
    with house.office.work() as work:
        assert [one.sequence for one in work.callbacks.events_of("C-0")] == [1, 2, 3]


def test_the_same_failure_is_told_once(house: CallbackHouse) -> None:
    with house.office.work() as work:
        for once in ("a", "a", "b"):
            note_process_event(
                work, CONTRACT, ProcessEventKind.FAILED, at=house.clock.now(), change={}, once=once
            )
        note_process_event(work, "C-2", ProcessEventKind.FAILED, at=house.clock.now(), change={}, once="a")
        work.commit()
    assert tell_events(house.office) == 3


def dead_letter(house: CallbackHouse) -> CallbackEndpoint:
    """An endpoint that missed one event for good."""
    endpoint = registered(house)
    note(house, CONTRACT)
    tell_events(house.office)
    run_for(house, ScriptedCaller(lambda _: REFUSED), timedelta(hours=25))
    assert [one.delivery.state for one in deliveries(house)] == [DeliveryState.DEAD]
    return endpoint


def test_dead_letters_are_sent_again_under_the_same_id_in_a_new_round(house: CallbackHouse) -> None:
    endpoint = dead_letter(house)
    (before,) = deliveries(house)
    assert replay_dead(house.office, endpoint.id, by="clerk") == 1
    assert replay_dead(house.office, endpoint.id, by="clerk") == 0
    assert alarms(house) == []
    caller = ScriptedCaller(lambda one: REFUSED if len(caller.calls) < 3 else TAKEN)
    run_for(house, caller, timedelta(seconds=20))
    assert [one.attempt - before.delivery.attempts for one in caller.calls] == [1, 2, 3]
    assert all(one.event == before.event for one in caller.calls)
    (after,) = deliveries(house)
    assert (after.delivery.id, after.delivery.state) == (before.delivery.id, DeliveryState.DELIVERED)
    with house.office.work() as work:
        numbers = [one.number for one in work.callbacks.attempts_of(after.delivery.id)]
    assert numbers == list(range(1, after.delivery.attempts + 1))


def test_an_endpoint_that_stays_dead_raises_its_alarm_anew(house: CallbackHouse) -> None:
    endpoint = dead_letter(house)
    replay_dead(house.office, endpoint.id, by="clerk")
    run_for(house, ScriptedCaller(lambda _: REFUSED), timedelta(hours=25))
    assert alarms(house) == [(CALLBACK_DEAD, endpoint.id)]


def test_one_event_is_sent_again_and_asking_twice_sends_it_once(house: CallbackHouse) -> None:
    endpoint, caller = registered(house), ScriptedCaller()
    note(house, CONTRACT)
    tell_events(house.office)
    deliver_callbacks(house.office, caller)
    event_id = caller.calls[0].event.event_id
    again = replay_event(house.office, endpoint.id, event_id)
    assert replay_event(house.office, endpoint.id, event_id) == again
    assert deliver_callbacks(house.office, caller) == 1
    assert caller.calls[1].event == caller.calls[0].event
    assert caller.calls[1].attempt == 2


def test_what_waits_for_a_later_attempt_is_hastened_by_a_replay(house: CallbackHouse) -> None:
    endpoint, caller = registered(house), ScriptedCaller(lambda one: REFUSED if one.attempt < 5 else TAKEN)
    note(house, CONTRACT)
    tell_events(house.office)
    run_for(house, caller, timedelta(seconds=60))
    assert deliver_callbacks(house.office, caller) == 0
    replay_event(house.office, endpoint.id, caller.calls[0].event.event_id)
    assert deliver_callbacks(house.office, caller) == 1


def test_an_endpoint_that_came_later_gets_a_range_of_what_it_wants(house: CallbackHouse) -> None:
    for kind in (ProcessEventKind.SIGNED, ProcessEventKind.SEALED, ProcessEventKind.ANCHORED):
        note(house, CONTRACT, "C-2", kind=kind)
    tell_events(house.office)
    endpoint = registered(house, URL, ProcessEventKind.SIGNED, ProcessEventKind.SEALED)
    assert replay_range(house.office, endpoint.id, subject=CONTRACT, first=1, last=3) == 2
    assert replay_range(house.office, endpoint.id, subject=CONTRACT, first=1, last=2) == 2
    caller = ScriptedCaller()
    deliver_callbacks(house.office, caller)
    assert [(one.event.subject, one.event.sequence) for one in caller.calls] == [(CONTRACT, 1), (CONTRACT, 2)]
    with pytest.raises(UnknownProcessEventError):
        replay_range(house.office, endpoint.id, subject=CONTRACT, first=4, last=9)


def test_nothing_is_replayed_that_is_not_told_or_to_nobody(house: CallbackHouse) -> None:
    endpoint = registered(house)
    note(house, CONTRACT)
    (untold,) = house.tables.callbacks.events.values()
    for event_id in (untold.event_id, "none"):
        with pytest.raises(UnknownProcessEventError):
            replay_event(house.office, endpoint.id, event_id)
    with pytest.raises(UnknownEndpointError):
        replay_dead(house.office, "none", by="clerk")


def test_a_closed_endpoint_gets_nothing_more_and_closing_twice_is_the_same(house: CallbackHouse) -> None:
    endpoint = dead_letter(house)
    note(house, CONTRACT)
    tell_events(house.office)
    closed = close_endpoint(house.office, endpoint.id, by="clerk")
    house.clock.advance(timedelta(hours=1))
    assert close_endpoint(house.office, endpoint.id, by="clerk") == closed
    assert alarms(house) == []
    note(house, CONTRACT)
    tell_events(house.office)
    assert deliver_callbacks(house.office, ScriptedCaller()) == 0
    assert [one.delivery.state for one in deliveries(house)] == [DeliveryState.DEAD, DeliveryState.DEAD]
    for deed in (
        lambda: rotate_generation(house.office, endpoint.id),
        lambda: replay_dead(house.office, endpoint.id, by="clerk"),
        lambda: replay_range(house.office, endpoint.id, subject=CONTRACT, first=1, last=1),
    ):
        with pytest.raises(EndpointClosedError):
            deed()


def test_what_a_closed_endpoint_missed_goes_to_the_same_address_registered_anew(house: CallbackHouse) -> None:
    first = dead_letter(house)
    close_endpoint(house.office, first.id, by="clerk")
    again = registered(house)
    (dead,) = deliveries(house)
    replay_event(house.office, again.id, dead.event.event_id)
    caller = ScriptedCaller()
    deliver_callbacks(house.office, caller)
    (after,) = deliveries(house)
    assert (after.endpoint.id, after.delivery.id) == (again.id, dead.delivery.id)


def test_what_waits_for_a_closed_endpoint_goes_to_its_twin(house: CallbackHouse) -> None:
    first, twin = registered(house), registered(house)
    note(house, CONTRACT)
    tell_events(house.office)
    close_endpoint(house.office, first.id, by="clerk")
    assert deliver_callbacks(house.office, ScriptedCaller()) == 1
    assert [one.endpoint.id for one in deliveries(house)] == [twin.id]


def test_closing_during_a_call_keeps_what_was_taken_and_tries_no_more(house: CallbackHouse) -> None:
    for taken, state in ((True, DeliveryState.DELIVERED), (False, DeliveryState.DEAD)):
        own = CallbackHouse()
        endpoint = registered(own)
        note(own, CONTRACT)
        tell_events(own.office)

        def closing(_: Called, at: CallbackHouse = own, by: str = endpoint.id, told: bool = taken) -> Any:
            close_endpoint(at.office, by, by="clerk")
            return TAKEN if told else REFUSED

        deliver_callbacks(own.office, ScriptedCaller(closing))
        assert [one.delivery.state for one in deliveries(own)] == [state]
        assert alarms(own) == []


def test_rotating_gives_the_next_generation_and_leaves_the_rest(house: CallbackHouse) -> None:
    endpoint = registered(house, URL, ProcessEventKind.SIGNED)
    assert [rotate_generation(house.office, endpoint.id).generation for _ in range(2)] == [2, 3]
    with house.office.work() as work:
        standing = work.callbacks.load_endpoint(endpoint.id)
    assert (standing.url, standing.kinds, standing.generation) == (endpoint.url, endpoint.kinds, 3)


def test_a_slow_receiver_does_not_hold_up_another(house: CallbackHouse) -> None:
    slow, quick = "https://slow.example/", "https://quick.example/"
    registered(house, slow)
    registered(house, quick)
    note(house, *(f"C-{at}" for at in range(6)))
    tell_events(house.office)
    served, all_served = count(1), threading.Event()

    def answer(one: Called) -> CallbackOutcome:
        if one.url == slow:
            assert all_served.wait(timeout=20), "the quick one had to wait"
        elif next(served) == 6:
            all_served.set()
        return TAKEN

    assert deliver_callbacks(house.office, ScriptedCaller(answer), at_once=3, of_one=2) == 12


def test_a_run_ends_after_its_share_though_more_is_due(house: CallbackHouse) -> None:
    registered(house)
    note(house, *(f"C-{at}" for at in range(5)))
    tell_events(house.office)
    assert [deliver_callbacks(house.office, ScriptedCaller(), most=3) for _ in range(3)] == [3, 2, 0]


@pytest.mark.parametrize(("other", "state", "failed"), [(TAKEN, "delivered", 1), (REFUSED, "waiting", 2)])
def test_an_outcome_that_comes_after_the_attempt_was_lost_overturns_nothing(
    house: CallbackHouse, other: CallbackOutcome, state: str, failed: int
) -> None:
    registered(house)
    note(house, CONTRACT)
    tell_events(house.office)

    def late(one: Called) -> CallbackOutcome:
        if one.attempt == 1:  # this worker sleeps for two minutes; another one takes over meanwhile
            house.clock.advance(timedelta(minutes=2))
            deliver_callbacks(house.office, ScriptedCaller(lambda _: other))
        return REFUSED

    deliver_callbacks(house.office, ScriptedCaller(late))
    (done,) = deliveries(house)
    assert (done.delivery.state, done.delivery.attempts, done.delivery.failed) == (state, 2, failed)
    with house.office.work() as work:
        log = work.callbacks.attempts_of(done.delivery.id)
    assert [one.outcome for one in log] == [REFUSED.outcome, other.outcome]


def test_a_replay_during_a_call_sends_nothing_beside_it(house: CallbackHouse) -> None:
    endpoint, beside = registered(house), ScriptedCaller()
    note(house, CONTRACT)
    tell_events(house.office)

    def answer(one: Called) -> CallbackOutcome:
        replay_event(house.office, endpoint.id, one.event.event_id)
        deliver_callbacks(house.office, beside)
        return TAKEN

    assert deliver_callbacks(house.office, ScriptedCaller(answer)) == 1
    assert beside.calls == []
