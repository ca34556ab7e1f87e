"""What other systems are told of a signature: made, timed or degraded, failed; and of the contract formed.

Formation does not wait for evidence (民法典 art. 490; DESIGN decision 8): the contract is told as formed
with the last signature, whatever its timestamp does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.evidence.trail import Trail, TrailEventKind
from contracts_chain.workflows.chronicle import note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.errors import UnsoundSignatureError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import (
    evidence_move,
    note_process_event,
    note_turn,
    state_move,
)
from kernel.canonical_json import JsonObject
from kernel.clock import utc_text
from kernel.digests import Digests
from kernel.errors import ContractsChainError

__all__ = ["failure_told", "note_failure", "note_signature"]

_EVENT = {"person": TrailEventKind.SIGNED, "seal": TrailEventKind.SEALED}


def note_signature(
    work: UnitOfWork,
    before: AgreementDossier,
    after: AgreementDossier,
    slot: SlotFile,
    document: Digests,
    *,
    at: datetime,
    actor: str,
    facts: JsonObject,
) -> Trail:
    """Write a signature's line, tell of it and of what came with it, and return the whole trail.

    Args:
        work: The transaction that counts the signature.
        before: The agreement without it.
        after: The agreement with it.
        slot: What was signed, as it is now.
        document: Of the signed revision.
        at: When.
        actor: Who signed, as an id of the service.
        facts: Details of the line.
    """
    number = after.number
    evidence = evidence_move(before.evidence_state, after.evidence_state)
    state = state_move(before.state, after.state)
    formed = after.state is AgreementState.EXECUTED
    waits = slot.timestamp_utc is None or slot.field in work.domestic_seals.unstamped_of(number)
    moved: JsonObject = {**({} if formed else state), **({} if waits else evidence)}
    trail = note_event(work, number, _EVENT[slot.kind], at=at, actor=actor, details=facts, moved=moved)
    at = trail[-1].occurred_utc
    if slot.timestamp_utc is not None:
        stamped = {
            "field": slot.field,
            "purpose": "signature",
            "timestamp_utc": utc_text(slot.timestamp_utc),
        }
        note_process_event(work, number, ProcessEventKind.TIMESTAMPED, at=at, change=stamped)
    if waits:
        pending = {"field": slot.field, "role": slot.role, **evidence}
        note_process_event(work, number, ProcessEventKind.DEGRADED, at=at, change=pending)
    if formed:
        whole = {"document_sha256": document.sha256.hex(), "document_sm3": document.sm3.hex(), **state}
        note_process_event(work, number, ProcessEventKind.SEALED, at=at, change=whole)
    note_turn(work, after, at=at, after=slot.role)
    return trail


@contextmanager
def failure_told(
    office: Office, dossier: AgreementDossier, change: JsonObject, *problems: type[ContractsChainError]
) -> Iterator[None]:
    """Tell other systems if what is done inside fails with one of these problems, and let it go on."""
    try:
        yield
    except problems as problem:
        reason = {"reason": problem.reason} if isinstance(problem, UnsoundSignatureError) else {}
        with office.work() as work:
            failed = {**change, "code": problem.code, **reason}
            note_failure(work, dossier, failed, at=office.clock.now())
            work.commit()
        raise


def note_failure(work: UnitOfWork, dossier: AgreementDossier, change: JsonObject, *, at: datetime) -> None:
    """Tell that a signature or its time cannot be made over a revision; the caller commits.

    A job tries again every minute: the same failure over the same revision is told once.
    """
    base = dossier.current_sha256.hex() if dossier.current_sha256 else ""
    note_process_event(
        work,
        dossier.number,
        ProcessEventKind.FAILED,
        at=at,
        change={**change, "document_sha256": base},
        once=" ".join((base, *(str(change[name]) for name in sorted(change)))),
    )
