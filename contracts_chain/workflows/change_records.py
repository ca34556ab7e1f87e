"""How a change is written down: its plan as canonical JSON, and the closing of it on the main contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from contracts_chain.agreements.change_plan import ChangePlan
from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.lifecycle import AgreementState, Deed, advance_agreement
from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import note_standing
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes

__all__ = ["close_change", "plan_bytes", "plan_json", "suspensions_of"]

_IN_CHANGE = (AgreementState.AMENDING, AgreementState.RENEWING)


def plan_bytes(plan: ChangePlan) -> bytes:
    """Canonical JSON of a plan; the clerk's declarations are part of it."""
    declared: list[JsonValue] = [
        {"basis": fact.basis, "condition": fact.condition, "holds": fact.holds} for fact in plan.declared
    ]
    return canonical_bytes(
        {
            "applied_on": plan.applied_on.isoformat(),
            "declared": declared,
            "effect": plan.effect.value,
            "effective_on": plan.effective_on.isoformat(),
            "provisional": plan.provisional,
            "trigger": plan.trigger.value,
            "until": None if plan.until is None else plan.until.isoformat(),
        }
    )


def plan_json(plan: bytes) -> JsonObject:
    """The stored plan as JSON.

    Raises:
        MalformedEvidenceError: The stored bytes are no plan.
    """
    return parse_object(plan, "plan")


def suspensions_of(changes: Sequence[ChangeFile]) -> tuple[tuple[date, date], ...]:
    """First and last days of the suspensions on record; one resumed early ends the day before."""
    spans: list[tuple[date, date]] = []
    for change in changes:
        plan = plan_json(change.plan)
        start = date.fromisoformat(str(plan["effective_on"]))
        if change.trigger == ChangeTrigger.SUSPEND.value:
            spans.append((start, date.fromisoformat(str(plan["until"]))))
        elif change.trigger == ChangeTrigger.RESUME.value and spans:
            spans[-1] = (spans[-1][0], min(spans[-1][1], start - timedelta(days=1)))
    return tuple(spans)


def close_change(
    work: UnitOfWork,
    dossier: AgreementDossier,
    change: ChangeFile,
    state: Literal["done", "abandoned"],
    *,
    at: datetime,
    actor: str,
    details: JsonObject,
) -> AgreementDossier:
    """Close a change; a main contract that waits for it returns to force. The caller commits.

    Raises:
        NotExecutedError: The main contract was never executed.
    """
    work.life.save_change(replace(change, state=state, closed_utc=at))
    facts: JsonObject = {"order_no": change.order_no, "status": f"change_{state}", "trigger": change.trigger}
    waits = dossier.state in _IN_CHANGE
    moved = advance_agreement(dossier.state, Deed.RESUME) if waits else dossier.state
    evidence = note_standing(work, dossier, to=moved, at=at, actor=actor, details={**facts, **details})
    return work.agreements.save(replace(dossier, state=moved, evidence_state=evidence))
