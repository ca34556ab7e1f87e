"""Writes what other systems are told of, and gives it its place when it is told.

An event is stored in the transaction of its change, so that none exists without the other. It is
told later, by one teller at a time: then it gets the next number of its subject, and one delivery
for each address that wants it. Must never hold what is personal: no name, telephone or free words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.callback_files import ProcessEvent
from contracts_chain.workflows.chain_ports import Covered
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject, JsonValue

__all__ = [
    "evidence_move",
    "moves",
    "note_covered",
    "note_process_event",
    "note_turn",
    "state_move",
    "tell_events",
]

_ONE_TELLING: Final = 500
_NAMESPACE: Final = UUID("8d1f5c0e-1d53-4f1f-9c56-6a1f0a6f7b52")
"""Of the ids that follow from a name; any fixed UUID would do."""
_COVERED: Final = {
    EvidenceState.ANCHORED: ProcessEventKind.ANCHORED,
    EvidenceState.FINAL: ProcessEventKind.FINAL,
    EvidenceState.CROSS_ANCHORED: ProcessEventKind.CROSS_ANCHORED,
}


def note_process_event(
    work: UnitOfWork,
    subject: str,
    kind: ProcessEventKind,
    *,
    at: datetime,
    change: JsonObject,
    once: str | None = None,
) -> None:
    """Store an event in the transaction of its change.

    Args:
        work: That transaction.
        subject: Number of the agreement, order or invoice.
        kind: What happened.
        at: When.
        change: The one change; nothing personal.
        once: Name of the event among those of its subject and kind, where the same would be noted
            at every try; only the first counts. ``None`` where it happens once by itself.
    """
    name = None if once is None else f"{kind.value}\n{subject}\n{once}"
    work.callbacks.note([_event(subject, kind, at, change, name)])


def note_covered(
    work: UnitOfWork, covered: tuple[Covered, ...], state: EvidenceState, *, at: datetime, change: JsonObject
) -> None:
    """Store one event for each paper whose evidence an anchor has moved to ``state``."""
    work.callbacks.note(
        [
            _event(one.subject, _COVERED[state], at, {**change, **evidence_move(one.before, state)}, None)
            for one in covered
        ]
    )


def note_turn(work: UnitOfWork, dossier: AgreementDossier, *, at: datetime, after: str = "") -> None:
    """Store that it is a party's turn, if it is one's and no longer that of ``after``."""
    due = dossier.next_slot
    if due is not None and due.role != after:
        change = {"field": due.field, "role": due.role}
        note_process_event(work, dossier.number, ProcessEventKind.YOUR_TURN, at=at, change=change)


def moves(before: AgreementDossier, after: AgreementDossier) -> JsonObject:
    """Where state and evidence of an agreement moved, as a change names it; empty if neither did."""
    return {
        **state_move(before.state, after.state),
        **evidence_move(before.evidence_state, after.evidence_state),
    }


def state_move(before: AgreementState | None, after: AgreementState) -> JsonObject:
    """As ``moves``, of the state alone; ``None`` before the first."""
    return {} if before is after else {"state": _pair(before, after)}


def evidence_move(before: EvidenceState | None, after: EvidenceState) -> JsonObject:
    """As ``moves``, of the evidence alone; ``None`` before the first."""
    return {} if before is after else {"evidence": _pair(before, after)}


def tell_events(office: Office, *, most: int = _ONE_TELLING) -> int:
    """Number what is committed and address it; return how many were told.

    Each batch is one transaction, at most ``most`` events; while another worker tells, nothing is
    done here. An endpoint gets what is told from its registration on.
    """
    told = 0
    while count := _tell_some(office, most):
        told += count
    return told


def _tell_some(office: Office, most: int) -> int:
    with office.work() as work:
        if not work.callbacks.hold_telling():
            return 0
        told, now = work.callbacks.tell(most), office.clock.now()
        for endpoint in work.callbacks.endpoints(keep=True):
            if endpoint.closed_utc is None:
                wanted = [event for event in told if endpoint.wants(event.kind)]
                work.callbacks.address_all(endpoint, wanted, now)
        if told:
            work.commit()
    return len(told)


def _event(
    subject: str, kind: ProcessEventKind, at: datetime, change: JsonObject, name: str | None
) -> ProcessEvent:
    return ProcessEvent(
        event_id=str(uuid4() if name is None else uuid5(_NAMESPACE, name)),
        subject=subject,
        kind=kind,
        occurred_utc=at.replace(microsecond=0),
        change=change,
    )


def _pair(before: AgreementState | EvidenceState | None, after: AgreementState | EvidenceState) -> JsonValue:
    return {"before": None if before is None else before.value, "after": after.value}
