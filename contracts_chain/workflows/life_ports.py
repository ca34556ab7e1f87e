"""What the deeds after execution need of storage, as protocols.

Every method runs inside the unit of work's transaction, as those of ``ports`` do.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from contracts_chain.workflows.life_files import (
    ChangeFile,
    DisputeHold,
    LifeSpan,
    NoticeFile,
    OrderFact,
    RatingFile,
    RatingLink,
)
from kernel.sized_bytes import Bytes32

__all__ = ["LifeRepository", "NoticeRepository", "OrderRepository", "RatingRepository"]


class LifeRepository(Protocol):
    """Terms, reminders, changes and holds of executed agreements."""

    def add_span(self, span: LifeSpan) -> None:
        """Insert the span of an agreement; nothing happens if it has one."""
        ...

    def find_span(self, number: str) -> LifeSpan | None:
        """The span of an agreement, if it was executed and scheduled."""
        ...

    def save_span(self, span: LifeSpan) -> None:
        """Store a changed end, renewal or objection."""
        ...

    def due_to_enter(self, today: date, most: int) -> tuple[str, ...]:
        """Executed agreements whose first day has come, by number."""
        ...

    def due_to_expire(self, today: date, most: int) -> tuple[str, ...]:
        """Running agreements without a hold whose last day is before ``today``, by number."""
        ...

    def unreminded(self, first: date, last: date, days: int, most: int) -> tuple[LifeSpan, ...]:
        """Spans of running agreements that end from ``first`` to ``last``, soonest first.

        Without those whose end had its reminder of so many ``days``.
        """
        ...

    def remind_once(self, number: str, ends_on: date, days: int, at: datetime) -> bool:
        """Keep that this reminder was sent; false if it was already."""
        ...

    def open_change(self, change: ChangeFile) -> ChangeFile:
        """Insert under the next id, or return the one of the same agreement and order number."""
        ...

    def save_change(self, change: ChangeFile) -> None:
        """Store follower, state and time of closing."""
        ...

    def changes_of(self, number: str) -> tuple[ChangeFile, ...]:
        """All of one agreement, oldest first."""
        ...

    def open_changes(self, most: int, *, after: int = 0) -> tuple[ChangeFile, ...]:
        """The open ones above an id, oldest first, so many at most."""
        ...

    def add_hold(self, hold: DisputeHold) -> None:
        """Insert one; an agreement has one standing hold at most."""
        ...

    def hold_of(self, number: str) -> DisputeHold | None:
        """The hold that stands, if any."""
        ...

    def holds_of(self, number: str) -> tuple[DisputeHold, ...]:
        """All, oldest first."""
        ...

    def release_hold(self, hold: DisputeHold) -> None:
        """Store who released it, when and with what outcome."""
        ...


class OrderRepository(Protocol):
    """Facts of orders, and whether an order was found ready to energise."""

    def record(self, fact: OrderFact) -> None:
        """Insert, or replace the fact of this kind by a newer paper."""
        ...

    def facts_of(self, order_no: str) -> tuple[OrderFact, ...]:
        """All facts of an order, by kind."""
        ...

    def agreements_of(self, order_no: str) -> tuple[str, ...]:
        """Numbers of the agreements drafted for an order."""
        ...

    def to_look_at(self, most: int) -> tuple[str, ...]:
        """Orders not ready yet, with an agreement executed or a fact on record, written to since the look."""
        ...

    def note_look(self, order_no: str, at: datetime) -> None:
        """Keep when the order was looked at and what it had then; holds it until the transaction ends."""
        ...

    def mark_ready(self, order_no: str, at: datetime) -> bool:
        """Keep that it is ready; false if that is known already."""
        ...

    def ready_since(self, order_no: str) -> datetime | None:
        """When it was first found ready."""
        ...


class NoticeRepository(Protocol):
    """Notices of cutting or ending supply by number."""

    def add(self, notice: NoticeFile) -> None:
        """Insert a drafted notice."""
        ...

    def find(self, number: str, *, lock: bool = False) -> NoticeFile | None:
        """The notice of this number; ``lock`` holds it until the transaction ends."""
        ...

    def save(self, notice: NoticeFile) -> None:
        """Store review, service, last call and use; the text never changes."""
        ...

    def of_agreement(self, agreement_number: str) -> tuple[NoticeFile, ...]:
        """All of one contract, oldest first."""
        ...


class RatingRepository(Protocol):
    """Links to rate and ratings, apart from everything that is evidence."""

    def uninvited(self, most: int, *, after: str = "") -> tuple[str, ...]:
        """At most so many executed agreements without a link yet, by number, behind ``after`` only."""
        ...

    def invite(self, link: RatingLink) -> bool:
        """Insert; false if this party has one."""
        ...

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> RatingLink | None:
        """The link of this token."""
        ...

    def keep(self, link: RatingLink, rating: RatingFile) -> None:
        """Store the rating and that the link is used."""
        ...

    def all(self) -> tuple[RatingFile, ...]:
        """All ratings, oldest first."""
        ...
