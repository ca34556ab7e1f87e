"""One agreement or order that a sweep cannot deal with keeps no other from its turn, and is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from agreement_ways import executed, offered
from life_behaviour import DAY, TODAY, agreement, span
from memory_office import MORNING, MemoryOffice, memory_office, paperless

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.workflows import expire, settle, status
from contracts_chain.workflows.errors import ClockWentBackError
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.rating import invite_ratings
from contracts_chain.workflows.readiness import announce_ready
from contracts_chain.workflows.remind import remind_signers

BAD, GOOD = "A-bad", "B-good"


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    with paperless():
        yield memory_office()


@contextmanager
def logged(caplog: pytest.LogCaptureFixture, *words: str) -> Iterator[None]:
    """One line of the worker's log with all these words."""
    with caplog.at_level(logging.ERROR, "contracts_chain.worker"):
        yield
    (line,) = caplog.messages
    assert all(word in line for word in words), line


def with_broken_terms(world: MemoryOffice, number: str) -> None:
    world.tables.agreements[number] = replace(world.tables.agreements[number], terms=b"{}")


def with_broken_trail(world: MemoryOffice, number: str) -> None:
    del world.tables.trails[number][0]


@pytest.mark.parametrize(
    ("breaking", "words"),
    [(with_broken_trail, ("whose turn", "trail_broken")), (with_broken_terms, ("be reminded", "terms"))],
    ids=["trail", "terms"],
)
def test_a_broken_agreement_keeps_no_other_party_from_being_reminded(
    world: MemoryOffice,
    caplog: pytest.LogCaptureFixture,
    breaking: Callable[[MemoryOffice, str], None],
    words: tuple[str, ...],
) -> None:
    bad, _ = (offered(world, f"ORDER-{at}").dossier.number for at in (1, 2))
    breaking(world, bad)
    world.clock.advance(timedelta(days=5))
    with logged(caplog, bad, *words):
        assert remind_signers(world.office, after_working_days=3) == 1


def test_an_agreement_that_lost_its_whole_trail_keeps_no_other_party_from_being_reminded(
    world: MemoryOffice,
) -> None:
    bad, _ = (offered(world, f"ORDER-{at}").dossier.number for at in (1, 2))
    world.tables.trails[bad].clear()
    world.clock.advance(timedelta(days=5))
    assert remind_signers(world.office, after_working_days=3) == 1


def test_a_contract_whose_customers_are_unknown_keeps_no_other_from_its_invitation(
    world: MemoryOffice, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = (executed(world, f"ORDER-{at}") for at in (1, 2))
    with_broken_terms(world, bad)
    with logged(caplog, bad, "terms"):
        assert invite_ratings(world.office, "https://house", most=1) == 1
    assert [link.number for link in world.tables.life.links.values()] == [good]


def test_an_order_that_cannot_be_judged_keeps_no_other_from_being_announced(
    world: MemoryOffice, caplog: pytest.LogCaptureFixture
) -> None:
    bad, _ = (executed(world, f"ORDER-{at}") for at in (1, 2))
    with_broken_terms(world, bad)
    with (
        patch("contracts_chain.workflows.readiness.judge_readiness", lambda _: ()),
        logged(caplog, "ORDER-1"),
    ):
        assert announce_ready(world.office) == 1
    with world.office.work() as work:
        assert work.orders.ready_since("ORDER-2") == world.clock.now()


def clock_behind(deed: Callable[..., Any]) -> Callable[..., Any]:
    """The deed, but the trail of one agreement has a line from later than now."""

    def act(*given: Any, **named: Any) -> Any:
        if any(getattr(one, "number", None) == BAD for one in given):
            raise ClockWentBackError(BAD, 60)
        return deed(*given, **named)

    return act


def two_agreements(world: MemoryOffice, state: AgreementState) -> None:
    with world.office.work() as work:
        for number in (BAD, GOOD):
            work.agreements.add(agreement(number, state))
            work.life.add_span(span(number, TODAY - 9 * DAY, TODAY - DAY))
        work.commit()


def test_a_clock_behind_one_trail_keeps_no_other_term_from_its_end(
    world: MemoryOffice, caplog: pytest.LogCaptureFixture
) -> None:
    two_agreements(world, AgreementState.IN_FORCE)
    ending = clock_behind(lambda *_: None)
    with patch.object(expire, "_end_or_continue", ending), logged(caplog, BAD, "clock_went_back"):
        assert expire.expire_when_due(world.office) == 1


def test_a_clock_behind_one_trail_keeps_no_other_contract_from_its_force(
    world: MemoryOffice, caplog: pytest.LogCaptureFixture
) -> None:
    two_agreements(world, AgreementState.EXECUTED)
    scheduling = clock_behind(lambda _, dossier, __: replace(dossier, state=AgreementState.IN_FORCE))
    with patch.object(status, "_scheduled", scheduling), logged(caplog, BAD, "clock_went_back"):
        assert status.enter_into_force(world.office) == 1


def test_a_clock_behind_one_trail_keeps_no_other_change_from_its_end(
    world: MemoryOffice, caplog: pytest.LogCaptureFixture
) -> None:
    with world.office.work() as work:
        for number in (BAD, GOOD):
            work.life.open_change(
                ChangeFile(
                    number=number,
                    order_no=f"BG-{number}",
                    kind="supplement",
                    trigger="rename",
                    plan=b"{}",
                    follower="M",
                    state="open",
                    opened_by="clerk",
                    opened_utc=MORNING,
                )
            )
        work.commit()
    with (
        patch.object(settle, "_settle", clock_behind(lambda *_: True)),
        logged(caplog, BAD, "clock_went_back"),
    ):
        assert settle.settle_changes(world.office) == 1
