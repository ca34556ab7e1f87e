"""Milestones and clocks on a real house: the server's time, contract events unasked, one reminder a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from workflows_desk import Phones, drafted, fresh_order_no, offered, sign_as

from contracts_chain.agreements.process_steps import ProcessStep
from contracts_chain.agreements.service_levels import ClockState
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.deadline_ports import MilestoneFile
from contracts_chain.workflows.deadlines import (
    AlreadyRemindedError,
    ClockNotRunningError,
    deadlines_of,
    orders_in_progress,
    progress_of,
    remind,
)
from contracts_chain.workflows.deliver import deliver_outbox
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.figures import figures_of
from contracts_chain.workflows.milestones import (
    MilestoneKeyTakenError,
    NoMilestoneError,
    StatedDayAheadError,
    record_milestone,
)
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.clock import FixedClock

MONDAY = datetime(2026, 11, 16, 2, 0, 0, 500, tzinfo=UTC)


def at(office: Office, moment: datetime) -> Office:
    return replace(office, clock=FixedClock(moment))


def sent(order_no: str, kind: ProcessStep = ProcessStep.APPLICATION_RECEIVED, key: str = "") -> MilestoneFile:
    return MilestoneFile(
        order_no=order_no, key=key or kind.value, kind=kind, recorded_utc=MONDAY, actor="drafter"
    )


def signed_compact(office: Office, order_no: str) -> AgreementDossier:
    content = (files("contracts_chain.agreements.samples") / "service_compact.json").read_bytes()
    terms = replace(load_terms(content), sign_by=date(2026, 12, 24))
    return signed(office, draft_agreement(office, terms, order_no=order_no, drafted_by="drafter").number)


def signed_order(office: Office, order_no: str) -> AgreementDossier:
    return signed(office, drafted(office, order_no).number)


def signed(office: Office, number: str) -> AgreementDossier:
    submit_for_review(office, number, by="drafter")
    approve(office, number, reviewer="reviewer")
    links = offer(office, number, by="reviewer").tokens
    sign_as(office, links["consumer"])
    return sign_as(office, links["supplier"])


def test_a_milestone_carries_the_servers_time_whatever_the_caller_sent(office: Office) -> None:
    order_no = fresh_order_no()
    told = replace(sent(order_no), recorded_utc=MONDAY - timedelta(days=90), happened_on=date(2026, 11, 2))
    kept = record_milestone(at(office, MONDAY), told)
    assert (kept.recorded_utc, kept.happened_on) == (MONDAY.replace(microsecond=0), date(2026, 11, 2))
    (clock,) = deadlines_of(at(office, MONDAY), order_no)
    assert clock.due == date(2026, 11, 23)


def test_recording_twice_under_one_key_keeps_the_first_time(office: Office) -> None:
    order_no = fresh_order_no()
    first = record_milestone(at(office, MONDAY), sent(order_no))
    assert record_milestone(at(office, MONDAY + timedelta(days=2)), sent(order_no)) == first
    with pytest.raises(MilestoneKeyTakenError):
        record_milestone(office, replace(sent(order_no), note="另一条"))


def test_a_day_to_come_is_refused_and_nothing_is_kept(office: Office) -> None:
    order_no = fresh_order_no()
    with pytest.raises(StatedDayAheadError):
        record_milestone(at(office, MONDAY), replace(sent(order_no), happened_on=date(2026, 11, 17)))
    with pytest.raises(UnknownNumberError):
        progress_of(office, order_no)


def test_a_contract_event_cannot_be_recorded_by_hand(office: Office) -> None:
    with pytest.raises(NoMilestoneError):
        record_milestone(office, sent(fresh_order_no(), ProcessStep.CONTRACT_EXECUTED))


def test_contract_events_are_there_without_anybody_typing_them(office: Office) -> None:
    dossier = signed_order(office, fresh_order_no())
    progress = progress_of(office, dossier.order_no)
    kinds = [step.kind for step in progress.steps if step.kind is not ProcessStep.CONTRACT_ANCHORED]
    assert kinds == [
        ProcessStep.CONTRACT_DRAFTED,
        ProcessStep.CONTRACT_SUBMITTED,
        ProcessStep.CONTRACT_APPROVED,
        ProcessStep.CONTRACT_OFFERED,
        ProcessStep.OTHERS_SIGNED,
        ProcessStep.UTILITY_SIGNED,
        ProcessStep.CONTRACT_EXECUTED,
    ]
    assert {clock.level.id: clock.state for clock in progress.clocks} == {
        "SL-CUSTOMER-SIGNS": ClockState.DONE,
        "SL-UTILITY-SIGNS": ClockState.DONE,
    }
    assert progress.facts.province == "ZJ"


def test_the_works_are_due_as_the_signed_compact_says(office: Office) -> None:
    order_no = fresh_order_no()
    record_milestone(at(office, MONDAY), sent(order_no, ProcessStep.ADMIN_APPROVED))
    assert [clock.level.id for clock in deadlines_of(office, order_no)] == ["SL-START"]
    signed_compact(office, order_no)
    works = {clock.level.id: clock for clock in deadlines_of(office, order_no)}["SL-WORKS-KV10-CIVIL"]
    assert (works.due, works.level.shown_source) == (date(2026, 12, 28), "已签订的服务契约")
    assert works.provisional


def test_an_overdue_step_is_listed_until_it_is_taken(office: Office) -> None:
    order_no = fresh_order_no()
    record_milestone(at(office, MONDAY), sent(order_no))
    later = at(office, MONDAY + timedelta(days=10))

    def overdue() -> list[str]:
        own = (order for order in orders_in_progress(later) if order.order_no == order_no)
        return [clock.level.id for order in own for clock in order.overdue]

    assert overdue() == ["SL-SCHEME"]
    record_milestone(later, sent(order_no, ProcessStep.SCHEME_REPLIED))
    assert overdue() == []


def test_the_staff_are_reminded_once_a_day_and_again_on_the_next(office: Office) -> None:
    order_no = fresh_order_no()
    record_milestone(at(office, MONDAY), sent(order_no))
    later = MONDAY + timedelta(days=10)
    deliver_outbox(office, Phones())
    remind(at(office, later), order_no, "SL-SCHEME", order_no, by="reviewer")
    with pytest.raises(AlreadyRemindedError):
        remind(at(office, later + timedelta(hours=3)), order_no, "SL-SCHEME", order_no, by="drafter")
    remind(at(office, later + timedelta(days=1)), order_no, "SL-SCHEME", order_no, by="drafter")
    phones = Phones()
    deliver_outbox(office, phones)
    first, second = phones.texts
    assert order_no in first
    assert "期限 11月23日 周一，已超期 3 个工作日" in first
    assert "已超期 4 个工作日" in second


def test_a_customer_is_reminded_at_the_signers_phone_in_the_customers_words(office: Office) -> None:
    dossier = offered(office).dossier
    remind(office, dossier.order_no, "SL-CUSTOMER-SIGNS", dossier.number, by="supplier-desk")
    heard: list[tuple[str, str]] = []

    class Gateway:
        def send(self, phone: str, text: str) -> None:
            heard.append((phone, text))

    deliver_outbox(office, Gateway())
    signer = load_terms(dossier.terms).party("consumer").signer
    assert [phone for phone, text in heard if dossier.number in text] == [signer.phone]
    assert "签署码" not in heard[-1][1]


def test_a_clock_that_does_not_run_reminds_nobody(office: Office) -> None:
    dossier = drafted(office)
    with pytest.raises(ClockNotRunningError):
        remind(office, dossier.order_no, "SL-CUSTOMER-SIGNS", dossier.number, by="drafter")
    with pytest.raises(UnknownNumberError):
        remind(office, fresh_order_no(), "SL-SCHEME", "X", by="drafter")


def test_the_figures_count_a_contract_from_its_recorded_application(office: Office) -> None:
    before = figures_of(office, "ZJ")
    order_no = fresh_order_no()
    record_milestone(office, replace(sent(order_no), district=order_no))
    dossier = signed_order(office, order_no)
    record_milestone(office, sent(order_no, ProcessStep.ENERGISED))
    after = figures_of(office, "ZJ")
    own = [row for row in after.rows(after.signature, "district") if row.value == order_no]
    assert [row.count for row in own] == [1]
    assert (dossier.order_no, after.undated) == (order_no, before.undated)
    assert after.promises[0].count >= 1
