"""Service levels as data, and the clocks they start (reference C18, C19, I16, I17, K1–K4).

Decides, from the steps of an order, which clocks ran, when each was due, and by how many
working days it is overdue. Figures stand in ``rules/service_levels_*.toml``, one file a
province, each with its source; they are company commitments, not law.

Counting: a clock starts on the Beijing day of the server's time of its first step and runs
in working days from the next day on. While the order waits for the customer it stands still:
the due day moves by the working days of the wait. A wait that begins after the due day no
longer helps. Must never use a day that a caller only stated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

from contracts_chain.agreements.process_steps import GridProjectType, ProcessStep, Step, VoltageGroup
from contracts_chain.agreements.rules.finding import Confidence
from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.typed_toml import typed_resource
from contracts_chain.agreements.working_days import WorkingCalendar

__all__ = [
    "PROVINCES",
    "Clock",
    "ClockState",
    "DayUnit",
    "OnWhom",
    "Pause",
    "ServiceLevel",
    "ServiceLevels",
    "StageLimit",
    "Target",
    "clocks_of",
    "service_levels",
]

_PACKAGE: Final = "contracts_chain.agreements.rules"
_FILES: Final = {"ZJ": "service_levels_zhejiang.toml", "SD": "service_levels_shandong.toml"}
_HOUSE_PROVINCE: Final = "ZJ"
_COMPACT: Final = "已签订的服务契约"
PROVINCES: Final = tuple(_FILES)
"""Provinces with promises of their own, the house's first."""


class OnWhom(Coded):
    """Whose turn it is while a clock runs."""

    SUPPLIER = ("SUPPLIER", "供电方")
    CUSTOMER = ("CUSTOMER", "客户")


class DayUnit(Coded):
    """How a promise counts: the Zhejiang paper says days, the Weihai paper working days."""

    CALENDAR = ("CALENDAR", "天")
    WORKING = ("WORKING", "个工作日")

    @property
    def noun(self) -> str:
        """The unit without its measure word: 天, 工作日."""
        return self.zh.removeprefix("个")


