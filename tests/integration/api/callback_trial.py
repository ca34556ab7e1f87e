"""Deeds of tests about callbacks on a running house: register, let something happen, let time pass, look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from api_service import Service
from callback_receiver import Received, Receiver

from api.http_callbacks import HttpCallbacks
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import deliver_callbacks
from contracts_chain.workflows.process_events import note_process_event, tell_events
from kernel.canonical_json import canonical_bytes
from kernel.clock import FixedClock

PATIENCE_SECONDS = 60.0
SMALL = ProcessEventKind.INVOICE_ISSUED
"""A kind that no job of the house tells by itself."""


@contextmanager
def registered(desk: httpx.Client, url: str, *kinds: str) -> Iterator[dict[str, Any]]:
    made = desk.post("/api/v1/callbacks", content=canonical_bytes({"url": url, "kinds": list(kinds)}))
    assert made.status_code == 201, made.text
    endpoint: dict[str, Any] = made.json()
    try:
        yield endpoint
    finally:
        assert desk.post(f"/api/v1/callbacks/{endpoint['id']}/close").status_code == 200


def wait_until(condition: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, why
        threading.Event().wait(0.05)


def happened(service: Service, subject: str, count: int = 1) -> None:
    """So many small events of a subject, told at once."""
    office = service.house.office
    with office.work() as work:
        for _ in range(count):
            change = {"agreement_no": "CALLBACK"}
            note_process_event(work, subject, SMALL, at=office.clock.now(), change=change)
        work.commit()
    tell_events(office)


def later(service: Service, **passed: float) -> int:
    """The deliveries that are due when so much time has passed; attempts that were made."""
    office, settings = service.house.office, service.house.settings
    caller = HttpCallbacks(service.house.callback_secrets, settings.callback_places)
    then = FixedClock(office.clock.now() + timedelta(**passed))
    return deliver_callbacks(replace(office, clock=then), caller)


def came_to(service: Service, receiver: Receiver, path: str, count: int) -> list[Received]:
    """So many requests, without waiting for the worker's next second."""
    later(service, seconds=0)
    return receiver.wait_for(path, count)


def deliveries(desk: httpx.Client, endpoint: dict[str, Any], **asked: str) -> list[dict[str, Any]]:
    answer = desk.get(f"/api/v1/callbacks/{endpoint['id']}/deliveries", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


def of(came: list[Received], subject: str) -> list[dict[str, Any]]:
    return [one.told for one in came if one.told["subject"] == subject]
