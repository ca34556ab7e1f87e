"""What every store of events for other systems must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on a store without such events.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.callback_errors import UnknownEndpointError
from contracts_chain.workflows.callback_files import (
    CallbackAttempt,
    CallbackDelivery,
    CallbackEndpoint,
    DeliveryState,
    ProcessEvent,
)
from kernel.canonical_json import JsonValue

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def an_event(at: int, subject: str = "C-1", kind: ProcessEventKind = ProcessEventKind.SIGNED) -> ProcessEvent:
    change: dict[str, JsonValue] = {
        "field": f"f{at}",
        "state": {"before": "offered", "after": "partly_signed"},
    }
    return ProcessEvent(
        event_id=str(UUID(int=at)), subject=subject, kind=kind, occurred_utc=NOON, change=change
    )


def an_endpoint(name: str, url: str = "", *kinds: ProcessEventKind) -> CallbackEndpoint:
    return CallbackEndpoint(
        id=name,
        url=url or f"https://{name}.example/events",
        kinds=kinds,
        generation=1,
        created_by="clerk",
        created_utc=NOON,
    )


def told(work: Any, *events: ProcessEvent) -> tuple[ProcessEvent, ...]:
    work.callbacks.note(events)
    numbered = work.callbacks.tell(len(events))
    assert [one.event_id for one in numbered] == [event.event_id for event in events]
    return tuple(numbered)


def addressed(
    work: Any, endpoint: CallbackEndpoint, *events: ProcessEvent, due: datetime = NOON
) -> tuple[CallbackDelivery, ...]:
    return tuple(work.callbacks.address(endpoint, event, due) for event in told(work, *events))


def claimed(work: Any, now: datetime = NOON, *, most: int = 100, each: int = 100) -> list[str]:
    taken = work.callbacks.claim(now, until=now + LEASE, most=most, each=each)
    return [one.event.event_id for one in taken]


def ids(*numbers: int) -> list[str]:
    return [str(UUID(int=number)) for number in numbers]


class CallbackBehaviour:
    def test_events_come_in_the_order_of_their_storing_and_keep_what_they_say(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.note([an_event(1), an_event(2)])
            work.callbacks.note([an_event(3, subject="C-2")])
            work.commit()
        with open_work() as work:
            assert work.callbacks.hold_telling()
            assert work.callbacks.find_event(ids(2)[0]) == an_event(2)
            first = (replace(an_event(1), sequence=1), replace(an_event(2), sequence=2))
            assert work.callbacks.tell(2) == first
            assert [one.event_id for one in work.callbacks.tell(9)] == ids(3)
            assert work.callbacks.find_event("none") is None

    def test_an_event_whose_id_stands_is_passed_over(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.note([an_event(1)])
            work.callbacks.note([replace(an_event(1), subject="other"), an_event(2)])
            work.callbacks.note([])
            told_now = work.callbacks.tell(9)
            assert [(one.event_id, one.subject) for one in told_now] == [
                (ids(1)[0], "C-1"),
                (ids(2)[0], "C-1"),
            ]

    def test_each_subject_is_numbered_from_one_without_gaps(self, open_work: Any) -> None:
        with open_work() as work:
            events = told(work, an_event(1), an_event(2, subject="C-2"), an_event(3))
            events += told(work, an_event(4))
            assert [(one.subject, one.sequence) for one in events] == [
                ("C-1", 1), ("C-2", 1), ("C-1", 2), ("C-1", 3),
            ]  # fmt: skip
            assert work.callbacks.tell(9) == ()
            assert work.callbacks.events_of("C-1") == (events[0], events[2], events[3])
            assert work.callbacks.events_of("C-1", 2, 2) == (events[2],)
            assert work.callbacks.events_of("C-1", 2) == (events[2], events[3])
            assert work.callbacks.events_of("C-3") == ()

    def test_an_endpoint_changes_its_generation_and_its_closing_only(self, open_work: Any) -> None:
        first = an_endpoint("a", "", ProcessEventKind.SIGNED, ProcessEventKind.SEALED)
        second = replace(an_endpoint("b"), created_utc=NOON - timedelta(days=1))
        closed = replace(first, generation=2, closed_utc=NOON)
        with open_work() as work:
            work.callbacks.add_endpoint(first)
            work.callbacks.add_endpoint(second)
            assert work.callbacks.endpoints() == (second, first)
            work.callbacks.save_endpoint(replace(closed, url="https://elsewhere.example/"))
            work.commit()
        with open_work() as work:
            assert work.callbacks.load_endpoint("a", lock=True) == closed
            assert work.callbacks.endpoints(keep=True) == (second, closed)
            with pytest.raises(UnknownEndpointError):
                work.callbacks.load_endpoint("c")

    def test_one_address_gets_one_delivery_of_an_event_however_often_registered(self, open_work: Any) -> None:
        first, twin = an_endpoint("a"), an_endpoint("b", "https://a.example/events")
        with open_work() as work:
            work.callbacks.add_endpoint(first)
            work.callbacks.add_endpoint(twin)
            (event,) = told(work, an_event(1))
            made = work.callbacks.address(first, event, NOON)
            work.callbacks.address_all(twin, [event], NOON + LEASE)
            assert work.callbacks.address(twin, event, NOON + LEASE) == made
            assert [one.delivery for one in work.callbacks.deliveries()] == [made]
            assert (made.endpoint_id, made.state, made.attempts) == ("a", DeliveryState.WAITING, 0)

    def test_what_is_due_is_taken_oldest_first_and_once(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.add_endpoint(an_endpoint("a"))
            events = [an_event(at, subject=f"C-{at}") for at in (1, 2, 3, 4)]
            addressed(work, an_endpoint("a"), *events[:2], due=NOON - timedelta(seconds=1))
            addressed(work, an_endpoint("a"), events[2], due=NOON - timedelta(hours=1))
            addressed(work, an_endpoint("a"), events[3], due=NOON + timedelta(seconds=1))
            assert claimed(work, most=2) == ids(3, 1)
            assert claimed(work) == ids(2)
            assert claimed(work) == []
            assert claimed(work, NOON + timedelta(seconds=1)) == ids(4)

    def test_taking_begins_an_attempt_that_is_finished_once(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.add_endpoint(an_endpoint("a"))
            (made,) = addressed(work, an_endpoint("a"), an_event(1))
            (one,) = work.callbacks.claim(NOON, until=NOON + LEASE, most=9, each=9)
            begun = replace(made, attempts=1, due_utc=NOON + LEASE, first_tried_utc=NOON)
            assert (one.delivery, one.endpoint, one.event.sequence) == (begun, an_endpoint("a"), 1)
            assert work.callbacks.load_delivery(made.id, lock=True) == begun
            started = CallbackAttempt(delivery_id=made.id, number=1, started_utc=NOON)
            assert work.callbacks.attempts_of(made.id) == (started,)
            over = replace(
                started, finished_utc=NOON + LEASE, outcome="HTTP 200", milliseconds=12, taken=True
            )
            work.callbacks.finish(replace(over, started_utc=NOON + LEASE))
            work.callbacks.finish(replace(over, outcome="HTTP 500", taken=False))
            assert work.callbacks.attempts_of(made.id) == (over,)

    def test_an_attempt_without_outcome_is_lost_in_time_and_counts_as_failed(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.add_endpoint(an_endpoint("a"))
            (made,) = addressed(work, an_endpoint("a"), an_event(1))
            assert claimed(work) == ids(1)
            assert claimed(work, NOON + LEASE) == ids(1)
            after = work.callbacks.load_delivery(made.id)
            assert (after.attempts, after.failed, after.first_tried_utc) == (2, 1, NOON)
            assert [one.number for one in work.callbacks.attempts_of(made.id)] == [1, 2]

    def test_an_attempt_lost_before_a_new_round_is_no_failure_of_that_round(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.add_endpoint(an_endpoint("a"))
            (made,) = addressed(work, an_endpoint("a"), an_event(1))
            assert claimed(work) == ids(1)
            later = NOON + LEASE
            work.callbacks.save_delivery(replace(made, attempts=1, due_utc=later, first_tried_utc=None))
            assert claimed(work, later) == ids(1)
            after = work.callbacks.load_delivery(made.id)
            assert (after.attempts, after.failed, after.first_tried_utc) == (2, 0, later)

    def test_an_address_has_its_share_at_most_and_others_are_not_held_up(self, open_work: Any) -> None:
        slow, twin, quick = an_endpoint("a"), an_endpoint("b", "https://a.example/events"), an_endpoint("c")
        with open_work() as work:
            for endpoint in (slow, twin, quick):
                work.callbacks.add_endpoint(endpoint)
            addressed(work, slow, *(an_event(at, subject=f"C-{at}") for at in (1, 2)))
            addressed(work, twin, *(an_event(at, subject=f"C-{at}") for at in (3, 4)))
            addressed(work, quick, an_event(5, subject="C-5"))
            assert claimed(work, each=3) == ids(1, 2, 3, 5)
            assert claimed(work, each=3) == []
            work.callbacks.finish(CallbackAttempt(delivery_id=1, number=1, started_utc=NOON))
            assert claimed(work, each=4) == ids(4)

    def test_a_finished_call_gives_its_place_free(self, open_work: Any) -> None:
        with open_work() as work:
            work.callbacks.add_endpoint(an_endpoint("a"))
            first, _ = addressed(work, an_endpoint("a"), an_event(1), an_event(2, subject="C-2"))
            assert claimed(work, each=1) == ids(1)
            over = CallbackAttempt(delivery_id=first.id, number=1, started_utc=NOON, finished_utc=NOON)
            work.callbacks.finish(over)
            assert claimed(work, each=1) == ids(2)

    def test_a_later_event_waits_for_the_first_attempt_of_an_earlier_one(self, open_work: Any) -> None:
        with open_work() as work:
            for name in ("a", "b"):
                work.callbacks.add_endpoint(an_endpoint(name))
            first, _, _ = addressed(work, an_endpoint("a"), an_event(1), an_event(2), an_event(3, "C-2"))
            event = work.callbacks.find_event(ids(2)[0])
            work.callbacks.address(an_endpoint("b"), event, NOON)
            assert claimed(work) == ids(1, 3, 2)  # the second goes to b, where nothing is before it
            failed = replace(work.callbacks.load_delivery(first.id), failed=1, due_utc=NOON + LEASE * 9)
            work.callbacks.save_delivery(failed)
            assert claimed(work) == ids(2)

    def test_nothing_goes_to_a_closed_endpoint_and_its_heir_takes_over(self, open_work: Any) -> None:
        first, twin, other = an_endpoint("a"), an_endpoint("b", "https://a.example/events"), an_endpoint("c")
        with open_work() as work:
            for endpoint in (first, twin, other):
                work.callbacks.add_endpoint(endpoint)
            kept, done = addressed(work, first, an_event(1), an_event(2, subject="C-2"))
            work.callbacks.save_delivery(replace(done, state=DeliveryState.DELIVERED))
            (lost,) = addressed(work, other, an_event(3, subject="C-3"))
            for endpoint in (first, other):
                work.callbacks.save_endpoint(replace(endpoint, closed_utc=NOON))
            assert claimed(work) == []
            work.callbacks.leave(first, twin)
            work.callbacks.leave(other, None)
            assert work.callbacks.load_delivery(lost.id).state is DeliveryState.DEAD
            assert work.callbacks.load_delivery(done.id).endpoint_id == "a"
            (one,) = work.callbacks.claim(NOON, until=NOON + LEASE, most=9, each=9)
            assert (one.delivery.id, one.endpoint) == (kept.id, twin)

    def test_deliveries_are_listed_newest_first_by_what_is_asked(self, open_work: Any) -> None:
        with open_work() as work:
            for name in ("a", "b"):
                work.callbacks.add_endpoint(an_endpoint(name))
            first, second = addressed(work, an_endpoint("a"), an_event(1), an_event(2, subject="C-2"))
            (third,) = addressed(work, an_endpoint("b"), an_event(3))
            dead = replace(second, state=DeliveryState.DEAD, failed=21)
            work.callbacks.save_delivery(dead)

            def listed(**asked: Any) -> list[CallbackDelivery]:
                return [one.delivery for one in work.callbacks.deliveries(**asked)]

            assert listed() == [third, dead, first]
            assert listed(endpoint_id="a") == [dead, first]
            assert listed(state=DeliveryState.DEAD) == [dead]
            assert listed(subject="C-1") == [third, first]
            assert listed(before=third.id, most=1) == [dead]
            assert listed(endpoint_id="c") == []
            (one,) = work.callbacks.deliveries(subject="C-2")
            assert (one.endpoint, one.event.event_id) == (an_endpoint("a"), ids(2)[0])
