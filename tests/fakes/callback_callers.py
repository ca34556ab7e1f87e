"""Callers for tests: what a receiver says is scripted, what was called is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from fake_unit_of_work import FakeUnitOfWork, Tables

from contracts_chain.workflows.callback_files import CallbackEndpoint, ProcessEvent
from contracts_chain.workflows.callback_ports import CallbackOutcome
from kernel.clock import FixedClock

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TAKEN = CallbackOutcome(taken=True, outcome="HTTP 204", milliseconds=7)
REFUSED = CallbackOutcome(taken=False, outcome="HTTP 503", milliseconds=7)


@dataclass(frozen=True, kw_only=True)
class Called:
    """One call as the receiver saw it."""

    url: str
    event: ProcessEvent
    attempt: int
    at: datetime


@dataclass
class ScriptedCaller:
    """Answers by a rule; takes everything unless told otherwise."""

    answer: Callable[[Called], CallbackOutcome] = lambda _: TAKEN
    calls: list[Called] = field(default_factory=list)

    def call(
        self, endpoint: CallbackEndpoint, event: ProcessEvent, *, attempt: int, at: datetime
    ) -> CallbackOutcome:
        called = Called(url=endpoint.url, event=event, attempt=attempt, at=at)
        self.calls.append(called)
        return self.answer(called)


@dataclass
class CallbackHouse:
    """Clock and records in memory, as far as callbacks need an office."""

    tables: Tables = field(default_factory=Tables)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))

    @property
    def office(self) -> Any:
        return SimpleNamespace(clock=self.clock, work=lambda: FakeUnitOfWork(self.tables))
