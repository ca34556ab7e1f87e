"""Events for other systems in memory; passes ``callback_behaviour`` as ``contracts_chain.storage`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts_chain.workflows.callback_errors import UnknownEndpointError
from contracts_chain.workflows.callback_files import (
    AddressedEvent,
    CallbackAttempt,
    CallbackDelivery,
    CallbackEndpoint,
    DeliveryState,
    ProcessEvent,
)


@dataclass
class CallbackTables:
    events: dict[str, ProcessEvent] = field(default_factory=dict)
    endpoints: dict[str, CallbackEndpoint] = field(default_factory=dict)
    deliveries: dict[int, CallbackDelivery] = field(default_factory=dict)
    addresses: dict[tuple[str, str], int] = field(default_factory=dict)
    attempts: dict[tuple[int, int], CallbackAttempt] = field(default_factory=dict)


@dataclass
class FakeCallbacks:
    tables: CallbackTables

    def note(self, events: Sequence[ProcessEvent]) -> None:
        for event in events:
            self.tables.events.setdefault(event.event_id, event)

    def hold_telling(self) -> bool:
        return True

    def tell(self, most: int) -> tuple[ProcessEvent, ...]:
        untold = [one for one in self.tables.events.values() if one.sequence is None][:most]
        return tuple(self._told(one) for one in untold)

    def find_event(self, event_id: str) -> ProcessEvent | None:
        return self.tables.events.get(event_id)

    def events_of(self, subject: str, first: int = 1, last: int | None = None) -> tuple[ProcessEvent, ...]:
        told = [(one.sequence, one) for one in self.tables.events.values() if one.subject == subject]
        found = [(at, one) for at, one in told if at is not None and at >= first]
        return tuple(one for at, one in sorted(found, key=lambda pair: pair[0]) if last is None or at <= last)

    def add_endpoint(self, endpoint: CallbackEndpoint) -> None:
        self.tables.endpoints[endpoint.id] = endpoint

    def load_endpoint(self, endpoint_id: str, *, lock: bool = False) -> CallbackEndpoint:
        if endpoint_id not in self.tables.endpoints:
            raise UnknownEndpointError(endpoint_id)
        return self.tables.endpoints[endpoint_id]

    def save_endpoint(self, endpoint: CallbackEndpoint) -> None:
        standing = self.tables.endpoints[endpoint.id]
        moved = replace(standing, generation=endpoint.generation, closed_utc=endpoint.closed_utc)
        self.tables.endpoints[endpoint.id] = moved

    def endpoints(self, *, keep: bool = False) -> tuple[CallbackEndpoint, ...]:
        return tuple(sorted(self.tables.endpoints.values(), key=lambda one: (one.created_utc, one.id)))

    def address(self, endpoint: CallbackEndpoint, event: ProcessEvent, due: datetime) -> CallbackDelivery:
        key = (endpoint.url, event.event_id)
        if key not in self.tables.addresses:
            number = len(self.tables.deliveries) + 1
            self.tables.addresses[key] = number
            self.tables.deliveries[number] = CallbackDelivery(
                id=number,
                endpoint_id=endpoint.id,
                event_id=event.event_id,
                state=DeliveryState.WAITING,
                due_utc=due,
            )
        return self.tables.deliveries[self.tables.addresses[key]]

    def address_all(self, endpoint: CallbackEndpoint, events: Sequence[ProcessEvent], due: datetime) -> None:
        for event in events:
            self.address(endpoint, event, due)

    def leave(self, closed: CallbackEndpoint, heir: CallbackEndpoint | None) -> None:
        for one in list(self.tables.deliveries.values()):
            if one.endpoint_id == closed.id and one.state is DeliveryState.WAITING:
                then = (
                    replace(one, state=DeliveryState.DEAD)
                    if heir is None
                    else replace(one, endpoint_id=heir.id)
                )
                self.tables.deliveries[one.id] = then

    def claim(self, now: datetime, *, until: datetime, most: int, each: int) -> tuple[AddressedEvent, ...]:
        calls: dict[str, int] = {}
        waiting = [one for one in self._addressed() if one.delivery.state is DeliveryState.WAITING]
        for one in waiting:
            if one.delivery.due_utc > now and self._is_open(one.delivery):
                calls[one.endpoint.url] = calls.get(one.endpoint.url, 0) + 1
        taken: list[AddressedEvent] = []
        for one in sorted(waiting, key=lambda one: (one.delivery.due_utc, one.delivery.id)):
            free = calls.get(one.endpoint.url, 0) < each and len(taken) < most
            is_due = one.delivery.due_utc <= now and one.endpoint.closed_utc is None
            if free and is_due and not any(_is_before(other, one) for other in waiting):
                calls[one.endpoint.url] = calls.get(one.endpoint.url, 0) + 1
                taken.append(self._begun(one, now, until))
        return tuple(taken)

    def finish(self, attempt: CallbackAttempt) -> None:
        key = (attempt.delivery_id, attempt.number)
        if self.tables.attempts[key].finished_utc is None:
            started = self.tables.attempts[key].started_utc
            self.tables.attempts[key] = replace(attempt, started_utc=started)

    def load_delivery(self, delivery_id: int, *, lock: bool = False) -> CallbackDelivery:
        return self.tables.deliveries[delivery_id]

    def save_delivery(self, delivery: CallbackDelivery) -> None:
        self.tables.deliveries[delivery.id] = delivery

    def deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        state: DeliveryState | None = None,
        subject: str | None = None,
        before: int | None = None,
        most: int = 100,
    ) -> tuple[AddressedEvent, ...]:
        found = [
            one
            for one in reversed(self._addressed())
            if endpoint_id in (None, one.delivery.endpoint_id)
            and state in (None, one.delivery.state)
            and subject in (None, one.event.subject)
            and (before is None or one.delivery.id < before)
        ]
        return tuple(found[:most])

    def attempts_of(self, delivery_id: int) -> tuple[CallbackAttempt, ...]:
        found = [one for one in self.tables.attempts.values() if one.delivery_id == delivery_id]
        return tuple(sorted(found, key=lambda one: one.number))

    def _told(self, event: ProcessEvent) -> ProcessEvent:
        told = replace(event, sequence=len(self.events_of(event.subject)) + 1)
        self.tables.events[event.event_id] = told
        return told

    def _addressed(self) -> list[AddressedEvent]:
        return [
            AddressedEvent(
                delivery=one,
                event=self.tables.events[one.event_id],
                endpoint=self.tables.endpoints[one.endpoint_id],
            )
            for one in self.tables.deliveries.values()
        ]

    def _is_open(self, delivery: CallbackDelivery) -> bool:
        last = self.tables.attempts.get((delivery.id, delivery.attempts))
        return last is not None and last.finished_utc is None

    def _begun(self, one: AddressedEvent, now: datetime, until: datetime) -> AddressedEvent:
        standing = one.delivery
        lost = standing.first_tried_utc is not None and self._is_open(standing)
        begun = replace(
            standing,
            attempts=standing.attempts + 1,
            due_utc=until,
            failed=standing.failed + lost,
            first_tried_utc=standing.first_tried_utc or now,
        )
        self.tables.deliveries[begun.id] = begun
        attempt = CallbackAttempt(delivery_id=begun.id, number=begun.attempts, started_utc=now)
        self.tables.attempts[begun.id, begun.attempts] = attempt
        return replace(one, delivery=begun)


def _is_before(other: AddressedEvent, one: AddressedEvent) -> bool:
    same = (other.endpoint.url, other.event.subject) == (one.endpoint.url, one.event.subject)
    return same and (other.event.sequence or 0) < (one.event.sequence or 0) and other.delivery.failed == 0
