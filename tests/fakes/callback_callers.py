"""Callers for tests: what a receiver says is scripted, what was called is kept; and a house for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from fake_unit_of_work import FakeUnitOfWork, Tables

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import register_endpoint
from contracts_chain.workflows.callback_files import AddressedEvent, CallbackEndpoint, ProcessEvent
from contracts_chain.workflows.callback_ports import CallbackOutcome
from contracts_chain.workflows.process_events import note_process_event
from kernel.clock import FixedClock

URL = "https://erp.example/events"
CONTRACT = "C-1"
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


def note(house: CallbackHouse, *subjects: str, kind: ProcessEventKind = ProcessEventKind.SIGNED) -> None:
    with house.office.work() as work:
        for subject in subjects:
            note_process_event(work, subject, kind, at=house.clock.now(), change={"field": "f"})
        work.commit()


def registered(house: CallbackHouse, url: str = URL, *kinds: ProcessEventKind) -> CallbackEndpoint:
    return register_endpoint(house.office, url=url, kinds=kinds, by="clerk")


def deliveries(house: CallbackHouse, **asked: Any) -> tuple[AddressedEvent, ...]:
    with house.office.work() as work:
        return tuple(reversed(work.callbacks.deliveries(**asked)))
