"""What deadlines and figures need of storage, as protocols; the same rules as in ``ports``.

Milestones are append-only. Contract events are read from trail, slots and log and are never
stored a second time. Figures are counted where the rows are, in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep
from kernel.sized_bytes import Bytes32

__all__ = [
    "AgreementEvents",
    "DeadlineRepository",
    "FigureRepository",
    "FigureRow",
    "MilestoneFile",
    "ReminderFile",
    "StageRow",
    "StepRow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneFile:
    """One recorded step of an order.

    Attributes:
        order_no: The order.
        key: Idempotency key within the order.
        kind: The step.
        recorded_utc: The server's time: the one that counts (reference C7).
        happened_on: Day the caller names; kept beside, never counted.
        actor: Who recorded it.
        channel: Code of ``terms.codes.Channel``, or empty.
        province: Code of the province, empty if not said with this step.
        district: District or county, empty if not said with this step.
        project_type: Kind of the supporting works, if said with this step.
        customer_completes_on: Day the customer's own works are complete, if said with this step.
        document_sha256: Digest of the paper that came with the step.
        note: Free words.
    """

    order_no: str
    key: str
    kind: ProcessStep
    recorded_utc: datetime
    actor: str
    happened_on: date | None = None
    channel: str = ""
    province: str = ""
    district: str = ""
    project_type: GridProjectType | None = None
    customer_completes_on: date | None = None
    document_sha256: Bytes32 | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEvents:
    """What storage knows of one agreement's way, as far as clocks need it.

    Attributes:
        lines: Trail lines in order.
        others_signed_utc: When the last party but the utility had signed.
        utility_signed_utc: When the utility had signed.
        anchored_utc: When the first final checkpoint over its newest leaf was closed.
        compact: Terms of a service compact that all parties have signed and that still stands.
    """

    number: str
    order_no: str
    kind: str
    province: str
    state: AgreementState
    executed_utc: datetime | None
    lines: tuple[bytes, ...]
    others_signed_utc: datetime | None
    utility_signed_utc: datetime | None
    anchored_utc: datetime | None
    compact: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFile:
    """One reminder; (order, level, subject, day) is its key, so there is one a day at most."""

    order_no: str
    level: str
    subject: str
    on_day: date
    asked_utc: datetime
    asked_by: str


class DeadlineRepository(Protocol):
    """Milestones and reminders."""

    def add(self, milestone: MilestoneFile) -> MilestoneFile:
        """Insert, or return the one that stands under (order, key) already."""
        ...

    def milestones_of(self, orders: Sequence[str]) -> tuple[MilestoneFile, ...]:
        """All milestones of these orders, oldest first."""
        ...

    def agreements_of(self, orders: Sequence[str]) -> tuple[AgreementEvents, ...]:
        """The agreements of these orders, oldest first."""
        ...

    def live_orders(self, finished_since: datetime) -> tuple[str, ...]:
        """Orders neither energised nor closed before that moment, or with an agreement not yet signed."""
        ...

    def remind_once(self, reminder: ReminderFile) -> bool:
        """Insert; false if the clock had its reminder of that day already."""
        ...

    def reminders_of(self, orders: Sequence[str]) -> tuple[ReminderFile, ...]:
        """All reminders of these orders, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """Time from application to signature, or to power, over one group of contracts.

    Attributes:
        cut: How they are grouped: ``all``, ``group``, ``kind``, ``month``, ``district``, ``group_month``.
        value: Which group; empty for all. A month is ``2026-11``, a group month ``HV/2026-11``.
        count: Contracts counted.
        average: Average working days.
        average_calendar: Average calendar days.
        p50: Median of working days.
        p90: 90th percentile of working days.
        provisional: Contracts in whose time a provisional day was counted.
    """

    cut: str
    value: str
    count: int
    average: Decimal
    average_calendar: Decimal
    p50: Decimal
    p90: Decimal
    provisional: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """How many orders have got this far and no farther on ``process_steps.JOURNEY``."""

    step: ProcessStep
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """Stages that energised orders of a voltage group went through, on average."""

    group: str
    orders: int
    average: Decimal


class FigureRepository(Protocol):
    """Figures of the 电力营商环境, counted in the database."""

    def spans(
        self,
        ends: ProcessStep,
        *,
        province: str,
        working_days: Sequence[date],
        provisional_from: date,
    ) -> tuple[FigureRow, ...]:
        """Time from application to ``ends`` (contract executed, or energised), by every cut.

        Args:
            ends: ``CONTRACT_EXECUTED`` or ``ENERGISED``.
            province: Orders of this province only.
            working_days: Every working day of the time in question, ascending.
            provisional_from: First day that is not decreed.
        """
        ...

    def undated(self, province: str) -> int:
        """Executed contracts of the province whose order has no recorded application: not counted."""
        ...

    def standing_at(self, province: str) -> tuple[StepRow, ...]:
        """Orders that are not closed, by the farthest step of the journey that they took."""
        ...

    def stages(self, province: str) -> tuple[StageRow, ...]:
        """Stages of energised orders by voltage group."""
        ...
