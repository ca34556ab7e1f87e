"""Takes up signatures whose will was confirmed before a crash or an outage (DESIGN decision 9).

Decides from the store and from the activation process: where a factor was asked for and the
ceremony is not signed, either the process released it or it did not. ``sign_slot`` signs each
field once, however often it is asked. Fresh acts are left to the request that is at work.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from contracts_chain.workflows.ceremony import finish
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.will import notice_release
from kernel.errors import ContractsChainError

__all__ = ["finish_confirmed"]

_LOG = logging.getLogger("contracts_chain.worker")
_LEFT_ALONE = timedelta(minutes=1)


def finish_confirmed(office: Office, *, left_alone: timedelta = _LEFT_ALONE) -> int:
    """Sign what confirmed parties still owe and return how many ceremonies were finished.

    One agreement that cannot be signed now does not keep the others waiting.
    """
    before = office.clock.now() - left_alone
    with office.work() as work:
        waiting = work.ceremonies.asked(before)
    for will_id in dict.fromkeys(one.will_id for one in waiting if one.state == "open"):
        _noticed(office, will_id)
    return sum(_finished(office, one.id) for one in waiting)


def _noticed(office: Office, will_id: str) -> None:
    try:
        notice_release(office, will_id)
    except ContractsChainError as problem:
        _LOG.info("the will %s waits: %s", will_id, problem.code)


def _finished(office: Office, ceremony_id: str) -> bool:
    with office.work() as work:
        ceremony = work.ceremonies.load(ceremony_id)
    if ceremony.state != "confirmed":
        return False
    try:
        finish(office, ceremony_id)
    except ContractsChainError as problem:
        _LOG.warning("the signature of %s still waits: %s", ceremony.number, problem.code)
        return False
    return True
