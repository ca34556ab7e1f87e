"""Events for other systems, their endpoints, deliveries and the log of attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.storage import tables_callbacks
from contracts_chain.workflows.callback_errors import UnknownEndpointError
from contracts_chain.workflows.callback_files import (
    AddressedEvent,
    CallbackAttempt,
    CallbackDelivery,
    CallbackEndpoint,
    DeliveryState,
    ProcessEvent,
)
from kernel.canonical_json import canonical_bytes

__all__ = ["SqlCallbacks"]

_TELLING = 0x74656C6C  # any fixed number: one teller at a time
_CLAIMING = 0x63616C6C  # the same for those who take deliveries: what is under way is counted
_KINDS = {kind.value: kind for kind in ProcessEventKind}
_EVENTS = tables_callbacks.process_events
_ENDPOINTS = tables_callbacks.callback_endpoints
_DELIVERIES = tables_callbacks.callback_deliveries
_ATTEMPTS = tables_callbacks.callback_attempts
_TELL = text("""
    WITH untold AS (
        SELECT id, subject, row_number() OVER (PARTITION BY subject ORDER BY id) AS place
        FROM (SELECT id, subject FROM process_events WHERE sequence IS NULL ORDER BY id LIMIT :most) oldest
    )
    UPDATE process_events event
    SET sequence = untold.place + coalesce((
        SELECT max(told.sequence) FROM process_events told WHERE told.subject = untold.subject
    ), 0)
    FROM untold WHERE event.id = untold.id
    RETURNING event.*
""")
_DUE = text("""
    SELECT due.id
    FROM (SELECT DISTINCT url FROM callback_endpoints WHERE closed_utc IS NULL) address
    LEFT JOIN (
        SELECT calling.url, count(*) AS calls
        FROM callback_attempts attempt
        JOIN callback_deliveries calling
            ON calling.id = attempt.delivery_id AND calling.attempts = attempt.number
        WHERE attempt.finished_utc IS NULL AND calling.state = 'waiting' AND calling.due_utc > :now
        GROUP BY calling.url
    ) under_way ON under_way.url = address.url
    CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.due_utc
        FROM callback_deliveries delivery
        JOIN callback_endpoints endpoint
            ON endpoint.id = delivery.endpoint_id AND endpoint.closed_utc IS NULL
        WHERE delivery.url = address.url AND delivery.state = 'waiting' AND delivery.due_utc <= :now
            AND delivery.sequence <= coalesce((
                SELECT min(untried.sequence) FROM callback_deliveries untried
                WHERE untried.url = delivery.url AND untried.subject = delivery.subject
                    AND untried.state = 'waiting' AND untried.failed = 0
            ), delivery.sequence)
        ORDER BY delivery.due_utc, delivery.id
        LIMIT greatest(:each - coalesce(under_way.calls, 0), 0)
    ) due
    ORDER BY due.due_utc, due.id
    LIMIT :most
""")
_BEGIN = text("""
    UPDATE callback_deliveries delivery
    SET attempts = attempts + 1, due_utc = :until, first_tried_utc = coalesce(first_tried_utc, :now),
        failed = failed + CASE WHEN first_tried_utc IS NOT NULL AND EXISTS (
            SELECT FROM callback_attempts lost
            WHERE lost.delivery_id = delivery.id AND lost.number = delivery.attempts
                AND lost.finished_utc IS NULL
        ) THEN 1 ELSE 0 END
    WHERE id = :id AND state = 'waiting'
    RETURNING attempts
