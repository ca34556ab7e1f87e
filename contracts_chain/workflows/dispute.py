"""Dispute hold: from the day a dispute is known nothing of the agreement is changed, archived or deleted.

A running agreement turns ``disputed``; an ended one keeps its state, for a dispute may come after
the end, and is held all the same. Every other deed asks ``standing.verify_not_held``; the
database refuses archiving and deletion on its own (migration 0005). The party that holds
says why; a person releases it with the outcome, and the agreement returns where it stood.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.lifecycle import AgreementState, Deed, advance_agreement, allowed_deeds
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.life_errors import NotHeldError
from contracts_chain.workflows.life_files import DisputeHold
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.standing import execution_record, note_standing, verify_not_held

__all__ = ["hold_for_dispute", "release_hold"]

_RETURNS = {
    AgreementState.AMENDING: Deed.BEGIN_AMENDMENT,
    AgreementState.RENEWING: Deed.BEGIN_RENEWAL,
    AgreementState.SUSPENDED: Deed.SUSPEND,
}


def hold_for_dispute(office: Office, number: str, *, reason: str, case_no: str, by: str) -> AgreementDossier:
    """Hold an executed agreement for a dispute.

    Args:
        office: Where time and records come from.
        number: The agreement.
        reason: What is disputed, in a person's words.
        case_no: Number of the case, or empty before one is filed.
        by: Who holds it, as an id of the service.

    Raises:
        UnknownNumberError: No such agreement.
        NotExecutedError: It was never executed: there is nothing to hold.
        DisputeHoldError: It is held already.
        TransitionRefusedError: It is archived, or waits for its first day.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        verify_not_held(work, number)
        execution_record(work, dossier)
        ended = Deed.ARCHIVE in allowed_deeds(dossier.state)
        state = dossier.state if ended else advance_agreement(dossier.state, Deed.DISPUTE)
        now = office.clock.now()
        work.life.add_hold(
            DisputeHold(
                number=number,
                reason=reason,
                case_no=case_no,
                state_before=dossier.state,
                held_by=by,
                held_utc=now,
            )
        )
        details = {"status": "disputed", "reason": reason, "case_no": case_no}
        evidence = note_standing(work, dossier, to=state, at=now, actor=by, details=details)
        saved = work.agreements.save(replace(dossier, state=state, evidence_state=evidence))
        work.commit()
    return saved


def release_hold(office: Office, number: str, *, outcome: str, by: str) -> AgreementDossier:
    """Release the hold; the agreement returns where it stood, and what the outcome asks is done next.

    Raises:
        UnknownNumberError: No such agreement.
        NotHeldError: No hold stands.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        hold = work.life.hold_of(number)
        if hold is None:
            raise NotHeldError(number)
        now = office.clock.now()
        work.life.release_hold(replace(hold, released_by=by, released_utc=now, outcome=outcome))
        details = {"status": "released", "reason": outcome, "case_no": hold.case_no}
        state = _returned(dossier.state, hold.state_before)
        evidence = note_standing(work, dossier, to=state, at=now, actor=by, details=details)
        saved = work.agreements.save(replace(dossier, state=state, evidence_state=evidence))
        work.commit()
    return saved


def _returned(state: AgreementState, before: AgreementState) -> AgreementState:
    if state is not AgreementState.DISPUTED:
        return state
    running = advance_agreement(state, Deed.RESUME)
    return advance_agreement(running, _RETURNS[before]) if before in _RETURNS else running
