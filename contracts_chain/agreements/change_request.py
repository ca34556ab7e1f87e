"""A change as it is asked for, what is known of the contract, and what is in the way.

Plain values shared by ``change_conditions``, which judges, and ``change_plan``, which decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from contracts_chain.agreements.change_triggers import ChangeTrigger
from kernel.errors import RejectedError

__all__ = [
    "Asked",
    "ChangeRefusedError",
    "ChangeRequest",
    "ChangeStanding",
    "DeclaredFact",
    "Unmet",
    "WorkingDays",
]


class WorkingDays(Protocol):
    """A calendar that knows holidays and make-up days."""

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        ...

    def any_provisional(self, first: date, last: date) -> bool:
        """Whether the State has not decreed the holidays of some day between them, both included."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFact:
    """A clerk's answer to a condition that no figure decides.

    Attributes:
        condition: Id of the condition.
        holds: The answer.
        basis: What it rests on, e.g. the number of a paper; not blank.
    """

    condition: str
    holds: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """What is asked for.

    Attributes:
        applied_on: Day of the application.
        effective_on: First day of the change.
        until: Last day, for a suspension.
        capacity_kva: Capacity after the change.
        merged_kva: Capacities of the accounts that are merged, this one included.
        last_changed_on: Day of the last change of the basic-fee mode.
        declared: The clerk's answers.
    """

    applied_on: date
    effective_on: date
    until: date | None = None
    capacity_kva: Decimal | None = None
    merged_kva: tuple[Decimal, ...] = ()
    last_changed_on: date | None = None
    declared: tuple[DeclaredFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStanding:
    """What the system knows of the contract.

    Attributes:
        number: Its number.
        capacity_kva: Capacity agreed, if the class has one.
        suspensions: First and last day of every suspension on record, in order.
    """

    number: str
    capacity_kva: Decimal | None
    suspensions: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A condition that does not hold, with the way out."""

    condition: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The whole question, for the conditions."""

    standing: ChangeStanding
    request: ChangeRequest
    calendar: WorkingDays


class ChangeRefusedError(RejectedError):
    """Conditions of the change do not hold; all of them are listed."""

    code = "change_refused"

    def __init__(self, number: str, trigger: ChangeTrigger, unmet: tuple[Unmet, ...]) -> None:
        """Keep every condition that fails."""
        super().__init__(
            f"{trigger.value} of {number}: " + "; ".join(f"{one.en} ({one.condition})" for one in unmet),
            f"合同 {number} 不能办理{trigger.zh}："
            + "；".join(f"{one.zh}（{one.condition}）" for one in unmet),
        )
        self.number = number
        self.trigger = trigger
        self.unmet = unmet