""")


class SqlCallbacks:
    """Implements ``CallbackRepository``; advisory locks make one teller and one taker at a time."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def note(self, events: Sequence[ProcessEvent]) -> None:
        """Insert those whose id does not stand."""
        rows = [
            asdict(event) | {"kind": event.kind.value, "change": canonical_bytes(event.change)}
            for event in events
        ]
        if rows:
            self._connection.execute(upsert(_EVENTS).on_conflict_do_nothing(), rows)

    def hold_telling(self) -> bool:
        """Try the advisory lock."""
        held = self._connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _TELLING})
        return bool(held.scalar_one())

    def tell(self, most: int) -> tuple[ProcessEvent, ...]:
        """One UPDATE: the greatest of the subject, and the place among those of the subject now."""
        rows = self._connection.execute(_TELL, {"most": most}).mappings().all()
        return tuple(_event(row) for row in sorted(rows, key=lambda row: int(row["id"])))

    def find_event(self, event_id: str) -> ProcessEvent | None:
        """By id."""
        return next(iter(self._events(select(_EVENTS).where(_EVENTS.c.event_id == event_id))), None)

    def events_of(self, subject: str, first: int = 1, last: int | None = None) -> tuple[ProcessEvent, ...]:
        """In sequence."""
        query = select(_EVENTS).where(_EVENTS.c.subject == subject, _EVENTS.c.sequence >= first)
        if last is not None:
            query = query.where(_EVENTS.c.sequence <= last)
        return self._events(query.order_by(_EVENTS.c.sequence))

    def add_endpoint(self, endpoint: CallbackEndpoint) -> None:
        """Insert."""
        row = asdict(endpoint) | {"kinds": [kind.value for kind in endpoint.kinds]}
        self._connection.execute(insert(_ENDPOINTS).values(**row))

    def load_endpoint(self, endpoint_id: str, *, lock: bool = False) -> CallbackEndpoint:
        """By id."""
        query = select(_ENDPOINTS).where(_ENDPOINTS.c.id == endpoint_id)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        if row is None:
            raise UnknownEndpointError(endpoint_id)
        return _endpoint(row)

    def save_endpoint(self, endpoint: CallbackEndpoint) -> None:
        """Generation and closing only."""
        moved = {"generation": endpoint.generation, "closed_utc": endpoint.closed_utc}
        self._connection.execute(update(_ENDPOINTS).where(_ENDPOINTS.c.id == endpoint.id).values(**moved))

    def endpoints(self, *, keep: bool = False) -> tuple[CallbackEndpoint, ...]:
        """By time and id; ``keep`` shares their locks."""
        query = select(_ENDPOINTS).order_by(_ENDPOINTS.c.created_utc, _ENDPOINTS.c.id)
        rows = self._connection.execute(query.with_for_update(read=True) if keep else query).mappings()
        return tuple(_endpoint(row) for row in rows)

    def address(self, endpoint: CallbackEndpoint, event: ProcessEvent, due: datetime) -> CallbackDelivery:
        """Insert unless address and event stand; then that row."""
        self.address_all(endpoint, [event], due)
        query = select(_DELIVERIES).where(
            _DELIVERIES.c.url == endpoint.url, _DELIVERIES.c.event_id == event.event_id
        )
        return _delivery(self._connection.execute(query.with_for_update()).mappings().one())

    def address_all(self, endpoint: CallbackEndpoint, events: Sequence[ProcessEvent], due: datetime) -> None:
        """Insert those that do not stand."""
        plain = {
            "endpoint_id": endpoint.id,
            "url": endpoint.url,
            "state": DeliveryState.WAITING.value,
            "due_utc": due,
            "attempts": 0,
            "failed": 0,
        }
        rows = [
            plain | {"event_id": event.event_id, "subject": event.subject, "sequence": event.sequence}
            for event in events
        ]
        if rows:
            self._connection.execute(upsert(_DELIVERIES).on_conflict_do_nothing(), rows)

    def leave(self, closed: CallbackEndpoint, heir: CallbackEndpoint | None) -> None:
        """One UPDATE of what waits."""
        waits = (_DELIVERIES.c.endpoint_id == closed.id, _DELIVERIES.c.state == DeliveryState.WAITING.value)
        then = {"state": DeliveryState.DEAD.value} if heir is None else {"endpoint_id": heir.id}
        self._connection.execute(update(_DELIVERIES).where(*waits).values(**then))

    def claim(self, now: datetime, *, until: datetime, most: int, each: int) -> tuple[AddressedEvent, ...]:
        """Count what is under way, then begin; nobody else counts meanwhile."""
        self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIMING})
        due = self._connection.execute(_DUE, {"now": now, "each": each, "most": most}).scalars().all()
        begun = [one for one in due if self._begin(one, now, until)]
        rows = self._addressed(select(_DELIVERIES).where(_DELIVERIES.c.id.in_(begun))) if begun else ()
        return tuple(sorted(rows, key=lambda one: begun.index(one.delivery.id)))

    def finish(self, attempt: CallbackAttempt) -> None:
        """Update unless it has an outcome."""
        where = (
            _ATTEMPTS.c.delivery_id == attempt.delivery_id,
            _ATTEMPTS.c.number == attempt.number,
            _ATTEMPTS.c.finished_utc.is_(None),
        )
        names = ("finished_utc", "outcome", "milliseconds", "taken")
        outcome = {name: getattr(attempt, name) for name in names}
        self._connection.execute(update(_ATTEMPTS).where(*where).values(**outcome))

    def load_delivery(self, delivery_id: int, *, lock: bool = False) -> CallbackDelivery:
        """By id."""
        query = select(_DELIVERIES).where(_DELIVERIES.c.id == delivery_id)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        if row is None:
            raise KeyError(delivery_id)
        return _delivery(row)

    def save_delivery(self, delivery: CallbackDelivery) -> None:
        """All but what it delivers."""
        row = asdict(delivery) | {"state": delivery.state.value}
        moved = {name: value for name, value in row.items() if name not in {"id", "event_id"}}
        self._connection.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == delivery.id).values(**moved))

    def deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        state: DeliveryState | None = None,
        subject: str | None = None,
        before: int | None = None,
        most: int = 100,
    ) -> tuple[AddressedEvent, ...]:
        """Highest id first."""
        query = select(_DELIVERIES).order_by(_DELIVERIES.c.id.desc()).limit(most)
        if endpoint_id is not None:
            query = query.where(_DELIVERIES.c.endpoint_id == endpoint_id)
        if state is not None:
            query = query.where(_DELIVERIES.c.state == state.value)
        if subject is not None:
            query = query.where(_DELIVERIES.c.subject == subject)
        if before is not None:
            query = query.where(_DELIVERIES.c.id < before)
        return self._addressed(query)

    def attempts_of(self, delivery_id: int) -> tuple[CallbackAttempt, ...]:
        """By number."""
        query = select(_ATTEMPTS).where(_ATTEMPTS.c.delivery_id == delivery_id).order_by(_ATTEMPTS.c.number)
        return tuple(CallbackAttempt(**row) for row in self._connection.execute(query).mappings())

    def _begin(self, delivery_id: int, now: datetime, until: datetime) -> bool:
        values = {"id": delivery_id, "now": now, "until": until}
        number = self._connection.execute(_BEGIN, values).scalar_one_or_none()
        if number is None:
            return False  # its outcome came late, between the look and now
        attempt = CallbackAttempt(delivery_id=delivery_id, number=number, started_utc=now)
        self._connection.execute(insert(_ATTEMPTS).values(**asdict(attempt)))
        return True

    def _events(self, query: Select[Any]) -> tuple[ProcessEvent, ...]:
        return tuple(_event(row) for row in self._connection.execute(query).mappings())

    def _addressed(self, query: Select[Any]) -> tuple[AddressedEvent, ...]:
        rows = self._connection.execute(query).mappings().all()
        found = self._events(select(_EVENTS).where(_EVENTS.c.event_id.in_([row["event_id"] for row in rows])))
        events = {event.event_id: event for event in found}
        endpoints = {endpoint.id: endpoint for endpoint in self.endpoints()}
        return tuple(
            AddressedEvent(
                delivery=_delivery(row),
                event=events[row["event_id"]],
                endpoint=endpoints[row["endpoint_id"]],
            )
            for row in rows
        )


def _event(row: RowMapping) -> ProcessEvent:
    return ProcessEvent(
        event_id=row["event_id"],
        subject=row["subject"],
        kind=_KINDS[row["kind"]],
        occurred_utc=row["occurred_utc"],
        change=parse_object(row["change"], "process_events.change"),
        sequence=row["sequence"],
    )


def _endpoint(row: RowMapping) -> CallbackEndpoint:
    return CallbackEndpoint(**(dict(row) | {"kinds": tuple(_KINDS[code] for code in row["kinds"])}))


def _delivery(row: RowMapping) -> CallbackDelivery:
    values = {field.name: row[field.name] for field in fields(CallbackDelivery)}
    return CallbackDelivery(**(values | {"state": DeliveryState(row["state"])}))
