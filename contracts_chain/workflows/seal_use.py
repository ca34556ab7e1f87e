"""Using the utility's seals: ask, approve, take the next number of the ledger, note what was sealed.

Approval comes before use and names the agreements. The number is taken in the transaction that
commits the intent to seal, so a kill between taking and noting neither loses nor doubles it: the
same agreement and field get the same number again. Must never sign: ``workflows.sign`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.seals.seal import Seal, verify_seal_in_force, verify_seal_permits
from contracts_chain.agreements.seals.use import (
    LONGEST_APPROVAL,
    MOST_NUMBERS,
    RequestState,
    SealUse,
    UseRequest,
    UseRequestError,
    verify_approval,
    verify_approver,
)
from contracts_chain.agreements.separation import Part
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier, SlotFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import note_process_event
from contracts_chain.workflows.seal_ports import UnknownSealError
from kernel.canonical_json import JsonValue
from kernel.clock import utc_text
from kernel.digests import Digests
from kernel.ids import PersonId, new_id
from kernel.sized_bytes import Bytes32

__all__ = [
    "APPROVAL",
    "approve_use",
    "is_own_seal",
    "note_use",
    "own_seal",
    "refuse_use",
    "request_use",
    "take_use",
    "verify_use_approved",
]

APPROVAL: Final = timedelta(days=7)
"""How long an approval lasts unless the custodian says otherwise."""


def is_own_seal(office: Office, slot: SlotFile) -> bool:
    """Whether this slot takes a seal of the utility, which the registry keeps."""
    return slot.kind == "seal" and slot.organisation_id == office.utility.uscc


def own_seal(office: Office, work: UnitOfWork, slot: SlotFile, *, lock: bool = False) -> Seal:
    """The utility's live seal for a slot, whatever its state.

    Raises:
        UnknownSealError: The registry has none of this wording.
    """
    seal = work.seals.find(office.utility.uscc, slot.seal_name, lock=lock)
    if seal is None:
        raise UnknownSealError(slot.seal_name)
    return seal


def request_use(
    office: Office, seal_id: str, numbers: Sequence[str], *, by: str, reason: str, quota: int | None = None
) -> UseRequest:
    """Ask for the use of a seal on agreements: one, or all of a group set.

    Args:
        office: Where time and records come from.
        seal_id: The seal.
        numbers: Contract numbers; doubled ones count once.
        by: Account of who asks.
        reason: What for; the custodian reads it.
        quota: Uses it shall give at most; ``None`` for as many as the agreements need.

    Raises:
        UnknownSealError: No such seal.
        SealNotInForceError: It is not in use today.
        UnknownNumberError: No such agreement.
        SealClassError: It may not stand on one of them.
        UseRequestError: No agreements, too many, no reason, or one that does not take this seal.
    """
    named = tuple(dict.fromkeys(numbers))
    if not 1 <= len(named) <= MOST_NUMBERS or not reason.strip() or (quota is not None and quota < 1):
        raise UseRequestError(
            f"name 1 to {MOST_NUMBERS} agreements, say what the seal is for, give a quota above 0 or none",
            f"请填写 1 至 {MOST_NUMBERS} 份合同编号和用印事由；限次须为 1 以上，或留空",
        )
    now = office.clock.now()
    with office.work() as work:
        seal = work.seals.load(seal_id)
        verify_seal_in_force(seal, now)
        for number in named:
            _verify_takes(seal, work.agreements.load(number))
        request = UseRequest(
            id=new_id(),
            seal_id=seal_id,
            numbers=named,
            reason=reason.strip(),
            asked_by=by,
            asked_utc=now,
            quota=quota,
        )
        work.seals.add_request(request)
        _tell_step(work, request, "asked", now)
        work.commit()
    return request


def approve_use(office: Office, request_id: str, *, by: str, lasts: timedelta = APPROVAL) -> UseRequest:
    """Approve a request, as the seal's custodian; it ends on its own.

    Args:
        office: Where time and records come from.
        request_id: The request.
        by: Account of the custodian.
        lasts: From now; 30 days at most.

    Raises:
        UnknownUseRequestError: No such request.
        UseRequestError: It is decided already, or would last too long.
        SealNotInForceError: The seal is not in use today.
        SealUseAskerError: Not the custodian, or the one who asked.
        SealUsePartError: The custodian drafts or signs one of the agreements.
    """
    if not timedelta(0) < lasts <= LONGEST_APPROVAL:
        raise UseRequestError(
            f"an approval lasts {LONGEST_APPROVAL.days} days at most; choose fewer",
            f"用印批准最长 {LONGEST_APPROVAL.days} 天；请缩短期限",
        )
    now = office.clock.now()
    return _decide(office, request_id, RequestState.APPROVED, by=by, at=now, expires=now + lasts)


def refuse_use(office: Office, request_id: str, *, by: str) -> UseRequest:
    """Refuse a request, as the seal's custodian.

    Raises:
        UnknownUseRequestError: No such request.
        UseRequestError: It is decided already.
        SealUseAskerError: Not the custodian, or the one who asked.
        SealUsePartError: The custodian drafts or signs one of the agreements.
    """
    return _decide(office, request_id, RequestState.REFUSED, by=by, at=office.clock.now(), expires=None)


def take_use(
    office: Office, work: UnitOfWork, dossier: AgreementDossier, slot: SlotFile, now: datetime
) -> SealUse:
    """Give a use of the utility's seal its number, inside the transaction that commits the intent.

    Asked again for the same agreement and field, it proves again that the seal is in force and gives
    the same number. The seal's row stays locked until the transaction ends: numbers have no gap.

    Args:
        office: Whose seals.
        work: The intent's transaction; the agreement's row is locked in it already.
        dossier: The agreement.
        slot: A slot for which ``is_own_seal``.
        now: Moment of use.

    Raises:
        UnknownSealError: The registry has no seal of this wording.
        SealNotInForceError: Suspended, not yet in use, or out of its time.
        SealClassError: Not for this class of agreement.
        SealUnapprovedError: No approval covers this use now.
    """
    seal = own_seal(office, work, slot, lock=True)
    verify_seal_in_force(seal, now)
    verify_seal_permits(seal, dossier.kind)
    standing = work.seals.find_use(dossier.number, slot.field)
    if standing is not None:
        return standing
    approval = _approval(work, seal, dossier.number, now)
    use = SealUse(
        seal_id=seal.id,
        use_no=work.numbers.next_serial(f"seal:{seal.id}"),
        number=dossier.number,
        field=slot.field,
        request_id=approval.id,
        drawing_sha256=seal.drawing_sha256,
        taken_utc=now,
    )
    work.seals.add_use(use)
    _note_approval(work, use, approval, now)
    return use


def verify_use_approved(
    office: Office, work: UnitOfWork, dossier: AgreementDossier, slot: SlotFile, now: datetime
) -> None:
    """Prove that the utility's seal could be used on a slot now; takes no number.

    Raises:
        UnknownSealError: The registry has no seal of this wording.
        SealUnapprovedError: No approval covers the use, and no number was taken under one.
    """
    seal = own_seal(office, work, slot)
    if work.seals.find_use(dossier.number, slot.field) is None:
        _approval(work, seal, dossier.number, now)


def note_use(
    work: UnitOfWork,
    use: SealUse,
    *,
    document: Digests,
    certificate_sha256: Bytes32,
    at: datetime,
    actor: str,
) -> SealUse:
    """Write the ledger line's leaf (subject: the seal) in the transaction that records the sealing.

    Args:
        work: That transaction.
        use: What ``take_use`` gave.
        document: Length and digests of the sealed revision.
        certificate_sha256: Digest of the certificate that was used.
        at: Moment of recording.
        actor: Who sealed.

    Returns:
        The use as it stands; noting it twice changes nothing.
    """
    standing = work.seals.find_use(use.number, use.field) or use
    if standing.noted_utc is not None:
        return standing
    details: dict[str, JsonValue] = {
        "use_no": use.use_no,
        "number": use.number,
        "field": use.field,
        "request": use.request_id,
        "certificate_sha256": certificate_sha256.hex(),
        "drawing_sha256": use.drawing_sha256.hex(),
    }
    record = append_record(
        work,
        RecordKind.SEAL_USED,
        subject=use.seal_id,
        document=document,
        at=at,
        actor=actor,
        details=details,
    )
    noted = replace(
        use,
        noted_utc=at,
        document_sha256=document.sha256,
        certificate_sha256=certificate_sha256,
        leaf_hash=record.leaf(),
    )
    work.seals.note_use(noted)
    return noted


def _approval(work: UnitOfWork, seal: Seal, number: str, now: datetime) -> UseRequest:
    return verify_approval(
        work.seals.approval_for(seal.id, number), seal_name=seal.name, number=number, now=now
    )


def _decide(
    office: Office, request_id: str, state: RequestState, *, by: str, at: datetime, expires: datetime | None
) -> UseRequest:
    with office.work() as work:
        request = work.seals.load_request(request_id, lock=True)
        if request.state is not RequestState.ASKED:
            raise UseRequestError(
                f"the request is {request.state} already; ask anew if another use is due",
                f"该用印申请{request.state.zh}；如需再次用印，请重新申请",
            )
        seal = work.seals.load(request.seal_id)
        if state is RequestState.APPROVED:
            verify_seal_in_force(seal, at)
        verify_approver(request, by=by, custodian=seal.custodian, parts=_parts_of(work, by, request.numbers))
        decided = replace(request, state=state, decided_by=by, decided_utc=at, expires_utc=expires)
        work.seals.decide_request(decided)
        _tell_step(work, decided, str(state.value), at)
        work.commit()
    return decided


def _tell_step(work: UnitOfWork, request: UseRequest, step: str, at: datetime) -> None:
    change = {"request": request.id, "seal_id": request.seal_id, "step": step}
    for number in request.numbers:
        note_process_event(work, number, ProcessEventKind.SEALING_STEP, at=at, change=change)


def _parts_of(work: UnitOfWork, account: str, numbers: Sequence[str]) -> dict[str, dict[PersonId, Part]]:
    """Parts that a person has in agreements, under every id known of the person."""
    known = work.people.known_as({PersonId(account)})
    return {
        number: {person: part for person, part in work.people.parts(number).items() if person in known}
        for number in numbers
    }


def _verify_takes(seal: Seal, dossier: AgreementDossier) -> None:
    verify_seal_permits(seal, dossier.kind)
    wanted = (seal.owner_id, seal.name)
    due = (slot for slot in dossier.slots if slot.kind == "seal" and not slot.signed)
    if not any((slot.organisation_id, slot.seal_name) == wanted for slot in due):
        raise UseRequestError(
            f"{dossier.number} has no place left for the seal {seal.name}; check number and seal",
            f"合同 {dossier.number} 没有待盖“{seal.name}”的位置；请核对合同编号和印章",
        )


def _note_approval(work: UnitOfWork, use: SealUse, approval: UseRequest, now: datetime) -> None:
    """On the agreement's trail: which seal, which number, approved by whom and when."""
    decided = utc_text(approval.decided_utc) if approval.decided_utc else ""
    details: dict[str, JsonValue] = {"field": use.field, "request": approval.id, "approved_utc": decided}
    note_event(
        work,
        use.number,
        TrailEventKind.SEAL_APPROVED,
        at=now,
        actor=approval.decided_by,
        details=details | use.facts(),
    )
