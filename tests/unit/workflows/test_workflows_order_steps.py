"""Steps of an order out of milestones and trails, and the marks that auditors look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.evidence.trail import Trail, TrailEventKind, append
from contracts_chain.workflows.deadline_ports import AgreementEvents, MilestoneFile
from contracts_chain.workflows.order_steps import MarkKind, facts_of, marks_of, steps_of
from kernel.canonical_json import JsonObject

MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)
NUMBER = "SGZJMZ00YXGY2600001"


def milestone(kind: ProcessStep, days: int = 0, **changes: object) -> MilestoneFile:
    plain = MilestoneFile(
        order_no="ORDER-1",
        key=f"{kind.value}-{days}",
        kind=kind,
        recorded_utc=MONDAY + timedelta(days=days),
        actor="drafter",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def agreement(*events: tuple[TrailEventKind, JsonObject], **changes: object) -> AgreementEvents:
    """An agreement with one trail line a day from Monday on."""
    trail: Trail = ()
    for days, (kind, details) in enumerate(events):
        at = MONDAY + timedelta(days=days)
        trail = append(trail, kind, occurred_utc=at, actor="drafter", details=details)
    plain = AgreementEvents(
        number=NUMBER,
        order_no="ORDER-1",
        kind="HV_SUPPLY",
        province="ZJ",
        state=AgreementState.DRAFT,
        executed_utc=None,
        lines=tuple(event.line() for event in trail),
        others_signed_utc=None,
        utility_signed_utc=None,
        anchored_utc=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_milestones_and_contract_events_stand_in_one_line_by_time() -> None:
    steps = steps_of(
        [milestone(ProcessStep.APPLICATION_RECEIVED, -1), milestone(ProcessStep.SCHEME_REPLIED, 1)],
        [agreement((TrailEventKind.DRAFTED, {}), (TrailEventKind.OFFERED, {}), (TrailEventKind.SHOWN, {}))],
    )
    assert [step.kind for step in steps] == [
        ProcessStep.APPLICATION_RECEIVED,
        ProcessStep.CONTRACT_DRAFTED,
        ProcessStep.SCHEME_REPLIED,
        ProcessStep.CONTRACT_OFFERED,
    ]
    assert [step.subject for step in steps] == ["ORDER-1", NUMBER, "ORDER-1", NUMBER]


def test_a_renewed_link_is_no_second_offer() -> None:
    steps = steps_of(
        [],
        [agreement((TrailEventKind.OFFERED, {}), (TrailEventKind.OFFERED, {"link_renewed_for": "consumer"}))],
    )
    assert [step.kind for step in steps] == [ProcessStep.CONTRACT_OFFERED]


def test_signatures_execution_and_anchor_come_from_the_agreement_itself() -> None:
    later = MONDAY + timedelta(hours=5, microseconds=7)
    steps = steps_of(
        [],
        [
            agreement(
                state=AgreementState.EXECUTED,
                others_signed_utc=MONDAY,
                utility_signed_utc=later,
                executed_utc=later,
                anchored_utc=later + timedelta(minutes=1),
            )
        ],
    )
    assert [step.kind for step in steps] == [
        ProcessStep.OTHERS_SIGNED,
        ProcessStep.UTILITY_SIGNED,
        ProcessStep.CONTRACT_EXECUTED,
        ProcessStep.CONTRACT_ANCHORED,
    ]
    assert all(step.at.microsecond == 0 for step in steps)


@pytest.mark.parametrize("state", [AgreementState.REJECTED, AgreementState.WITHDRAWN, AgreementState.LAPSED])
def test_a_contract_that_came_to_nothing_ends_with_its_last_line(state: AgreementState) -> None:
    steps = steps_of([], [agreement((TrailEventKind.OFFERED, {}), (TrailEventKind.SHOWN, {}), state=state)])
    assert (steps[-1].kind, steps[-1].at) == (ProcessStep.CONTRACT_ENDED, MONDAY + timedelta(days=1))


def test_the_newest_word_on_an_order_counts() -> None:
    facts = facts_of(
        [
            milestone(ProcessStep.APPLICATION_RECEIVED, district="鄞州区", project_type=GridProjectType.KV10),
            milestone(ProcessStep.SCHEME_REPLIED, 1, project_type=GridProjectType.KV10_CIVIL),
            milestone(ProcessStep.ADMIN_APPROVED, 2, customer_completes_on=date(2027, 1, 8)),
        ],
        [agreement(province="SD")],
    )
    assert (facts.province, facts.district) == ("SD", "鄞州区")
    assert (facts.works, facts.customer_completes_on) == (GridProjectType.KV10_CIVIL, date(2027, 1, 8))


def test_what_the_signed_compact_agreed_counts_before_any_milestone() -> None:
    compact = (files("contracts_chain.agreements.samples") / "service_compact.json").read_bytes()
    told = milestone(
        ProcessStep.APPLICATION_RECEIVED,
        project_type=GridProjectType.LV_BRANCH,
        customer_completes_on=date(2027, 1, 8),
    )
    facts = facts_of([told], [agreement(compact=compact)])
    assert (facts.works, facts.works_days) == (GridProjectType.KV10_CIVIL, 30)
    assert facts.customer_completes_on == date(2026, 11, 19)


def marks(*milestones: MilestoneFile, **changes: object) -> list[tuple[MarkKind, ProcessStep, int]]:
    agreements = [agreement((TrailEventKind.DRAFTED, {}), **changes)] if changes else []
    found = marks_of(steps_of(milestones, agreements), house_calendar())
    return [(mark.kind, mark.step.kind, mark.days) for mark in found]


def test_a_step_recorded_days_after_it_happened_bears_a_mark_that_says_how_many() -> None:
    late = milestone(ProcessStep.APPLICATION_RECEIVED, happened_on=date(2026, 11, 9))
    assert marks(late) == [(MarkKind.RECORDED_LATE, ProcessStep.APPLICATION_RECEIVED, 5)]


def test_a_step_of_friday_recorded_on_monday_is_in_order() -> None:
    assert marks(milestone(ProcessStep.APPLICATION_RECEIVED, happened_on=date(2026, 11, 13))) == []


def test_a_step_without_the_one_it_presupposes_bears_a_mark() -> None:
    found = marks(
        milestone(ProcessStep.APPLICATION_RECEIVED),
        milestone(ProcessStep.ACCEPTED, 2),
        milestone(ProcessStep.ACCEPTANCE_ASKED, 3),
    )
    assert found == [(MarkKind.SKIPPED, ProcessStep.ACCEPTED, 0)]


def test_power_before_the_contract_bears_a_mark() -> None:
    energised = (milestone(ProcessStep.APPLICATION_RECEIVED, -1), milestone(ProcessStep.ENERGISED, 1))
    assert marks(*energised) == [(MarkKind.SKIPPED, ProcessStep.ENERGISED, 0)]
    assert marks(*energised, executed_utc=MONDAY) == []
    assert marks(*energised, executed_utc=MONDAY + timedelta(days=2)) == [
        (MarkKind.SKIPPED, ProcessStep.ENERGISED, 0)
    ]


def test_what_a_clerk_found_outside_the_system_bears_a_mark() -> None:
    found = marks(milestone(ProcessStep.APPLICATION_RECEIVED), milestone(ProcessStep.OFF_SYSTEM_FOUND, 1))
    assert found == [(MarkKind.OFF_SYSTEM, ProcessStep.OFF_SYSTEM_FOUND, 0)]


def test_an_order_without_any_milestone_is_not_watched() -> None:
    assert marks(executed_utc=MONDAY) == []
