"""A set on its way back: returned by its reviewer, or taken back whole.

A returned set is the drafter's again and every approval of it is void, that of the set at
once and those of its contracts one by one. A set taken back ends each contract that nobody
has signed and sets its site free for another file; a contract with a signature on it is kept,
since only its parties can end it. Either needs a reason, which stands with the set.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import Part, verify_part
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_errors import DraftUndrawnError, ReasonMissingError
from contracts_chain.workflows.group_held import changed_set, held_set, require_state, standing
from contracts_chain.workflows.group_ports import RowState, SetFile, SetRow, SetState
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import return_to_draft
from contracts_chain.workflows.revise import revise
from contracts_chain.workflows.withdraw import withdraw
from kernel.ids import PersonId

__all__ = [
    "cancel_set",
    "return_row",
    "return_set",
    "submit_again",
    "take_back_row",
    "take_up_row",
    "withdraw_set",
]

_REVIEWED = (SetState.DRAFTED, SetState.APPROVING, SetState.APPROVED)
_NOT_OFFERED = (SetState.DRAFTING, *_REVIEWED, SetState.RETURNING, SetState.RETURNED)
_UNSIGNED = {
    AgreementState.DRAFT,
    AgreementState.IN_REVIEW,
    AgreementState.RETURNED,
    AgreementState.APPROVED,
    AgreementState.OFFERED,
}


def return_set(office: Office, set_id: str, *, reviewer: str, reason: str) -> SetFile:
    """Give a set back to its drafter; the worker carries it out contract by contract.

    Args:
        office: Where the set is.
        set_id: A set that waits for its reviewer, or is approved and not offered.
        reviewer: Account of the reviewer; not the drafter's.
        reason: What is to be changed.

    Raises:
        ReasonMissingError: No reason is given.
        SetStateError: It is not drafted yet, or offered already.
        SeparationOfDutiesError: The reviewer drafted the set.
        UnknownGroupError: No such set.
    """
    if not reason.strip():
        raise ReasonMissingError
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        require_state(made, *_REVIEWED)
        drafter = {PersonId(made.created_by): Part.DRAFTER}
        verify_part(drafter, Part.REVIEWER, work.people.known_as({PersonId(reviewer)}))
        work.groups.forgive(set_id)
        stopped = _stopped(office, made, SetState.RETURNING, by=reviewer, reason=reason)
        stopped = replace(stopped, root=None, approved_root=None, reviewed_by=None, reviewed_utc=None)
        work.groups.save_set(stopped)
        work.commit()
    return stopped


def submit_again(office: Office, set_id: str) -> SetFile:
    """Hand a returned set in again, as its contracts stand now; its root is computed anew.

    Raises:
        SetStateError: It is not returned.
        UnknownGroupError: No such set.
    """

    def again(made: SetFile) -> SetFile:
        require_state(made, SetState.RETURNED)
        return replace(made, state=SetState.DRAFTING)

    return changed_set(office, set_id, again)


def cancel_set(office: Office, set_id: str, *, by: str, reason: str) -> SetFile:
    """Take back a set that is not offered; the worker withdraws its contracts one by one.

    Raises:
        ReasonMissingError: No reason is given.
        SetStateError: It is being offered already, or taken back.
        UnknownGroupError: No such set.
    """
    return _taken_back(office, set_id, _NOT_OFFERED, by=by, reason=reason)


def withdraw_set(office: Office, set_id: str, *, by: str, reason: str) -> SetFile:
    """Withdraw every contract of an offered set that nobody has signed; the worker carries it out.

    Raises:
        ReasonMissingError: No reason is given.
        SetStateError: It is not offered.
        UnknownGroupError: No such set.
    """
    return _taken_back(office, set_id, (SetState.OFFERING, SetState.OFFERED), by=by, reason=reason)


def return_row(office: Office, made: SetFile, row: SetRow) -> SetRow:
    """Void the approval of one contract, or return it from review; doing it twice changes nothing."""
    number, dossier = standing(office, row)
    reviewer = made.stopped_by or ""
    if dossier.state is AgreementState.IN_REVIEW:
        return_to_draft(office, number, reviewer=reviewer, reason=made.stop_reason or "")
    elif dossier.state is AgreementState.APPROVED:
        dossier = _saved_again(office, made, dossier, undone_by=reviewer)
    digest = dossier.current_sha256 or row.document_sha256
    return replace(row, state=RowState.RETURNED, document_sha256=digest)


def take_up_row(office: Office, made: SetFile, row: SetRow) -> SetRow:
    """Put one contract of a set that is handed in again under its root, in the drafter's name.

    Raises:
        DraftUndrawnError: Its terms break rules, so that it has no PDF.
    """
    number, dossier = standing(office, row)
    if dossier.state is AgreementState.RETURNED:
        dossier = _saved_again(office, made, dossier)
    if dossier.current_sha256 is None:
        raise DraftUndrawnError(number)
    return replace(row, state=RowState.DRAFTED, document_sha256=dossier.current_sha256)


def take_back_row(office: Office, made: SetFile, row: SetRow) -> SetRow:
    """Withdraw one contract unless somebody has signed it; doing it twice changes nothing."""
    if row.number is None:
        return replace(row, state=RowState.WITHDRAWN)
    number, dossier = standing(office, row)
    if dossier.state in _UNSIGNED:
        withdraw(office, number, reason=made.stop_reason or "", by=made.stopped_by or "")
    elif not dossier.state.came_to_nothing:
        return replace(row, state=RowState.KEPT)
    return replace(row, state=RowState.WITHDRAWN)


def _saved_again(
    office: Office, made: SetFile, dossier: AgreementDossier, *, undone_by: str | None = None
) -> AgreementDossier:
    """The same terms as a new version: what any approval was of is no longer the draft."""
    return revise(
        office,
        dossier.number,
        load_terms(dossier.terms),
        by=made.created_by,
        base_version=dossier.draft_version,
        undone_by=undone_by,
    )


def _taken_back(office: Office, set_id: str, due: tuple[SetState, ...], *, by: str, reason: str) -> SetFile:
    if not reason.strip():
        raise ReasonMissingError
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        require_state(made, *due)
        work.groups.forgive(set_id)
        stopped = _stopped(office, made, SetState.CANCELLING, by=by, reason=reason)
        work.groups.save_set(stopped)
        work.commit()
    return stopped


def _stopped(office: Office, made: SetFile, state: SetState, *, by: str, reason: str) -> SetFile:
    return replace(
        made,
        state=state,
        paused=False,
        stopped_by=by,
        stopped_utc=office.clock.now(),
        stop_reason=reason.strip(),
    )
