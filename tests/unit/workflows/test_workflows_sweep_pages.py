"""However many wait at the head of a sweep, those behind them have their turn."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from life_behaviour import DAY, TODAY, agreement, span
from memory_office import MORNING, MemoryOffice, memory_office

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows.expire import remind_of_expiry
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.settle import settle_changes


def opened(world: MemoryOffice, count: int) -> None:
    plain = ChangeFile(
        number="N",
        order_no="",
        kind="successor",
        trigger="capacity_increase",
        plan=b"{}",
        follower="M",
        state="open",
        opened_by="clerk",
        opened_utc=MORNING,
    )
    with world.office.work() as work:
        for at in range(count):
            work.life.open_change(replace(plain, order_no=f"ORDER-{at}"))
        work.commit()


def test_every_open_change_is_looked_at_a_page_at_a_time() -> None:
    world, looked_at = memory_office(), list[str]()
    opened(world, 5)

    def waits_but_the_last(_: Office, change: ChangeFile) -> bool:
        looked_at.append(change.order_no)
        return change.order_no == "ORDER-4"

    with patch("contracts_chain.workflows.settle._attempt", waits_but_the_last):
        assert settle_changes(world.office, most=2) == 1
    assert looked_at == [f"ORDER-{at}" for at in range(5)]


def ending(world: MemoryOffice, *days: int) -> None:
    """Contracts in force that end so many days from now."""
    with world.office.work() as work:
        for left in days:
            number = f"N{left:02}"
            work.agreements.add(agreement(number, AgreementState.IN_FORCE))
            work.life.add_span(span(number, TODAY - DAY, TODAY + left * DAY))
        work.commit()


def test_more_ends_than_one_turn_takes_all_have_their_reminder_once() -> None:
    world = memory_office()
    ending(world, 0, 20, 30, 31, 60, 61, 88, 90, 91)
    turns = [remind_of_expiry(world.office, most=2) for _ in range(4)]
    assert turns == [2 + 2 + 2, 1 + 0 + 1, 0, 0]
    sent = sorted((number, days) for number, _, days in world.tables.life.reminders)
    wide = {"N00": 30, "N20": 30, "N30": 30, "N31": 60, "N60": 60, "N61": 90, "N88": 90, "N90": 90}
    assert sent == sorted((number, days) for number in wide for days in (30, 60, 90) if days >= wide[number])
