"""A unit of work in memory that refuses a move which no process event of the same commit tells.

Every agreement whose state or evidence a commit moves must have new events that lead, step by step,
from where it stood to where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fake_unit_of_work import FakeUnitOfWork, Tables
from memory_office import MemoryOffice

from contracts_chain.workflows.callback_files import ProcessEvent

__all__ = ["moves_of", "watched"]


class WatchingWork(FakeUnitOfWork):
    def commit(self) -> None:
        old, new = self._committed, self._open
        for number, dossier in new.agreements.items():
            before, told = old.agreements.get(number), new_events(old, new, number)
            for name, attribute in (("state", "state"), ("evidence", "evidence_state")):
                stood = None if before is None else getattr(before, attribute).value
                stands = getattr(dossier, attribute).value
                if before is None and not told:
                    continue  # written and not drawn yet: its first line tells of it
                assert reached(told, name, stood) == stands, (
                    f"{number}: {name} {stood} → {stands} is not told"
                )
        super().commit()


def watched(world: MemoryOffice, **changes: Any) -> MemoryOffice:
    """The office, each commit of it looked at."""
    work: Callable[[], WatchingWork] = lambda: WatchingWork(world.tables)  # noqa: E731 - as the office holds it
    world.office = replace(world.office, work=work, **changes)
    return world


def new_events(old: Tables, new: Tables, subject: str) -> list[ProcessEvent]:
    fresh = [one for name, one in new.callbacks.events.items() if name not in old.callbacks.events]
    return [one for one in fresh if one.subject == subject]


def reached(told: list[ProcessEvent], name: str, at: str | None) -> str | None:
    """Where the moves that the events name lead, from ``at``; each must begin where the last one ended."""
    for move in moves_of(told, name):
        assert move["before"] == at, f"a move from {move['before']} is told where {at} stood"
        at = move["after"]
    return at


def moves_of(told: list[ProcessEvent], name: str) -> Iterator[Mapping[str, Any]]:
    for event in told:
        move = event.change.get(name)
        if isinstance(move, Mapping):
            yield move
