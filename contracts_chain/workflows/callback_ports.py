"""What callbacks need of storage and of the network, as protocols; the same rules as in ``ports``.

Process events and lines of the attempt log are append-only: of an event only its sequence is filled
in, of an attempt only its outcome, each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts_chain.workflows.callback_files import (
    AddressedEvent,
    CallbackAttempt,
    CallbackDelivery,
    CallbackEndpoint,
    DeliveryState,
    ProcessEvent,
)

__all__ = ["CallbackCaller", "CallbackOutcome", "CallbackRepositories", "CallbackRepository"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackOutcome:
    """How one attempt ended.

    Attributes:
        taken: The receiver answered 2xx.
        outcome: ``HTTP 503``, or a word for why there was no answer; at most 200 characters.
        milliseconds: From the beginning of the call to its end.
    """

    taken: bool
    outcome: str
    milliseconds: int


class CallbackCaller(Protocol):
    """Carries one event to one endpoint; adapters do the network."""

    def call(
        self, endpoint: CallbackEndpoint, event: ProcessEvent, *, attempt: int, at: datetime
    ) -> CallbackOutcome:
        """Send once and wait at most ten seconds; never raises for what a receiver or the network does.

        Args:
            endpoint: Where to, and whose key signs.
            event: What; its ``sequence`` is given.
            attempt: Number of the attempt, from 1 over all rounds.
            at: The moment that is signed.
        """
        ...


class CallbackRepository(Protocol):
    """Process events, endpoints, deliveries and the log of attempts."""

    def note(self, events: Sequence[ProcessEvent]) -> None:
        """Store events that are not told yet; one whose id stands already is passed over."""
        ...

    def hold_telling(self) -> bool:
        """Be the one who tells until the transaction ends; false if somebody else is."""
        ...

    def tell(self, most: int) -> tuple[ProcessEvent, ...]:
        """Give events without a sequence the next ones of their subjects, in the order of their storing.

        The caller holds the telling. Returns those numbered now, in that order.
        """
        ...

    def find_event(self, event_id: str) -> ProcessEvent | None:
        """One event, if there is one."""
        ...

    def events_of(self, subject: str, first: int = 1, last: int | None = None) -> tuple[ProcessEvent, ...]:
        """Told events of a subject from sequence ``first`` to ``last``, both included."""
        ...

    def add_endpoint(self, endpoint: CallbackEndpoint) -> None:
        """Store a new endpoint."""
        ...

    def load_endpoint(self, endpoint_id: str, *, lock: bool = False) -> CallbackEndpoint:
        """One endpoint, open or closed.

        Raises:
            UnknownEndpointError: There is none.
        """
        ...

    def save_endpoint(self, endpoint: CallbackEndpoint) -> None:
        """Store its generation and when it was closed."""
        ...

    def endpoints(self, *, keep: bool = False) -> tuple[CallbackEndpoint, ...]:
        """All, oldest first, the closed ones too; ``keep`` lets none be closed until the end."""
        ...

    def address(self, endpoint: CallbackEndpoint, event: ProcessEvent, due: datetime) -> CallbackDelivery:
        """The delivery of a told event to the endpoint's address, locked: a new one, or what stands."""
        ...

    def address_all(self, endpoint: CallbackEndpoint, events: Sequence[ProcessEvent], due: datetime) -> None:
        """As ``address``, for many; what stands already is left as it is."""
        ...

    def leave(self, closed: CallbackEndpoint, heir: CallbackEndpoint | None) -> None:
        """Give what waits for a closed endpoint to another one of the same address, or let it be dead."""
        ...

    def claim(self, now: datetime, *, until: datetime, most: int, each: int) -> tuple[AddressedEvent, ...]:
        """Take deliveries that are due, and begin an attempt on each: one more line of the log.

        Oldest first; of one address no more than ``each`` are under way at a time, over all
        workers; an event waits while an earlier one of its subject is on its first attempt or
        before it. Those of closed endpoints are passed over.

        Args:
            now: The moment.
            until: When an attempt without an outcome counts as lost and is due again.
            most: How many to take.
            each: How many of one address may be under way, these included.

        Returns:
            Deliveries as they stand with the attempt begun: ``attempts`` is its number.
        """
        ...

    def finish(self, attempt: CallbackAttempt) -> None:
        """Fill in the outcome of an attempt that has none."""
        ...

    def load_delivery(self, delivery_id: int, *, lock: bool = False) -> CallbackDelivery:
        """One delivery.

        Raises:
            KeyError: There is none; a fault of the caller.
        """
        ...

    def save_delivery(self, delivery: CallbackDelivery) -> None:
        """Store endpoint, state, due time and counts."""
        ...

    def deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        state: DeliveryState | None = None,
        subject: str | None = None,
        before: int | None = None,
        most: int = 100,
    ) -> tuple[AddressedEvent, ...]:
        """Newest first; ``before`` gives those with a smaller id."""
        ...

    def attempts_of(self, delivery_id: int) -> tuple[CallbackAttempt, ...]:
        """The log of attempts of a delivery, oldest first."""
        ...


class CallbackRepositories(Protocol):
    """The part of the unit of work that tells other systems."""

    @property
    def callbacks(self) -> CallbackRepository:
        """Events for other systems and their way."""
        ...
