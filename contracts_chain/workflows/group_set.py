"""A set from its drafts to its offers: one decision of one reviewer, one of the supplier's desk.

The reviewer approves a root over the digests of all drafts (RFC 6962 tree, in the order of
rows), so that what was looked at is what is approved; each contract is then approved by
that person under its own digest, with a trail and a leaf of its own, and later offered.
Drafter and reviewer differ by id. Must never approve a contract whose bytes are not under
the approved root.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, TypeAlias

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.separation import Part, verify_part
from contracts_chain.workflows.group_draft import draft_set
from contracts_chain.workflows.group_errors import SetChangedError
from contracts_chain.workflows.group_halt import return_row, take_back_row, take_up_row
from contracts_chain.workflows.group_held import changed_set, held_set, require_state, set_root, standing
from contracts_chain.workflows.group_ports import (
    Drawers,
    RowState,
    SetFile,
    SetProgress,
    SetRow,
    SetState,
)
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.errors import RejectedError
from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32

__all__ = [
    "approve_set",
    "carry_on",
    "offer_set",
    "pause",
    "progress_of",
    "resume",
    "retry",
    "the_set",
]

_AT_ONCE = 16
_SIDE_BY_SIDE = 3
_Deed: TypeAlias = Callable[[Office, SetFile, SetRow], SetRow]


def the_set(office: Office, set_id: str) -> SetFile:
    """The set of an id.

    Raises:
        UnknownGroupError: There is none.
    """
    with office.work() as work:
        return held_set(work, set_id)


def progress_of(office: Office, set_id: str) -> SetProgress:
    """How many rows have come how far."""
    with office.work() as work:
        return work.groups.progress(set_id)


def pause(office: Office, set_id: str) -> SetFile:
    """Let the worker leave the set after the portion under way.

    Raises:
        UnknownGroupError: No such set.
    """
    return changed_set(office, set_id, lambda made: replace(made, paused=True))


def resume(office: Office, set_id: str) -> SetFile:
    """Let the worker go on.

    Raises:
        UnknownGroupError: No such set.
    """
    return changed_set(office, set_id, lambda made: replace(made, paused=False))


def retry(office: Office, set_id: str) -> SetFile:
    """Try failed rows again, and read the drafts' digests anew, since somebody may have revised one.

    An approval of other bytes than there are now is void.

    Raises:
        UnknownGroupError: No such set.
    """
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        work.groups.forgive(set_id)
        for row in work.groups.due(set_id, RowState.DRAFTED, after=-1, limit=made.total):
            dossier = work.agreements.load(row.number or "")
            if dossier.current_sha256 not in {None, row.document_sha256}:
                work.groups.save_row(replace(row, document_sha256=dossier.current_sha256))
        root = set_root(work, set_id) if made.root is not None else None
        if made.state is SetState.APPROVING and root != made.approved_root:
            made = replace(
                made, state=SetState.DRAFTED, approved_root=None, reviewed_by=None, reviewed_utc=None
            )
        work.groups.save_set(replace(made, root=root, paused=False))
        work.commit()
    return made


def approve_set(office: Office, set_id: str, *, reviewer: str, seen_root: str) -> SetFile:
    """Approve all drafts of a set as they were shown; the worker carries it out contract by contract.

    Args:
        office: Where the set is.
        set_id: A set whose contracts are all drafted.
        reviewer: Account of the reviewer; not the drafter's.
        seen_root: The root that the reviewer was shown, in hex.

    Raises:
        SetStateError: Not all contracts are drafted, or it is approved already.
        SeparationOfDutiesError: The reviewer drafted the set.
        SetChangedError: A draft has changed since.
    """
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        require_state(made, SetState.DRAFTED)
        drafter = {PersonId(made.created_by): Part.DRAFTER}
        verify_part(drafter, Part.REVIEWER, work.people.known_as({PersonId(reviewer)}))
        current = set_root(work, set_id)
        if current.hex() != seen_root:
            raise SetChangedError(seen=seen_root, current=current.hex())
        approved = replace(
            made,
            state=SetState.APPROVING,
            root=current,
            approved_root=current,
            reviewed_by=reviewer,
            reviewed_utc=office.clock.now(),
        )
        work.groups.save_set(approved)
        work.commit()
    return approved


def offer_set(office: Office, set_id: str, *, by: str) -> SetFile:
    """Offer all contracts of an approved set; the worker carries it out contract by contract.

    Raises:
        SetStateError: It is not approved, or offered already.
    """
    now = office.clock.now()

    def offered(made: SetFile) -> SetFile:
        require_state(made, SetState.APPROVED)
        return replace(made, state=SetState.OFFERING, offered_by=by, offered_utc=now)

    return changed_set(office, set_id, offered)


def carry_on(office: Office, drawers: Drawers, set_id: str, *, go_on: Callable[[], bool]) -> None:
    """Do what is due for a set, until it is done, paused, or told to stop; any worker may call it.

    Raises:
        UnknownGroupError: No such set.
        ChainUnavailableError: No final block can be named now.
        DrawersLostError: The renderers died; call again.
    """
    made = the_set(office, set_id)
    if made.paused:
        return
    if made.state is SetState.DRAFTING:
        draft_set(office, drawers, made, go_on=go_on)
    for due, act in _DEEDS.get(made.state, ()):
        _each(office, made, due, act, go_on)
    _finish(office, set_id)


def _each(office: Office, made: SetFile, state: RowState, act: _Deed, go_on: Callable[[], bool]) -> None:
    """One deed for every row in this state; a refused row rests with its reason, the others go on."""
    after = -1
    while go_on():
        with office.work() as work:
            now = held_set(work, made.id)
            rows = work.groups.due(made.id, state, after=after, limit=_AT_ONCE)
        if now.paused or now.state is not made.state or not rows:
            return
        after = rows[-1].row
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:  # each deed waits for the database most of its time
            done = list(pool.map(lambda row: _done(office, made, row, act), rows))
        with office.work() as work:
            if held_set(work, made.id, lock=True).state is not made.state:
                return  # stopped meanwhile: whoever carries that out looks at the contracts themselves
            for row in done:
                work.groups.save_row(row)
            work.commit()


def _done(office: Office, made: SetFile, row: SetRow, act: _Deed) -> SetRow:
    try:
        return act(office, made, row)
    except RejectedError as problem:
        return replace(row, problem=(problem.code, problem.en, problem.zh))


def _approve_row(office: Office, made: SetFile, row: SetRow) -> SetRow:
    number, dossier = standing(office, row)
    if dossier.state is AgreementState.DRAFT:
        dossier = submit_for_review(office, number, by=made.created_by)
    if dossier.state is AgreementState.IN_REVIEW:
        approve(office, number, reviewer=made.reviewed_by or "", seen_sha256=row.document_sha256)
    elif dossier.approved_sha256 != row.document_sha256:
        raise SetChangedError(seen=_hex(row.document_sha256), current=_hex(dossier.current_sha256))
    return replace(row, state=RowState.APPROVED)


def _offer_row(office: Office, made: SetFile, row: SetRow) -> SetRow:
    number, dossier = standing(office, row)
    if dossier.approved_sha256 != row.document_sha256:
        raise SetChangedError(seen=_hex(row.document_sha256), current=_hex(dossier.approved_sha256))
    if dossier.state is AgreementState.APPROVED:
        offer(office, number, by=made.offered_by or "")
    return replace(row, state=RowState.OFFERED)


_DEEDS: Final[Mapping[SetState, tuple[tuple[RowState, _Deed], ...]]] = {
    SetState.DRAFTING: ((RowState.RETURNED, take_up_row),),
    SetState.APPROVING: ((RowState.DRAFTED, _approve_row),),
    SetState.OFFERING: ((RowState.APPROVED, _offer_row),),
    SetState.RETURNING: tuple((state, return_row) for state in (RowState.DRAFTED, RowState.APPROVED)),
    SetState.CANCELLING: tuple(
        (state, take_back_row) for state in RowState if state not in {RowState.WITHDRAWN, RowState.KEPT}
    ),
}
_AFTER: Final = {
    SetState.DRAFTING: SetState.DRAFTED,
    SetState.APPROVING: SetState.APPROVED,
    SetState.OFFERING: SetState.OFFERED,
    SetState.RETURNING: SetState.RETURNED,
    SetState.CANCELLING: SetState.CANCELLED,
}


def _finish(office: Office, set_id: str) -> None:
    """Move the set on once its last row has come through."""
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        done = work.groups.progress(set_id)
        come = {
            SetState.DRAFTING: done.drafted,
            SetState.APPROVING: done.approved,
            SetState.OFFERING: done.offered,
            SetState.RETURNING: done.returned,
            SetState.CANCELLING: done.closed,
        }.get(made.state)
        if come != made.total:
            return
        root = set_root(work, set_id) if made.state is SetState.DRAFTING else made.root
        work.groups.save_set(replace(made, state=_AFTER[made.state], root=root))
        work.commit()


def _hex(digest: Bytes32 | None) -> str:
    return "" if digest is None else digest.hex()
