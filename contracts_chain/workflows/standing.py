"""What every deed after the execution shares: the record it hangs on, its trail line, the hold.

Decides how a change of standing is written down: one line on the trail and one leaf that names
it, in the caller's transaction, so that the trail's last line is always on record (step 6).
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import chain
from typing import Final

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.terms import AgreementKind, Terms
from contracts_chain.agreements.terms.codes import Renewal
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import TrailEventKind, final_hash
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import NotExecutedError
from contracts_chain.workflows.life_errors import DisputeHoldError
from contracts_chain.workflows.life_files import LifeSpan
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import evidence_move, state_move
from kernel.canonical_json import JsonObject
from kernel.clock import BEIJING

__all__ = [
    "beijing_day",
    "execution_record",
    "note_standing",
    "span_of",
    "verify_not_held",
]


_WITH_THE_MAIN: Final = frozenset({AgreementKind.SUPPLEMENT, AgreementKind.TERMINATION})
"""Papers without a term of their own: they end with the main contract."""


def beijing_day(moment: datetime) -> date:
    """The day it is in Beijing at that moment."""
    return moment.astimezone(BEIJING).date()


def execution_record(work: UnitOfWork, dossier: AgreementDossier) -> Record:
    """The record whose leaf is the contract's key on the chain.

    Raises:
        NotExecutedError: Not every party has signed.
    """
    if dossier.executed_utc is None:
        raise NotExecutedError(dossier.number)
    taken_in = (row.record for row in work.log.waiting() if row.subject == dossier.number)
    in_order = (leaf.record for leaf in work.log.leaves_of(dossier.number))
    for content in chain(in_order, taken_in):
        record = Record.parse(content)
        if record.kind is RecordKind.AGREEMENT_EXECUTED:
            return record
    raise NotExecutedError(dossier.number)


def note_standing(
    work: UnitOfWork,
    dossier: AgreementDossier,
    *,
    to: AgreementState,
    at: datetime,
    actor: str,
    details: JsonObject,
) -> EvidenceState:
    """Write what happened to an executed agreement: line and leaf; the caller saves and commits.

    Args:
        work: The caller's transaction; the agreement's row is locked in it.
        dossier: The agreement, as it stood before.
        to: The state that it moves to, or stays in.
        at: When.
        actor: Who, as an id of the service.
        details: At least ``status``, the word for it, and ``reason``.

    Returns:
        The evidence state that the agreement has now: the newest leaf waits for its anchor.

    Raises:
        NotExecutedError: Not every party has signed.
    """
    executed = execution_record(work, dossier)
    trail = note_event(
        work,
        dossier.number,
        TrailEventKind.STATUS_CHANGED,
        at=at,
        actor=actor,
        details=details,
        moved={
            **state_move(dossier.state, to),
            **evidence_move(dossier.evidence_state, EvidenceState.LOGGED),
        },
    )
    append_record(
        work,
        RecordKind.AGREEMENT_STATUS,
        subject=dossier.number,
        document=executed.document,
        at=at,
        actor=actor,
        details={**details, "trail": final_hash(trail).hex()},
    )
    return EvidenceState.LOGGED


def verify_not_held(work: UnitOfWork, number: str) -> None:
    """Prove that no dispute holds the agreement.

    Raises:
        DisputeHoldError: One does; says who and why.
    """
    hold = work.life.hold_of(number)
    if hold is not None:
        raise DisputeHoldError(hold)


def span_of(dossier: AgreementDossier) -> LifeSpan:
    """When an executed agreement runs by its terms, in Beijing days.

    Raises:
        NotExecutedError: Not every party has signed.
    """
    if dossier.executed_utc is None:
        raise NotExecutedError(dossier.number)
    terms = load_terms(dossier.terms)
    return LifeSpan(
        number=dossier.number,
        starts_on=max(terms.valid_from, beijing_day(dossier.executed_utc)),
        ends_on=None if terms.KIND in _WITH_THE_MAIN else terms.valid_to,
        auto_renew=_continues(terms),
    )


def _continues(terms: Terms) -> bool:
    return terms.valid_to is not None and getattr(terms, "renewal", None) is Renewal.NO_OBJECTION
