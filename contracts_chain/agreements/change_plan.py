"""Whether a change may be made now, and what has to be done for it.

Dates and figures are judged by ``change_conditions``; what the system cannot see (debts,
adjoining addresses, one receiving device) a clerk declares, and the declaration is kept
with the plan. Every condition that fails is named at once, with the way out. Must never
treat a missing declaration as true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts_chain.agreements.change_conditions import COMPUTED
from contracts_chain.agreements.change_request import (
    Asked,
    ChangeRefusedError,
    ChangeRequest,
    ChangeStanding,
    DeclaredFact,
    Unmet,
    WorkingDays,
)
from contracts_chain.agreements.change_triggers import ChangeEffect, ChangeTrigger, Condition, Judged, row_of

__all__ = ["ChangePlan", "plan_change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """A change that may be made.

    Attributes:
        provisional: The State has not decreed all days that were counted yet; count again later.
    """

    number: str
    trigger: ChangeTrigger
    effect: ChangeEffect
    applied_on: date
    effective_on: date
    until: date | None
    declared: tuple[DeclaredFact, ...]
    provisional: bool


def plan_change(
    standing: ChangeStanding, trigger: ChangeTrigger, request: ChangeRequest, calendar: WorkingDays
) -> ChangePlan:
    """Hold a change against the conditions of its row.

    Raises:
        ChangeRefusedError: Any condition fails or is not declared; each with its way out.
    """
    row = row_of(trigger)
    asked = Asked(standing=standing, request=request, calendar=calendar)
    unmet = (*_order(request), *(found for one in row.conditions for found in _judged(one, asked)))
    if unmet:
        raise ChangeRefusedError(standing.number, trigger, unmet)
    known = {one.id for one in row.conditions}
    return ChangePlan(
        number=standing.number,
        trigger=trigger,
        effect=row.effect,
        applied_on=request.applied_on,
        effective_on=request.effective_on,
        until=request.until,
        declared=tuple(fact for fact in request.declared if fact.condition in known),
        provisional=calendar.any_provisional(request.applied_on, request.effective_on),
    )


def _order(request: ChangeRequest) -> Iterator[Unmet]:
    if request.effective_on < request.applied_on:
        yield Unmet(
            condition="CH-DATES",
            en=f"the change would take effect on {request.effective_on}, before it was applied for on "
            f"{request.applied_on}; give a later day",
            zh=f"生效日 {request.effective_on} 早于申请日 {request.applied_on}；请改为申请日之后",
        )


def _judged(condition: Condition, asked: Asked) -> Iterator[Unmet]:
    if condition.judged is Judged.COMPUTED:
        yield from COMPUTED[condition.id](condition, asked)
        return
    fact = next((one for one in asked.request.declared if one.condition == condition.id), None)
    if fact is None or not fact.basis.strip():
        yield Unmet(
            condition=condition.id,
            en=f"nobody declared that {condition.en}; check it and declare it with its basis",
            zh=f"尚未确认“{condition.zh}”；请核实后注明依据再提交",
        )
    elif not fact.holds:
        yield Unmet(
            condition=condition.id,
            en=f"it is declared not to hold that {condition.en}; settle it first, or ask for another change",
            zh=f"经确认不符合“{condition.zh}”；请先办结该事项，或改办其他业务",
        )
