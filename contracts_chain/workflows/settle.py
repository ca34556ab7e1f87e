"""Finishes changes whose paper is signed, or came to nothing: a job that reads everything from the store.

A signed supplement returns the main contract to force, amended; a signed renewal lets it run to its
end; on the first day of a termination or of a successor the main contract is terminated or
superseded. Each exactly once: main contract and change are read again under the lock.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from contracts_chain.agreements.change_triggers import ChangeEffect, row_of, trigger_named
from contracts_chain.agreements.lifecycle import Deed, allowed_deeds
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.change_records import close_change
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import beijing_day
from contracts_chain.workflows.status import StatusDeed, move_standing
from kernel.canonical_json import JsonValue
from kernel.errors import ContractsChainError

__all__ = ["settle_changes"]

_LOG = logging.getLogger("contracts_chain.worker")
_BATCH: Final = 200


def settle_changes(office: Office, *, most: int = _BATCH) -> int:
    """Finish what can be finished now; return how many changes were.

    Any number of workers may try. Every open change is looked at, ``most`` at a time: those that wait
    for a far day or an unsigned paper keep nobody behind them waiting.
    """
    settled, after = 0, 0
    while True:
        with office.work() as work:
            waiting = work.life.open_changes(most, after=after)
        if not waiting:
            return settled
        after = waiting[-1].id
        settled += sum(_attempt(office, one) for one in waiting if one.follower is not None)


def _attempt(office: Office, change: ChangeFile) -> bool:
    """One change that cannot be settled does not keep the others waiting."""
    try:
        with office.work() as work:
            settled = _settle(office, work, change)
            work.commit()
    except ContractsChainError as problem:
        _LOG.error("change %s of %s waits: %s %s", change.order_no, change.number, problem.code, problem.en)
        return False
    return settled


def _settle(office: Office, work: UnitOfWork, seen: ChangeFile) -> bool:
    dossier = work.agreements.load(seen.number, lock=True)
    change = next(one for one in work.life.changes_of(seen.number) if one.id == seen.id)
    if change.state != "open" or change.follower is None or work.life.hold_of(seen.number) is not None:
        return False
    follower = work.agreements.load(change.follower)
    facts: dict[str, JsonValue] = {"follower": follower.number}
    now = office.clock.now()
    if follower.came_to_nothing or Deed.TERMINATE not in allowed_deeds(dossier.state):
        facts["reason"] = follower.state.zh if follower.came_to_nothing else dossier.state.zh
        close_change(work, dossier, change, "abandoned", at=now, actor="service", details=facts)
        return True
    if follower.executed_utc is None:
        return False
    if change.kind in {"supplement", "renewal"}:
        facts["reason"] = trigger_named(change.trigger).zh
        close_change(work, dossier, change, "done", at=now, actor="service", details=facts)
        return True
    if load_terms(follower.terms).valid_from > beijing_day(now):
        return False
    _end(office, work, dossier, change, follower)
    return True


def _end(
    office: Office,
    work: UnitOfWork,
    dossier: AgreementDossier,
    change: ChangeFile,
    follower: AgreementDossier,
) -> None:
    """Terminate or supersede the main contract on the first day of what follows it."""
    now, trigger = office.clock.now(), trigger_named(change.trigger)
    superseded = row_of(trigger).effect is ChangeEffect.NEW_CONTRACT
    facts: dict[str, JsonValue] = {"order_no": change.order_no, "reason": trigger.zh}
    facts["successor" if superseded else "follower"] = follower.number
    deed = StatusDeed.SUPERSEDE if superseded else StatusDeed.TERMINATE
    work.life.save_change(replace(change, state="done", closed_utc=now))
    move_standing(work, dossier, deed, at=now, actor="service", details=facts)
