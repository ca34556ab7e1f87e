"""What other systems are told of a real signing, its anchoring and its bill; telling while others write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from callback_callers import ScriptedCaller
from test_workflows_invoice import issue
from workflows_desk import anchor_all, fresh_order_no, reloaded

from contracts_chain.agreements.process_event_kind import ProcessEventKind as K
from contracts_chain.workflows.call_back import close_endpoint, deliver_callbacks, register_endpoint
from contracts_chain.workflows.callback_files import CallbackEndpoint, ProcessEvent
from contracts_chain.workflows.cross_anchor import TsaPlace, cross_anchor
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.process_events import note_process_event, tell_events

SIGNED_BY_HAND_AND_SEAL = [K.SIGNED, K.TIMESTAMPED, K.SEALING_STEP, K.TIMESTAMPED]
READ_AND_WILLED = [K.IDENTIFIED, K.VIEWED, K.READ_COMPLETE, K.WILL_PASSED]
EVENTS, WRITERS = 20, 3


@pytest.fixture
def endpoint(office: Office) -> Iterator[CallbackEndpoint]:
    tell_events(office)  # what other tests left: none of it goes to the new endpoint
    url = f"https://erp.example/{fresh_order_no()}"
    made = register_endpoint(office, url=url, kinds=(), by="clerk")
    yield made
    close_endpoint(office, made.id, by="clerk")


def told_of(office: Office, subject: str) -> list[ProcessEvent]:
    tell_events(office)
    with office.work() as work:
        return list(work.callbacks.events_of(subject))


def last_move(events: list[ProcessEvent], name: str, at: str | None = None) -> str:
    """Where the moves lead from ``at``; each begins where the one before it ended."""
    for event in events:
        move = event.change.get(name)
        if isinstance(move, dict):
            assert move["before"] == at, f"{event.kind} begins elsewhere"
            at = str(move["after"])
    return str(at)


def test_a_real_contract_is_told_from_its_draft_to_the_chain(
    office: Office, signed: AgreementDossier
) -> None:
    anchor_all(office)
    cross_anchor(office, [TsaPlace(f"tsa-{fresh_order_no()}", office.timestamps)])
    events = told_of(office, signed.number)
    kinds = [event.kind for event in events]
    asked = [one.change.get("step") for one in events if one.kind is K.SEALING_STEP]
    assert asked == ["used", "asked", "approved", "numbered", "used"]
    by_hand = [one for one in kinds if one is not K.SEALING_STEP]
    signing = [one for one in SIGNED_BY_HAND_AND_SEAL if one is not K.SEALING_STEP]
    whole = [K.DRAFTED, K.SUBMITTED, K.APPROVED, K.SENT, K.YOUR_TURN, *READ_AND_WILLED, *signing]
    whole += [K.YOUR_TURN, *READ_AND_WILLED, *signing, K.SEALED]
    assert by_hand[: len(whole)] == whole
    assert set(by_hand[len(whole) :]) >= {K.ANCHORED, K.FINAL}
    stands = reloaded(office, signed.number)
    assert last_move(events, "state") == stands.state
    assert last_move(events, "evidence") == stands.evidence_state
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


def test_a_bill_is_told_with_its_contract_and_its_way_to_the_chain(
    office: Office, signed: AgreementDossier
) -> None:
    number = issue(office, signed.number, fresh_order_no()).number
    assert number is not None
    anchor_all(office)
    issued, *later = told_of(office, number)
    assert issued.kind is K.INVOICE_ISSUED
    assert issued.change["agreement"] == signed.number
    assert [event.kind for event in later] == [K.ANCHORED, K.FINAL]
    assert last_move([issued, *later], "evidence", "pending") == "final"


def test_while_many_write_two_tellers_leave_no_gap_and_send_nothing_twice(
    office: Office, endpoint: CallbackEndpoint, tmp_path: Path
) -> None:
    subjects = [f"{tmp_path.name}-{at}" for at in range(2)]
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        for at in range(EVENTS):
            with office.work() as work:
                subject = subjects[(writer + at) % 2]
                note_process_event(work, subject, K.VIEWED, at=office.clock.now(), change={"at": at})
                work.commit()

    def tell() -> None:
        while any(writer.is_alive() for writer in writers):
            tell_events(office, most=7)

    def guarded(deed: object, *given: object) -> None:
        try:
            deed(*given)  # type: ignore[operator]
        except BaseException as problem:
            failures.append(problem)
            raise

    writers = [threading.Thread(target=guarded, args=(write, at)) for at in range(WRITERS)]
    tellers = [threading.Thread(target=guarded, args=(tell,)) for _ in range(2)]
    for thread in (*writers, *tellers):
        thread.start()
    for thread in (*writers, *tellers):
        thread.join()
    assert failures == []
    told = [event for subject in subjects for event in told_of(office, subject)]
    assert len(told) == EVENTS * WRITERS
    for subject in subjects:
        numbers = [event.sequence for event in told if event.subject == subject]
        assert numbers == list(range(1, len(numbers) + 1))
    caller = ScriptedCaller()
    deliver_callbacks(office, caller)
    called = [one.event.event_id for one in caller.calls if one.url == endpoint.url]
    assert sorted(called) == sorted(event.event_id for event in told)
