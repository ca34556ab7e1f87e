"""A worker that dies in the middle of a call: the same event goes out again, and the log tells both."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import workflows_calling_child
from callback_receiver import Receiver, receiving
from workflows_calling_child import PLACES, SECRETS

from api.house import House
from api.http_callbacks import HttpCallbacks
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import close_endpoint, deliver_callbacks, register_endpoint
from contracts_chain.workflows.callback_files import DeliveryState
from contracts_chain.workflows.callback_view import deliveries_of
from contracts_chain.workflows.process_events import note_process_event, tell_events
from kernel.clock import FixedClock

KIND = ProcessEventKind.INVOICE_ISSUED
SUBJECT = "CALLBACK-KILLED"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_complaint_12_a_worker_killed_during_a_call_loses_nothing_and_the_id_stays(
    house: House, receiver: Receiver
) -> None:
    office = house.office
    receiver.script("/killed", "hang")
    endpoint = register_endpoint(office, url=f"{receiver.url}/killed", kinds=(KIND,), by="desk")
    with office.work() as work:
        for bill in ("1", "2"):
            note_process_event(work, SUBJECT, KIND, at=office.clock.now(), change={"bill": bill})
        work.commit()
    tell_events(office)
    with subprocess.Popen([sys.executable, workflows_calling_child.__file__, house.database_url]) as worker:
        receiver.wait_for("/killed", 1)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(30) == -signal.SIGKILL
    caller = HttpCallbacks(SECRETS, PLACES)
    assert deliver_callbacks(office, caller) == 0, "an attempt that may be under way is not begun twice"
    after = replace(office, clock=FixedClock(office.clock.now() + timedelta(seconds=61)))
    assert deliver_callbacks(after, caller) == 2
    assert deliver_callbacks(after, caller) == 0
    first, again, second = receiver.received("/killed")
    assert again.body == first.body
    assert [one.headers["x-contracts-chain-attempt"] for one in (first, again, second)] == ["1", "2", "1"]
    assert [one.told["sequence"] for one in (first, again, second)] == [1, 1, 2]
    newest, oldest = deliveries_of(office, endpoint.id)
    assert [view.addressed.delivery.state for view in (oldest, newest)] == [DeliveryState.DELIVERED] * 2
    lost, taken = oldest.log
    assert (lost.finished_utc, lost.outcome, lost.taken) == (None, "", False)
    assert (taken.number, taken.outcome, taken.taken) == (2, "HTTP 204", True)
    close_endpoint(office, endpoint.id, by="desk")
