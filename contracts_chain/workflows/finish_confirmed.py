"""Takes up signatures whose code was confirmed before a crash or an outage (DESIGN decision 9).

Decides from the stored facts alone: the trail says that the party whose turn it is has
confirmed its code, and its fields are still empty. ``sign_slot`` signs each field once,
however often it is asked. Fresh confirmations are left to the request that is at work.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.evidence.trail import Trail, TrailEventKind, verify_trail
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.sign import sign_slot
from kernel.errors import ContractsChainError

__all__ = ["finish_confirmed", "owed_slots"]

_LOG = logging.getLogger("contracts_chain.worker")
_LEFT_ALONE = timedelta(minutes=1)
_SIGNABLE = (AgreementState.OFFERED, AgreementState.PARTLY_SIGNED)


def finish_confirmed(office: Office, *, left_alone: timedelta = _LEFT_ALONE) -> int:
    """Sign what confirmed parties still owe and return how many fields were signed.

    One agreement that cannot be signed now does not keep the others waiting.
    """
    before = office.clock.now() - left_alone
    with office.work() as work:
        waiting = [
            (dossier.number, owed_slots(dossier, verify_trail(work.trails.lines(dossier.number)), before))
            for dossier in work.agreements.list()
            if dossier.state in _SIGNABLE
        ]
    return sum(_finish(office, number, slots) for number, slots in waiting)


def owed_slots(dossier: AgreementDossier, trail: Trail, before: datetime) -> tuple[SlotFile, ...]:
    """Empty fields of the party whose turn it is, if it confirmed its code no later than ``before``."""
    due = dossier.next_slot
    if due is None:
        return ()
    confirmed = any(
        event.event is TrailEventKind.CODE_CONFIRMED
        and event.details.get("role") == due.role
        and event.occurred_utc <= before
        for event in trail
    )
    return (
        tuple(slot for slot in dossier.slots if slot.role == due.role and not slot.signed)
        if confirmed
        else ()
    )


def _finish(office: Office, number: str, slots: tuple[SlotFile, ...]) -> int:
    signed = 0
    try:
        for slot in slots:
            sign_slot(office, number, slot.field, actor=f"{slot.role}:{slot.signer_name}")
            signed += 1
    except ContractsChainError as problem:
        _LOG.warning("the signature of %s still waits: %s", number, problem.code)
    return signed
