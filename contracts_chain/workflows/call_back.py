"""Delivers events to the systems that asked for them, and lets a person send one again.

The attempt stands in the log, committed, before the call; a worker that dies in between leaves a
line without an outcome, and the same event goes out again under the same id. At least once, then:
receivers keep the ids they have seen. One address never has more than its share of the pool, so that
a slow one does not hold up the others. Must never change what an event says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.callback_desk import CallbackDesk
from contracts_chain.workflows.callback_errors import EndpointClosedError, UnknownProcessEventError
from contracts_chain.workflows.callback_files import (
    AddressedEvent,
    CallbackAttempt,
    CallbackDelivery,
    CallbackEndpoint,
    DeliveryState,
    ProcessEvent,
)
from contracts_chain.workflows.callback_ports import CallbackCaller, CallbackOutcome
from contracts_chain.workflows.callback_schedule import next_try
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.transactions import raise_alarm
from kernel.ids import new_id

__all__ = [
    "CALLBACK_DEAD",
    "close_endpoint",
    "deliver_callbacks",
    "register_endpoint",
    "replay_dead",
    "replay_event",
    "replay_range",
    "rotate_generation",
]

CALLBACK_DEAD: Final = "callback_dead"
"""Code of the alarm: an endpoint took nothing for a day."""
_LOST_AFTER: Final = timedelta(seconds=60)
"""An attempt lasts ten seconds at most; one without an outcome after a minute has died with its worker."""
_AT_ONCE: Final = 16
_OF_ONE: Final = 4
_MOST: Final = 500
_LOOK_AGAIN_SECONDS: Final = 0.5
_PAGE: Final = 500


def register_endpoint(
    desk: CallbackDesk, *, url: str, kinds: Sequence[ProcessEventKind], by: str
) -> CallbackEndpoint:
    """Keep an address; events that are told from now on go there.

    An address may be registered twice, with other kinds or a key of its own; an event still goes
    there once, signed for the oldest open endpoint that wants it.

    Args:
        desk: Where endpoints are kept.
        url: Verified, and in the one form in which addresses are kept.
        kinds: Kinds wanted; none for all.
        by: Account of who registers.
    """
    endpoint = CallbackEndpoint(
        id=new_id(),
        url=url,
        kinds=tuple(dict.fromkeys(kinds)),
        generation=1,
        created_by=by,
        created_utc=desk.clock.now(),
    )
    with desk.work() as work:
        work.callbacks.add_endpoint(endpoint)
        work.commit()
    return endpoint


def close_endpoint(desk: CallbackDesk, endpoint_id: str, *, by: str) -> CallbackEndpoint:
    """Send nothing there any more; closing twice changes nothing.

    What waits goes to another open endpoint of the same address, and is dead where there is none.
    An alarm over the endpoint is cleared.

    Raises:
        UnknownEndpointError: There is none.
    """
    now = desk.clock.now()
    with desk.work() as work:
        endpoint = work.callbacks.load_endpoint(endpoint_id, lock=True)
        if endpoint.closed_utc is not None:
            return endpoint
        closed = replace(endpoint, closed_utc=now)
        work.callbacks.save_endpoint(closed)
        work.callbacks.leave(closed, _heir(work, closed))
        work.alarms.clear(CALLBACK_DEAD, endpoint_id, by=by, at=now)
        work.commit()
    return closed


def rotate_generation(desk: CallbackDesk, endpoint_id: str) -> CallbackEndpoint:
    """Sign with the next key from now on; the old one signs no more.

    Raises:
        UnknownEndpointError: There is none.
        EndpointClosedError: It is closed.
    """
    with desk.work() as work:
        endpoint = _open(work, endpoint_id)
        following = replace(endpoint, generation=endpoint.generation + 1)
        work.callbacks.save_endpoint(following)
        work.commit()
    return following


def replay_event(desk: CallbackDesk, endpoint_id: str, event_id: str) -> CallbackDelivery:
    """Send one event again, or for the first time, whatever the endpoint wants; same id, same body.

    What waits for its first attempt stays as it is: asking twice sends once.

    Raises:
        UnknownEndpointError: There is no such endpoint.
        EndpointClosedError: It is closed.
        UnknownProcessEventError: No such event was told yet.
    """
    with desk.work() as work:
        endpoint, event = _open(work, endpoint_id), work.callbacks.find_event(event_id)
        if event is None or event.sequence is None:
            raise UnknownProcessEventError(event_id)
        again = _again(work, endpoint, event, desk.clock.now())
        work.commit()
    return again


def replay_range(desk: CallbackDesk, endpoint_id: str, *, subject: str, first: int, last: int) -> int:
    """Send the wanted events of a subject again, from sequence ``first`` to ``last``; return how many.

    Raises:
        UnknownEndpointError: There is no such endpoint.
        EndpointClosedError: It is closed.
        UnknownProcessEventError: Nothing of this subject was told in the range.
    """
    now = desk.clock.now()
    with desk.work() as work:
        endpoint, told = _open(work, endpoint_id), work.callbacks.events_of(subject, first, last)
        if not told:
            raise UnknownProcessEventError(f"{subject} {first}–{last}")
        wanted = [event for event in told if endpoint.wants(event.kind)]
        for event in wanted:
            _again(work, endpoint, event, now)
        work.commit()
    return len(wanted)


def replay_dead(desk: CallbackDesk, endpoint_id: str, *, by: str) -> int:
    """Send everything again that an endpoint did not take in time; clears its alarm; return how many.

    Raises:
        UnknownEndpointError: There is no such endpoint.
        EndpointClosedError: It is closed.
    """
    now, count = desk.clock.now(), 0
    with desk.work() as work:
        endpoint = _open(work, endpoint_id)
        while dead := work.callbacks.deliveries(
            endpoint_id=endpoint_id, state=DeliveryState.DEAD, most=_PAGE
        ):
            for one in dead:
                _again(work, endpoint, one.event, now)
            count += len(dead)
        work.alarms.clear(CALLBACK_DEAD, endpoint_id, by=by, at=now)
        work.commit()
    return count


def deliver_callbacks(
    office: Office,
    caller: CallbackCaller,
    *,
    at_once: int = _AT_ONCE,
    of_one: int = _OF_ONE,
    most: int = _MOST,
    go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Call until nothing is due; return how many attempts were made.

    Args:
        office: Where deliveries are kept, and whose clock is asked.
        caller: Who does the network.
        at_once: Calls under way at a time in this process.
        of_one: Calls under way at a time to one address, over all processes.
        most: Attempts of this run, so that it ends while others keep coming.
        go_on: False once the worker is to stop; what is under way is still awaited.
    """
    under_way: dict[Future[CallbackOutcome], tuple[AddressedEvent, datetime]] = {}
    made = 0
    with ThreadPoolExecutor(at_once) as pool:
        while True:
            free = min(at_once - len(under_way), most - made) if go_on() else 0
            begun = office.clock.now()
            for one in _begun(office, free, of_one, begun):
                call = pool.submit(
                    caller.call, one.endpoint, one.event, attempt=one.delivery.attempts, at=begun
                )
                under_way[call] = (one, begun)
                made += 1
            if not under_way:
                return made
            for call in wait(under_way, _LOOK_AGAIN_SECONDS, FIRST_COMPLETED).done:
                one, began = under_way.pop(call)
                _record(office, one, began, call.result())


