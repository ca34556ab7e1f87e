"""A worker killed at any commit, or within a call, on the way from a change to its delivery."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from callback_callers import CONTRACT, CallbackHouse, Called, ScriptedCaller, deliveries, note, registered
from fake_unit_of_work import FakeUnitOfWork

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import deliver_callbacks
from contracts_chain.workflows.callback_files import DeliveryState
from contracts_chain.workflows.callback_ports import CallbackOutcome
from contracts_chain.workflows.process_events import note_process_event, tell_events


class DiedError(Exception):
    """The process ends here."""


class Dying:
    """An office whose process ends at one of its commits, before or after it is made."""

    def __init__(self, house: CallbackHouse, at: int, *, after: bool) -> None:
        self.clock = house.clock
        self.left = at
        outer = self

        class Work(FakeUnitOfWork):
            def commit(self) -> None:
                if after:
                    super().commit()
                outer.left -= 1
                if outer.left == 0:
                    raise DiedError
                if not after:
                    super().commit()

        self.work = lambda: Work(house.tables)


def whole_way(office: Any, caller: ScriptedCaller) -> None:
    """A change with its event, the telling, the delivery; each step is done unless it is done already."""
    with office.work() as work:
        if not work.callbacks.tables.events:
            for kind in (ProcessEventKind.SIGNED, ProcessEventKind.SEALED):
                note_process_event(work, CONTRACT, kind, at=office.clock.now(), change={})
            work.commit()
    tell_events(office)
    deliver_callbacks(office, caller)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_commit_loses_nothing_and_changes_no_id(after: bool) -> None:
    deaths = 0
    for at in count(1):
        house, caller = CallbackHouse(), ScriptedCaller()
        registered(house)
        try:
            whole_way(Dying(house, at, after=after), caller)
        except DiedError:
            deaths += 1
        else:
            break
        house.clock.advance(timedelta(seconds=60))
        whole_way(house.office, caller)
        assert [one.event.sequence for one in deliveries(house)] == [1, 2]
        assert {one.delivery.state for one in deliveries(house)} == {DeliveryState.DELIVERED}
        taken = dict.fromkeys((one.event.event_id, one.event.sequence) for one in caller.calls)
        assert [sequence for _, sequence in taken] == [1, 2]
        assert len(caller.calls) <= 3
    assert deaths == 6  # change, telling, then begin and outcome of either call


def test_a_kill_in_the_middle_of_a_call_sends_the_same_event_again() -> None:
    house = CallbackHouse()
    registered(house)
    note(house, CONTRACT)
    tell_events(house.office)

    def dying(_: Called) -> CallbackOutcome:
        raise DiedError

    with pytest.raises(DiedError):
        deliver_callbacks(house.office, ScriptedCaller(dying))
    caller = ScriptedCaller()
    assert deliver_callbacks(house.office, caller) == 0
    house.clock.advance(timedelta(seconds=60))
    assert deliver_callbacks(house.office, caller) == 1
    (done,) = deliveries(house)
    with house.office.work() as work:
        log = work.callbacks.attempts_of(done.delivery.id)
    assert [(one.number, one.outcome, one.finished_utc is None) for one in log] == [
        (1, "", True),
        (2, "HTTP 204", False),
    ]
