"""The pipeline to the chain: whatever is due next, one transaction at a time, until nothing is.

Order of turns: finish what is in flight; then status words (the head is known now), a
renewal, the cosigned checkpoint; then have the closed checkpoint cosigned. Any number of
processes may call it at any moment: each step is stored before the next and done once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from contracts_chain.workflows.checkpoints import (
    BATCH_LEAVES,
    AnchorCourse,
    close_checkpoint,
    cosign_newest,
    sign_newest,
)
from contracts_chain.workflows.dossier import CheckpointFile
from contracts_chain.workflows.errors import NotFlushedError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.renew import TwinCourse, sign_twin
from contracts_chain.workflows.status import StatusCourse, enter_into_force, sign_statuses
from contracts_chain.workflows.transactions import FIRST_NONCE, Course, carry

__all__ = ["BATCH_LEAVES", "FIRST_NONCE", "advance_anchors", "close_checkpoint", "close_when_due", "flush"]

_COURSES: dict[str, Course] = {"anchor": AnchorCourse(), "status": StatusCourse(), "twin": TwinCourse()}
_TURNS: tuple[Callable[[Office, UnitOfWork], bool], ...] = (sign_statuses, sign_twin, sign_newest)
_LOOK_AGAIN_SECONDS = 0.01


def advance_anchors(office: Office) -> bool:
    """Take everything under way as far as chain and witnesses let it now.

    Returns:
        True when every closed checkpoint is final and no transaction is in flight.

    Raises:
        ChainUnavailableError: The chain does not answer; nothing is lost, call again.
        WitnessQuorumError: Too few witnesses answer; nothing is lost, call again.
        WitnessForkError: A witness saw another history: an alarm, not a retry.
        AnchoredElsewhereError: Somebody else anchors with our key: an alarm, not a retry.
    """
    while True:
        with office.work() as work:
            standing = work.transactions.in_flight()
        if standing is not None:
            if carry(office, standing, _COURSES[standing.kind]).state not in {"final", "failed"}:
                return False
        elif not (_sign_next(office) or enter_into_force(office) or cosign_newest(office)):
            break
    with office.work() as work:
        return not work.checkpoints.unfinished()


def close_when_due(office: Office, *, most: int, age: timedelta) -> CheckpointFile | None:
    """Close a checkpoint when a batch is full or old enough, or a contract has just been completed.

    Args:
        office: Where log and time come from.
        most: Leaves that make a batch full, and that it holds at most.
        age: How long the oldest leaf may wait.
    """
    with office.work() as work:
        pending = work.log.pending()
        completed = work.status_changes.executed(final=False, most=1)
    if pending.oldest_utc is None:
        return None
    aged = office.clock.now() - pending.oldest_utc >= age
    due = aged or pending.count >= most or completed
    return close_checkpoint(office, most=most) if due else None


def flush(office: Office, *, patience_seconds: float, most: int = BATCH_LEAVES) -> None:
    """Bring every leaf that was taken in before this call to finality.

    Raises:
        NotFlushedError: Not within the patience; the worker goes on.
        ChainUnavailableError: The chain does not answer.
        WitnessQuorumError: Too few witnesses answer.
    """
    deadline = time.monotonic() + patience_seconds
    with office.work() as work:
        pending, newest = work.log.pending().count, work.checkpoints.newest()
        target = work.log.size() + pending
    while newest is None or newest.state != "final" or newest.size < target:
        if advance_anchors(office):
            close_checkpoint(office, most=most)
        else:
            _wait(deadline)
        with office.work() as work:
            newest = work.checkpoints.newest()
        if newest is None and target == 0:
            return
    advance_anchors(office)  # the words of contracts that are final now


def _wait(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotFlushedError
    time.sleep(_LOOK_AGAIN_SECONDS)


def _sign_next(office: Office) -> bool:
    """Store one signed transaction, if one is due and none is in flight."""
    with office.work() as work:
        work.transactions.lock()
        if work.transactions.in_flight() is not None:
            return True  # another process was first; the next turn finishes it
        for sign in _TURNS:
            if sign(office, work):
                work.commit()
                return True
    return False