def _begun(office: Office, most: int, of_one: int, now: datetime) -> tuple[AddressedEvent, ...]:
    """What is to be called now; that it was begun is committed first."""
    if most <= 0:
        return ()
    with office.work() as work:
        claimed = work.callbacks.claim(now, until=now + _LOST_AFTER, most=most, each=of_one)
        if claimed:
            work.commit()
    return claimed


def _record(office: Office, one: AddressedEvent, began: datetime, outcome: CallbackOutcome) -> None:
    now, number = office.clock.now(), one.delivery.attempts
    with office.work() as work:
        work.callbacks.finish(
            CallbackAttempt(
                delivery_id=one.delivery.id,
                number=number,
                started_utc=began,
                finished_utc=now,
                outcome=outcome.outcome,
                milliseconds=outcome.milliseconds,
                taken=outcome.taken,
            )
        )
        standing = work.callbacks.load_delivery(one.delivery.id, lock=True)
        after = _after(standing, number, taken=outcome.taken, now=now)
        if after != standing:
            work.callbacks.save_delivery(after)
        if after.state is DeliveryState.DEAD and standing.state is DeliveryState.WAITING:
            _raise_alarm(office, work, one.endpoint)
        work.commit()


def _after(standing: CallbackDelivery, number: int, *, taken: bool, now: datetime) -> CallbackDelivery:
    """The delivery after an attempt; one that was overtaken by another only counts if it was taken."""
    if taken:
        return replace(standing, state=DeliveryState.DELIVERED)
    if standing.state is not DeliveryState.WAITING or standing.attempts != number:
        return standing
    failed = standing.failed + 1
    due = next_try(standing.first_tried_utc or now, failed, now)
    if due is None:
        return replace(standing, state=DeliveryState.DEAD, failed=failed)
    return replace(standing, due_utc=due, failed=failed)


def _raise_alarm(office: Office, work: UnitOfWork, endpoint: CallbackEndpoint) -> None:
    raise_alarm(
        office,
        work,
        CALLBACK_DEAD,
        endpoint.id,
        en=f"{endpoint.url} took no event for 24 hours, what it missed is no longer sent; "
        "have its owner mend it, then send the dead letters again",
        zh=f"回调地址 {endpoint.url} 连续24小时未接收事件，已停止重试；请联系对方恢复后重新发送",
    )


def _open(work: UnitOfWork, endpoint_id: str) -> CallbackEndpoint:
    endpoint = work.callbacks.load_endpoint(endpoint_id, lock=True)
    if endpoint.closed_utc is not None:
        raise EndpointClosedError(endpoint_id)
    return endpoint


def _heir(work: UnitOfWork, closed: CallbackEndpoint) -> CallbackEndpoint | None:
    others = (one for one in work.callbacks.endpoints() if one.url == closed.url and one.closed_utc is None)
    return next((one for one in others if one.id != closed.id), None)


def _again(
    work: UnitOfWork, endpoint: CallbackEndpoint, event: ProcessEvent, now: datetime
) -> CallbackDelivery:
    """Due now under this endpoint, in a new round, unless it waits for its first attempt or is under way."""
    standing = work.callbacks.address(endpoint, event, now)
    log = work.callbacks.attempts_of(standing.id)
    is_begun = bool(log) and log[-1].finished_utc is None and standing.due_utc > now
    if standing.state is DeliveryState.WAITING and (standing.first_tried_utc is None or is_begun):
        return standing
    again = replace(
        standing,
        endpoint_id=endpoint.id,
        state=DeliveryState.WAITING,
        due_utc=now,
        failed=0,
        first_tried_utc=None,
    )
    work.callbacks.save_delivery(again)
    return again
