"""A change given up while its paper is drawn stays given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from memory_office import MORNING, MemoryOffice, memory_office, paperless, sample

from contracts_chain.workflows.amend import draft_follower
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.life_errors import NoChangeError
from contracts_chain.workflows.life_files import ChangeFile

ORDER = "ORDER-2"


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


def changing(world: MemoryOffice) -> str:
    """Number of a contract that another is to follow."""
    number = world.draft()
    change = ChangeFile(
        number=number,
        order_no=ORDER,
        kind="successor",
        trigger="capacity_increase",
        plan=b"{}",
        state="open",
        opened_by="clerk",
        opened_utc=MORNING,
    )
    with world.office.work() as work:
        work.life.open_change(change)
        work.commit()
    return number


def change_of(world: MemoryOffice, number: str) -> ChangeFile:
    with world.office.work() as work:
        (change,) = work.life.changes_of(number)
    return change


def test_the_paper_of_an_open_change_is_kept_with_it(world: MemoryOffice) -> None:
    number = changing(world)
    drafted = draft_follower(world.office, number, sample(), order_no=ORDER, by="clerk")
    assert (change_of(world, number).state, change_of(world, number).follower) == ("open", drafted.number)


def test_a_change_given_up_while_its_paper_is_drawn_is_not_opened_again(world: MemoryOffice) -> None:
    number = changing(world)

    def drawn_too_late(*given: Any, **named: Any) -> Any:
        drafted = draft_agreement(*given, **named)
        with world.office.work() as work:
            work.life.save_change(replace(change_of(world, number), state="abandoned", closed_utc=MORNING))
            work.commit()
        return drafted

    drawing = patch("contracts_chain.workflows.amend.draft_agreement", drawn_too_late)
    with drawing, pytest.raises(NoChangeError):
        draft_follower(world.office, number, sample(), order_no=ORDER, by="clerk")
    assert (change_of(world, number).state, change_of(world, number).follower) == ("abandoned", None)
