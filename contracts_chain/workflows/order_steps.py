"""One order's steps in one line: milestones as recorded, contract events as the agreements tell them.

Decides how trail, slots and checkpoints read as steps, what the order is (province, district,
works; a signed service compact speaks first), and which steps bear a mark for the audit of
reference K6. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_steps import (
    MILESTONES,
    PRESUPPOSED,
    GridProjectType,
    ProcessStep,
    Step,
)
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.service_compact import ServiceCompactTerms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import WorkingCalendar
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.deadline_ports import AgreementEvents, MilestoneFile
from kernel.canonical_json import JsonObject, parse_json
from kernel.clock import parse_utc

__all__ = ["Mark", "MarkKind", "OrderFacts", "facts_of", "marks_of", "steps_of"]

_T = TypeVar("_T")
_GRACE_DAYS: Final = 1
"""A step recorded more working days than this after its stated day bears a mark."""
_EVENTS: Final = {
    TrailEventKind.DRAFTED.value: ProcessStep.CONTRACT_DRAFTED,
    TrailEventKind.REVIEWED.value: ProcessStep.CONTRACT_SUBMITTED,
    TrailEventKind.APPROVED.value: ProcessStep.CONTRACT_APPROVED,
    TrailEventKind.OFFERED.value: ProcessStep.CONTRACT_OFFERED,
    TrailEventKind.QUESTION_ASKED.value: ProcessStep.QUESTION_ASKED,
    TrailEventKind.QUESTION_ANSWERED.value: ProcessStep.QUESTION_ANSWERED,
}
_NOT_SIGNED: Final = frozenset({AgreementState.REJECTED, AgreementState.WITHDRAWN, AgreementState.LAPSED})


class MarkKind(Coded):
    """Why a step is shown to the auditors."""

    RECORDED_LATE = ("recorded_late", "事后补录")
    SKIPPED = ("skipped", "未见前序环节")
    OFF_SYSTEM = ("off_system", "体外流转")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A sign that a step was taken outside the system.

    Attributes:
        step: The step that bears it.
        kind: Why.
        days: Working days between the stated day and the recording; 0 for the other kinds.
        missing: The step that should have come before; ``None`` for the other kinds.
    """

    step: Step
    kind: MarkKind
    days: int = 0
    missing: ProcessStep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What the order is.

    Attributes:
        works_days: Working days for the works by the signed compact; ``None`` without one.
        customer_completes_on: Day by which works of 35 and 110 kV are due: the customer's own
            completion, or the day that the signed compact names.
    """

    province: str
    district: str
    works: GridProjectType | None
    works_days: int | None = None
    customer_completes_on: date | None


def steps_of(milestones: Sequence[MilestoneFile], agreements: Sequence[AgreementEvents]) -> tuple[Step, ...]:
    """All steps of one order, oldest first; of steps of one moment, milestones come first."""
    found = [_milestone(one) for one in milestones]
    for agreement in agreements:
        found += _contract_steps(agreement)
    return tuple(sorted(found, key=lambda step: step.at))


def facts_of(milestones: Sequence[MilestoneFile], agreements: Sequence[AgreementEvents]) -> OrderFacts:
    """What the order is: by its signed service compact, else by the newest word of the milestones."""
    provinces = [one.province for one in agreements] + [one.province for one in milestones]
    compact = _newest(_compact(one.compact) for one in agreements)
    works = _newest(one.project_type for one in milestones)
    completes_on = _newest(one.customer_completes_on for one in milestones)
    return OrderFacts(
        province=_newest(provinces) or "",
        district=_newest(one.district for one in milestones) or "",
        works=works if compact is None else compact.grid_project_type,
        works_days=None if compact is None else compact.working_days,
        customer_completes_on=completes_on if compact is None else compact.completion_date,
    )


def _compact(terms: bytes | None) -> ServiceCompactTerms | None:
    held = None if terms is None else load_terms(terms)
    return held if isinstance(held, ServiceCompactTerms) else None


def marks_of(steps: Sequence[Step], calendar: WorkingCalendar) -> tuple[Mark, ...]:
    """Marks in the order of the steps; an order without any milestone is not watched and has none."""
    first_of: dict[ProcessStep, datetime] = {}
    for step in steps:
        first_of.setdefault(step.kind, step.at)
    if not MILESTONES & set(first_of):
        return ()
    return tuple(mark for step in steps for mark in _marks_on(step, first_of, calendar))


def _marks_on(
    step: Step, first_of: Mapping[ProcessStep, datetime], calendar: WorkingCalendar
) -> Iterable[Mark]:
    if step.kind is ProcessStep.OFF_SYSTEM_FOUND:
        yield Mark(step=step, kind=MarkKind.OFF_SYSTEM)
    if step.happened_on is not None:
        days = calendar.working_days_between(step.happened_on, step.day)
        if days > _GRACE_DAYS:
            yield Mark(step=step, kind=MarkKind.RECORDED_LATE, days=days)
    before = PRESUPPOSED.get(step.kind)
    if before is not None and (before not in first_of or first_of[before] > step.at):
        yield Mark(step=step, kind=MarkKind.SKIPPED, missing=before)


def _milestone(one: MilestoneFile) -> Step:
    return Step(
        kind=one.kind,
        at=one.recorded_utc,
        subject=one.order_no,
        actor=one.actor,
        channel=one.channel,
        happened_on=one.happened_on,
    )


def _contract_steps(agreement: AgreementEvents) -> list[Step]:
    events = [event for event in map(parse_json, agreement.lines) if isinstance(event, dict)]
    steps = [step for event in events for step in _from_trail(agreement.number, event)]
    last = str(events[-1]["occurred_utc"]) if events else ""
    ended = parse_utc(last) if last and agreement.state in _NOT_SIGNED else None
    for kind, moment in (
        (ProcessStep.OTHERS_SIGNED, agreement.others_signed_utc),
        (ProcessStep.UTILITY_SIGNED, agreement.utility_signed_utc),
        (ProcessStep.CONTRACT_EXECUTED, agreement.executed_utc),
        (ProcessStep.CONTRACT_ANCHORED, agreement.anchored_utc),
        (ProcessStep.CONTRACT_ENDED, ended),
    ):
        if moment is not None:
            at = moment.replace(microsecond=0)
            steps.append(Step(kind=kind, at=at, subject=agreement.number, actor=""))
    return steps


def _from_trail(number: str, event: JsonObject) -> list[Step]:
    kind, details = _EVENTS.get(str(event["event"])), event["details"]
    renewed = isinstance(details, dict) and "link_renewed_for" in details
    if kind is None or renewed:
        return []
    at = parse_utc(str(event["occurred_utc"]))
    return [Step(kind=kind, at=at, subject=number, actor=str(event["actor"]))]


def _newest(values: Iterable[_T | None]) -> _T | None:
    return next((value for value in reversed(list(values)) if value), None)
