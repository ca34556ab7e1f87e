"""What is told to other systems, whom it is told to, and how often it was tried.

Values only. A process event is written with the change it tells of and never changes after; its
``sequence`` is given when it is told. A delivery is one event on its way to one address. Nothing
here is personal or secret: ids, roles, digests and states; the key of an endpoint is derived from
its id and generation where it is used (``api``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from kernel.canonical_json import JsonObject

__all__ = [
    "AddressedEvent",
    "CallbackAttempt",
    "CallbackDelivery",
    "CallbackEndpoint",
    "DeliveryState",
    "ProcessEvent",
]


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return _ZH[self]


_ZH = {
    DeliveryState.WAITING: "待送达",
    DeliveryState.DELIVERED: "已送达",
    DeliveryState.DEAD: "已停止重试",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEvent:
    """One change, as other systems are told of it.

    Attributes:
        event_id: UUID as text; the same in every attempt and every replay.
        subject: Number of the agreement, order or invoice.
        kind: What happened.
        occurred_utc: When, whole seconds.
        change: The one change: ids, roles, digests, codes; where a state moved, ``state`` or
            ``evidence`` with ``before`` and ``after``.
        sequence: Place among the events of the subject, from 1, without gaps; ``None`` until told.
    """

    event_id: str
    subject: str
    kind: ProcessEventKind
    occurred_utc: datetime
    change: JsonObject
    sequence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackEndpoint:
    """An address of another system.

    Attributes:
        id: Opaque.
        url: In the one form in which ``api`` keeps addresses, so that equal ones compare equal.
        kinds: Kinds wanted; empty for all, those of later versions included.
        generation: Of its key, from 1; one more with each new key.
        created_by: Account that registered it.
        created_utc: When.
        closed_utc: When it was closed; nothing is sent there after.
    """

    id: str
    url: str
    kinds: tuple[ProcessEventKind, ...]
    generation: int
    created_by: str
    created_utc: datetime
    closed_utc: datetime | None = None

    def wants(self, kind: ProcessEventKind) -> bool:
        """Whether events of this kind go there."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDelivery:
    """One event on its way to one address; there is one for (address, event), however often registered.

    Attributes:
        id: Ascending.
        endpoint_id: Whose key signs it.
        event_id: What is delivered.
        state: Where it stands.
        due_utc: When the next attempt may begin; while one is under way, when it counts as lost.
        attempts: Attempts begun so far, replays included.
        failed: Attempts of this round that are over and were not taken; a replay begins a new round.
        first_tried_utc: When the first attempt of this round began.
    """

    id: int
    endpoint_id: str
    event_id: str
    state: DeliveryState
    due_utc: datetime
    attempts: int = 0
    failed: int = 0
    first_tried_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAttempt:
    """One line of the attempt log; it is stored before the call and filled in after.

    Attributes:
        delivery_id: What was delivered.
        number: From 1 over all rounds.
        started_utc: Committed before the call.
        finished_utc: ``None`` while under way, for ever if the worker died.
        outcome: ``HTTP 200``, or a word for why there was no answer; empty until finished.
        milliseconds: How long it took; ``None`` until finished.
        taken: Whether the receiver took it.
    """

    delivery_id: int
    number: int
    started_utc: datetime
    finished_utc: datetime | None = None
    outcome: str = ""
    milliseconds: int | None = None
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressedEvent:
    """A delivery with its event and its endpoint, as a caller and a screen need them."""

    delivery: CallbackDelivery
    event: ProcessEvent
    endpoint: CallbackEndpoint
