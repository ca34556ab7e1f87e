"""The hammer: people, desk and workers at once on a few agreements, and what stands afterwards."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from trial_phone import identify_as
from workflows_desk import anchor_all, offered, reloaded, sign_as, trail_words
from workflows_hammer import Hammer

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.offer import renew_link
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.questions import answer, clear

_A_DAY = timedelta(days=1)
_CUSTOMER, _UTILITY = "consumer", "supplier"


def hammer_on(office: Office, count: int, seed: int) -> Hammer:
    sent = [offered(office) for _ in range(count)]
    identify_as(office, sent[0].tokens["consumer"])
    return Hammer(
        office=office, tokens={one.dossier.number: [one.tokens["consumer"]] for one in sent}, seed=seed
    )


def struck(office: Office, *, count: int, seconds: float) -> Hammer:
    seed = secrets.randbits(32)
    print(f"hammer seed {seed}")
    hammer = hammer_on(office, count, seed)
    hammer.strike(seconds)
    for name, often in sorted(hammer.done.items()):
        print(f"{often:6} {name}")
    finish_confirmed(office, left_alone=-_A_DAY)
    return hammer


def verify_invariants(office: Office, hammer: Hammer) -> None:
    engine: Engine = office.work.args[0]  # type: ignore[attr-defined]
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    with engine.connect() as connection:
        words = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert connection.execute(text(words)).scalar_one() == 0
    for number in hammer.tokens:
        dossier, said = reloaded(office, number), Counter(trail_words(office, number))
        signed = sum(slot.signed for slot in dossier.slots)
        assert said["signed"] + said["sealed"] == signed, (number, said)
        assert (dossier.state is AgreementState.EXECUTED) == (signed == len(dossier.slots)), number
        with office.work() as work:
            verify_trail(work.trails.lines(number))
            ceremonies = work.ceremonies.of_agreement(number)
        live = [one for one in ceremonies if one.role == "consumer" and one.state in {"open", "confirmed"}]
        assert len(live) <= 1, number
        assert not any(one.state == "confirmed" for one in ceremonies), number
    assert check_everything(office).sound


def leave_nothing_open(office: Office, number: str, token: str) -> None:
    """Have what the hammer left unanswered answered, and cleared by who asked."""
    with office.work() as work:
        left = [one for one in work.questions.of_agreement(number) if one.cleared_utc is None]
    for one in left:
        if one.answer is None:
            answer(office, one.id, "见附件。", by="supplier-desk")
        clear(office, token, one.id)


def verify_stranger_agrees(office: Office, hammer: Hammer) -> None:
    """One that survived is signed to its end, anchored, and proven like any other, order of time included."""
    left = [reloaded(office, number) for number in sorted(hammer.tokens)]
    alive = [one for one in left if one.state in {AgreementState.OFFERED, AgreementState.PARTLY_SIGNED}]
    for dossier in alive[:1]:
        due = dossier.next_slot
        if due is not None and due.role == _CUSTOMER:
            token = renew_link(office, dossier.number, _CUSTOMER, by="desk")
            leave_nothing_open(office, dossier.number, token)
            sign_as(office, token)
        sign_as(office, renew_link(office, dossier.number, _UTILITY, by="desk"))
        anchor_all(office)
        build_package(office, dossier.number)


def test_five_seconds_of_everybody_at_once_leave_everything_sound(office: Office) -> None:
    verify_invariants(office, struck(office, count=2, seconds=5))


@pytest.mark.long
def test_a_minute_of_everybody_at_once_leaves_everything_sound(office: Office) -> None:
    for count in (2, 3, 4, 6, 8, 12):
        hammer = struck(office, count=count, seconds=10)
        verify_invariants(office, hammer)
        verify_stranger_agrees(office, hammer)
