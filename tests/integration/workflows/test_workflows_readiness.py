"""``ready_to_energise``: everything that is missing is named, and the event goes out once."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from workflows_desk import fresh_order_no, sample_order
from workflows_life import formed, later, told

from api.house import House
from api.ready_command import ready_to_energise
from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.readiness import (
    AgreementFacts,
    OrderFactKind,
    OrderFacts,
    judge_readiness,
)
from contracts_chain.agreements.terms import HvSupplyTerms
from contracts_chain.agreements.terms.commercial import PublishedFee
from contracts_chain.agreements.terms_json import Order
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_order
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.readiness import announce_ready, readiness, record_fact
from contracts_chain.workflows.standing import beijing_day

READY = ProcessEventKind.READY_TO_ENERGISE


def order_of(office: Office, *, supply_only: bool = False) -> tuple[Order, tuple[AgreementDossier, ...]]:
    order = sample_order(fresh_order_no())
    chosen = order.agreements[:1] if supply_only else order.agreements
    order = replace(order, agreements=chosen)
    return order, draft_order(office, order, drafted_by="drafter")


def codes(office: Office, order_no: str) -> list[str]:
    return [one.code for one in readiness(office, order_no).missing]


def signed(office: Office, dossier: AgreementDossier) -> AgreementDossier:
    return formed(office, dossier.number)


def test_an_order_is_ready_when_its_last_agreement_is_executed_and_says_so_once(office: Office) -> None:
    order, (supply, dispatch) = order_of(office)
    assert codes(office, order.order_no) == ["agreement_not_executed", "agreement_not_executed"]
    signed(office, supply)
    announce_ready(office)
    assert codes(office, order.order_no) == ["agreement_not_executed"]
    assert readiness(office, order.order_no).missing[0].subject == dispatch.number
    signed(office, dispatch)
    answer = readiness(office, order.order_no)
    assert (answer.ready, answer.missing, answer.announced_utc) == (True, (), None)
    threads = [threading.Thread(target=announce_ready, args=(office,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    announce_ready(office)
    assert len(told(office, READY, order.order_no)) == 1
    assert readiness(office, order.order_no).announced_utc is not None


def test_two_signers_who_finish_together_cause_one_event(office: Office) -> None:
    order, drafts = order_of(office)

    def finish(dossier: AgreementDossier) -> None:
        formed(office, dossier.number)
        announce_ready(office)

    threads = [threading.Thread(target=finish, args=(one,)) for one in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    announce_ready(office)
    assert readiness(office, order.order_no).ready
    assert len(told(office, READY, order.order_no)) == 1


def test_an_agreement_stated_before_a_look_and_committed_after_it_still_makes_the_order_ready(
    office: Office,
) -> None:
    order, (supply, dispatch) = order_of(office)
    signed(office, supply)
    stated = office.clock.now()
    announce_ready(office)
    formed(later(office, seconds=(stated - office.clock.now()).total_seconds()), dispatch.number)
    announce_ready(office)
    assert len(told(office, READY, order.order_no)) == 1


def test_a_customer_at_35_kv_needs_a_dispatch_agreement_though_none_was_drafted(office: Office) -> None:
    order, (supply,) = order_of(office, supply_only=True)
    signed(office, supply)
    announce_ready(office)
    missing = readiness(office, order.order_no).missing
    assert [(one.code, one.subject) for one in missing] == [("agreement_not_drafted", "GRID_DISPATCH")]
    assert told(office, READY, order.order_no) == []


def test_papers_that_the_terms_lack_are_recorded_and_then_no_longer_missing(office: Office) -> None:
    order = sample_order(fresh_order_no())
    supply, dispatch = order.agreements
    assert isinstance(supply, HvSupplyTerms)
    fee = PublishedFee(name="高可靠性供电费", basis="浙江省定价目录")
    order = replace(order, agreements=(replace(supply, other_fees=(fee,)), dispatch))
    drafts = draft_order(office, order, drafted_by="drafter")
    for one in drafts:
        signed(office, one)
    assert codes(office, order.order_no) == ["fees_settled_missing"]
    answer = record_fact(
        office,
        order.order_no,
        OrderFactKind.FEES_SETTLED,
        reference="SK-2026-12",
        document_sha256=None,
        by="desk",
    )
    assert answer.ready
    assert answer.announced_utc is not None
    assert len(told(office, READY, order.order_no)) == 1


def test_an_agreement_formed_after_the_agreed_connection_day_is_not_connected(office: Office) -> None:
    yesterday = beijing_day(office.clock.now()) - timedelta(days=1)
    order = sample_order(fresh_order_no())
    facts = tuple(
        AgreementFacts(
            number=terms.KIND.value,
            kind=terms.KIND,
            state=AgreementState.EXECUTED,
            executed_on=yesterday + timedelta(days=1),
            terms=replace(terms, **{field: yesterday}),
        )
        for terms, field in zip(order.agreements, ("supply_start", "first_sync_date"), strict=True)
    )
    found = judge_readiness(OrderFacts(order_no=order.order_no, agreements=facts, recorded=frozenset()))
    assert [one.code for one in found] == ["formed_after_connection_date"] * 2


def test_an_order_nobody_drafted_for_is_unknown(office: Office) -> None:
    with pytest.raises(UnknownNumberError):
        readiness(office, "NOBODY")


def test_the_command_answers_beside_the_running_house(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONTRACTS_CHAIN_DATA_DIR", str(house.settings.data_dir))
    order, drafts = order_of(house.office)
    assert ready_to_energise(order.order_no, as_json=False) == 20
    told = capsys.readouterr().out
    assert "缺 2 项" in told
    assert drafts[1].number in told
    for one in drafts:
        signed(house.office, one)
    assert ready_to_energise(order.order_no, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True