class ClockState(Coded):
    """How a clock stands."""

    RUNNING = ("running", "办理中")
    PAUSED = ("paused", "等待客户，暂停计时")
    UNDATED = ("undated", "期限待定")
    OVERDUE = ("overdue", "已超期")
    DONE = ("done", "按期完成")
    DONE_LATE = ("done_late", "超期完成")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """From one step to another the clock stands still."""

    begins: ProcessStep
    ends: ProcessStep


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """One promise: from a step to a step within so many working days.

    Attributes:
        id: Stable, e.g. ``SL-SCHEME``.
        working_days: 0 for the same day; ``None`` where the customer's own day of completion is the limit.
        on_whom: Whose turn it is.
        by_agreement: Whether every agreement of the order has a clock of its own.
        repeats: Whether each start has its own end (questions), or one clock runs at a time.
        project_types: Runs for these kinds of works only; empty for all.
        source: Where the figure stands, as shown to people.
        confidence: ``unv`` is shown as 待核实, never under its source.
    """

    id: str
    zh: str
    en: str
    starts: ProcessStep
    ends: ProcessStep
    working_days: int | None = None
    on_whom: OnWhom = OnWhom.SUPPLIER
    by_agreement: bool = False
    repeats: bool = False
    project_types: tuple[GridProjectType, ...] = ()
    pauses: tuple[Pause, ...] = ()
    source: str
    confidence: Confidence

    @property
    def shown_source(self) -> str:
        """The source as people may see it."""
        return Confidence.UNVERIFIED.zh if self.confidence is Confidence.UNVERIFIED else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Promised average time from application to power (reference K1, K3)."""

    group: VoltageGroup
    days: int
    unit: DayUnit
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLimit:
    """Greatest number of stages a customer goes through, and the best case (reference K2–K4)."""

    group: VoltageGroup
    most: int
    best: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevels:
    """Everything one province promises."""

    province: str
    name: str
    levels: tuple[ServiceLevel, ...]
    targets: tuple[Target, ...]
    stages: tuple[StageLimit, ...]

    def works_days(self, works: GridProjectType) -> int | None:
        """Working days for the supporting works of a kind; ``None`` where the customer's day decides."""
        found = (level.working_days for level in self.levels if works in level.project_types)
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One run of one service level.

    Attributes:
        subject: Order or agreement it belongs to.
        started: The step that started it.
        due: Last day in time; ``None`` while no day can be named.
        done: The step that ended it, if it has ended.
        paused_days: Working days it stood still so far.
        overdue_days: Working days after the due day, up to the end or today; 0 if in time.
        provisional: Whether a day that was counted is not decreed yet.
    """

    level: ServiceLevel
    subject: str
    started: Step
    state: ClockState
    due: date | None = None
    done: Step | None = None
    paused_days: int = 0
    overdue_days: int = 0
    provisional: bool = False


@cache
def service_levels(province: str) -> ServiceLevels:
    """What a province promises; a province without a file of its own has the house's.

    Raises:
        PackagedFileBrokenError: The file is broken.
    """
    name = _FILES.get(province, _FILES[_HOUSE_PROVINCE])
    return typed_resource(ServiceLevels, _PACKAGE, name)


def clocks_of(
    levels: Sequence[ServiceLevel],
    steps: Sequence[Step],
    *,
    today: date,
    calendar: WorkingCalendar,
    works: GridProjectType | None = None,
    works_days: int | None = None,
    customer_completes_on: date | None = None,
) -> tuple[Clock, ...]:
    """Every clock that the steps started, in the order of levels and starts.

    Args:
        levels: The province's levels.
        steps: All steps of one order, oldest first, contract events included.
        today: The day in Beijing.
        calendar: Working days.
        works: Kind of the supporting works; levels for other kinds do not run.
        works_days: Working days for them by the signed service compact, in place of the level's.
        customer_completes_on: Day on which the customer's own works are complete, as last stated.
    """
    found: list[Clock] = []
    for level in levels:
        if level.project_types and works not in level.project_types:
            continue
        agreed = _as_agreed(level, works_days)
        for own in _by_subject(agreed, steps):
            for started, done, gone in _runs(agreed, own):
                if not gone:
                    clock = Clock(
                        level=agreed, subject=started.subject, started=started, done=done, state=_S.RUNNING
                    )
                    found.append(_judged(clock, own, today, calendar, customer_completes_on))
    return tuple(found)


def _as_agreed(level: ServiceLevel, works_days: int | None) -> ServiceLevel:
    """The level of the works as the signed compact has it: its days, under its name."""
    if not level.project_types or level.working_days is None or works_days is None:
        return level
    return replace(level, working_days=works_days, source=_COMPACT, confidence=Confidence.SECONDARY)


_S: Final = ClockState
_ENDS_ALL: Final = frozenset({ProcessStep.ORDER_CLOSED, ProcessStep.CONTRACT_ENDED})


def _by_subject(level: ServiceLevel, steps: Sequence[Step]) -> list[list[Step]]:
    if not level.by_agreement:
        return [[step for step in steps if step.kind is not ProcessStep.CONTRACT_ENDED]]
    subjects = dict.fromkeys(step.subject for step in steps if step.kind is level.starts)
    of_order = (ProcessStep.ORDER_CLOSED, ProcessStep.WAITING_FOR_CUSTOMER, ProcessStep.CUSTOMER_ANSWERED)
    return [[step for step in steps if step.subject == one or step.kind in of_order] for one in subjects]


def _runs(level: ServiceLevel, steps: Sequence[Step]) -> list[tuple[Step, Step | None, bool]]:
    """(start, end, whether it was called off) of each run."""
    open_starts: deque[Step] = deque()
    runs: list[tuple[Step, Step | None, bool]] = []
    for step in steps:
        if step.kind in _ENDS_ALL:
            runs += [(start, None, True) for start in open_starts]
            open_starts.clear()
        if step.kind is level.starts and (level.repeats or not open_starts):
            open_starts.append(step)
        elif step.kind is level.ends and open_starts:
            runs.append((open_starts.popleft(), step, False))
    return runs + [(start, None, False) for start in open_starts]


def _judged(
    clock: Clock, steps: Sequence[Step], today: date, calendar: WorkingCalendar, completes_on: date | None
) -> Clock:
    last = clock.done.day if clock.done else today
    due, paused_days, paused = _due(clock, steps, last, calendar, completes_on)
    if due is None:
        return replace(clock, state=_S.DONE if clock.done else _S.UNDATED)
    overdue = calendar.working_days_between(due, last) if last > due else 0
    return replace(
        clock,
        due=due,
        paused_days=paused_days,
        overdue_days=overdue,
        state=_state(clock, overdue, paused=paused),
        provisional=calendar.any_provisional(clock.started.day, max(due, last if overdue else due)),
    )


def _state(clock: Clock, overdue: int, *, paused: bool) -> ClockState:
    if clock.done:
        return _S.DONE_LATE if overdue else _S.DONE
    if overdue:
        return _S.OVERDUE
    return _S.PAUSED if paused else _S.RUNNING


def _due(
    clock: Clock, steps: Sequence[Step], last: date, calendar: WorkingCalendar, completes_on: date | None
) -> tuple[date | None, int, bool]:
    """Due day, working days stood still, and whether it stands still now."""
    start, allowed = clock.started.day, clock.level.working_days
    if allowed is None:
        return completes_on, 0, False
    paused_days, paused = 0, False
    for begin, end in _waits(clock, steps):
        if begin.day > calendar.add_working_days(start, allowed + paused_days):
            break
        paused = end is None and clock.done is None
        until = last if end is None else min(end.day, last)
        paused_days += max(0, calendar.working_days_between(begin.day, until))
    return calendar.add_working_days(start, allowed + paused_days), paused_days, paused


def _waits(clock: Clock, steps: Sequence[Step]) -> list[tuple[Step, Step | None]]:
    """Stretches of waiting within the run, each as one even where several reasons overlap."""
    begins = {pause.begins for pause in clock.level.pauses}
    ends = {pause.ends for pause in clock.level.pauses}
    waits: list[tuple[Step, Step | None]] = []
    depth, since = 0, clock.started
    for step in steps:
        outside = step.at < clock.started.at or (clock.done is not None and step.at > clock.done.at)
        if outside:
            continue
        if step.kind in begins:
            since = step if depth == 0 else since
            depth += 1
        elif step.kind in ends and depth:
            depth -= 1
            if depth == 0:
                waits.append((since, step))
    return [*waits, (since, None)] if depth else waits
