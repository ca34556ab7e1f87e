"""Takes up signatures whose will was confirmed before a crash or an outage (DESIGN decision 9).

Decides from the store and from the activation process: where a factor was asked for and the
ceremony is not signed, either the process released it or it did not. ``sign_slot`` signs each
field once, however often it is asked. Fresh acts are left to the request that is at work. A factor
that was asked for and never given is asked after rarely, but for as long as its ceremony is open.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.workflows.ceremony import finish
from contracts_chain.workflows.dossier import CeremonyFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.will import notice_release
from kernel.errors import ContractsChainError

__all__ = ["Unreleased", "finish_confirmed"]

_LOG = logging.getLogger("contracts_chain.worker")
_LEFT_ALONE = timedelta(minutes=1)
_RARELY: Final = timedelta(hours=1)


class Unreleased:
    """When the activation process last said of a will that it is not released; gone with the worker.

    Who types no code leaves a ceremony open for weeks, and the process would be asked each minute. A
    release follows its asking within seconds and is then there for good, so an answer from long after
    the asking seldom changes. It is asked for again all the same: after an hour, after a restart, and at
    once when the signer asks anew. An outage is no answer.
    """

    def __init__(self) -> None:
        """Nothing is known."""
        self._known: dict[str, tuple[datetime, datetime]] = {}

    def due(self, waiting: Iterable[CeremonyFile], now: datetime) -> dict[str, datetime]:
        """Wills to ask after now, each with when a factor was last asked for."""
        asked: dict[str, datetime] = {}
        for one in waiting:
            if one.state == "open" and one.asked_utc is not None:
                asked[one.will_id] = max(one.asked_utc, asked.get(one.will_id, one.asked_utc))
        known = {will: told for will, told in self._known.items() if told[0] == asked.get(will)}
        self._known = {will: told for will, told in known.items() if timedelta(0) <= now - told[1] < _RARELY}
        return {will: at for will, at in asked.items() if will not in self._known}

    def note(self, will_id: str, asked: datetime, now: datetime) -> None:
        """Keep an answer that was given long enough after the asking."""
        if now - asked >= _RARELY:
            self._known[will_id] = (asked, now)


def finish_confirmed(
    office: Office, *, left_alone: timedelta = _LEFT_ALONE, unreleased: Unreleased | None = None
) -> int:
    """Sign what confirmed parties still owe and return how many ceremonies were finished.

    One agreement that cannot be signed now does not keep the others waiting.

    Args:
        office: Where ceremonies come from, and the activation process.
        left_alone: Younger acts are left to their own request.
        unreleased: What earlier turns learned; without it every open will is asked after.
    """
    now, known = office.clock.now(), unreleased or Unreleased()
    with office.work() as work:
        waiting = work.ceremonies.asked(now - left_alone)
    for will_id, asked in known.due(waiting, now).items():
        if _is_known_unreleased(office, will_id):
            known.note(will_id, asked, now)
    return sum(_finished(office, one.number, one.id) for one in waiting)


def _is_known_unreleased(office: Office, will_id: str) -> bool:
    """Have a release noticed; true if the activation process answered that there is none."""
    try:
        return not notice_release(office, will_id)
    except ContractsChainError as problem:
        _LOG.info("the will %s waits: %s", will_id, problem.code)
        return False


def _finished(office: Office, number: str, ceremony_id: str) -> bool:
    try:
        with office.work() as work:
            if work.ceremonies.load(ceremony_id).state != "confirmed":
                return False
        finish(office, ceremony_id)
    except ContractsChainError as problem:
        _LOG.warning("the signature of %s still waits: %s", number, problem.code)
        return False
    return True
