"""The figures of the 电力营商环境: how long customers wait, against what was promised.

Decides which time is measured: from the day the application was recorded to the day the
contract was executed, or the power was on, by the server's clock in Beijing; the first day is
not counted. Contracts whose application was never recorded are counted apart, never guessed.
A promise is compared in its own unit: the Zhejiang paper promises days, the Weihai paper
working days. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from contracts_chain.agreements.process_steps import ProcessStep
from contracts_chain.agreements.service_levels import DayUnit, ServiceLevels, Target, service_levels
from contracts_chain.agreements.working_days import WorkingCalendar, house_calendar
from contracts_chain.workflows.deadline_ports import FigureRow, StageRow, StepRow
from contracts_chain.workflows.deadlines import orders_in_progress
from contracts_chain.workflows.office import Office
from kernel.clock import BEIJING

__all__ = ["Figures", "Promise", "figures_of"]

_YEARS_BACK: Final = 15
_YEARS_AHEAD: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promised average beside the average reached, in the unit of the promise; ``None`` without cases."""

    target: Target
    reached: Decimal | None
    count: int

    @property
    def kept(self) -> bool | None:
        """Whether the average is within the promise; ``None`` without cases."""
        return None if self.reached is None else self.reached <= self.target.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that the dashboard shows, counted at one moment.

    Attributes:
        taken_utc: When it was counted.
        signature: From application to the executed contract.
        power: From application to power.
        undated: Executed contracts without a recorded application, not counted.
        overdue_orders: Orders with an overdue step.
        overdue_steps: Overdue steps.
    """

    province: ServiceLevels
    taken_utc: datetime
    signature: tuple[FigureRow, ...]
    power: tuple[FigureRow, ...]
    promises: tuple[Promise, ...]
    standing_at: tuple[StepRow, ...]
    stages: tuple[StageRow, ...]
    undated: int
    overdue_orders: int
    overdue_steps: int

    def rows(self, span: tuple[FigureRow, ...], cut: str) -> tuple[FigureRow, ...]:
        """The rows of one cut; groups without a name left out."""
        return tuple(row for row in span if row.cut == cut and (row.value or cut == "all"))


def figures_of(office: Office, province: str) -> Figures:
    """Count everything for one province.

    Raises:
        PackagedFileBrokenError: The file of its service levels is broken.
    """
    now, levels, calendar = office.clock.now(), service_levels(province), house_calendar()
    days = _days(calendar, now.astimezone(BEIJING).date())
    overdue = [
        progress.overdue
        for progress in orders_in_progress(office, finished_within=timedelta(0))
        if (progress.facts.province or province) == province
    ]
    with office.work() as work:
        signature, power = (
            work.figures.spans(
                ends, province=province, working_days=days, provisional_from=calendar.provisional_from
            )
            for ends in (ProcessStep.CONTRACT_EXECUTED, ProcessStep.ENERGISED)
        )
        return Figures(
            province=levels,
            taken_utc=now,
            signature=signature,
            power=power,
            promises=tuple(_promise(target, power) for target in levels.targets),
            standing_at=work.figures.standing_at(province),
            stages=work.figures.stages(province),
            undated=work.figures.undated(province),
            overdue_orders=sum(1 for clocks in overdue if clocks),
            overdue_steps=sum(len(clocks) for clocks in overdue),
        )


def _days(calendar: WorkingCalendar, today: date) -> tuple[date, ...]:
    first = today - timedelta(days=365 * _YEARS_BACK)
    return calendar.working_days(first, today + timedelta(days=365 * _YEARS_AHEAD))


def _promise(target: Target, power: tuple[FigureRow, ...]) -> Promise:
    own = next((row for row in power if (row.cut, row.value) == ("group", target.group.value)), None)
    if own is None:
        return Promise(target=target, reached=None, count=0)
    in_days = target.unit is DayUnit.CALENDAR
    return Promise(target=target, reached=own.average_calendar if in_days else own.average, count=own.count)
