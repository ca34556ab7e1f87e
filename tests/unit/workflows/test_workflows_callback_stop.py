"""A worker that is to stop begins no further call, however much is due; the rest stays due."""

from __future__ import annotations

from callback_callers import CallbackHouse, ScriptedCaller

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import deliver_callbacks, register_endpoint
from contracts_chain.workflows.process_events import note_process_event, tell_events


def test_what_is_under_way_is_finished_and_nothing_else_is_begun() -> None:
    house, caller = CallbackHouse(), ScriptedCaller()
    register_endpoint(house.office, url="https://crm.example/", kinds=(), by="desk")
    with house.office.work() as work:
        for number in range(5):
            kind = ProcessEventKind.SEALED
            note_process_event(work, f"SG{number}", kind, at=house.clock.now(), change={})
        work.commit()
    tell_events(house.office)
    assert deliver_callbacks(house.office, caller, of_one=2, go_on=lambda: not caller.calls) == 2
    assert len(caller.calls) == 2
    assert deliver_callbacks(house.office, caller) == 3
