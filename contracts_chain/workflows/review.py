"""Review: submitted, then passed or returned; the bytes a reviewer approves are the bytes signed.

Nobody who saved any version of the draft may review it, and no reviewer may sign, by id
(审批权与签署权相分离). Approval pins the digest of the draft and is a leaf in the log.
What a reviewer remarks is internal: it stands in the store, on no trail and in no package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement
from contracts_chain.agreements.rules.pack import pack_sha256
from contracts_chain.agreements.rules.profile import profile_sha256
from contracts_chain.agreements.separation import Part
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import check_terms
from contracts_chain.workflows.draft_errors import DraftUndrawnError, ReasonMissingError, UnseenBytesError
from contracts_chain.workflows.draft_ports import Remark, ReviewNote
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import take_part
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import moves
from contracts_chain.workflows.related import require_agreeing
from kernel.canonical_json import JsonObject
from kernel.digests import digests_of
from kernel.sized_bytes import Bytes32

__all__ = ["approve", "return_to_draft", "submit_for_review"]


def submit_for_review(office: Office, number: str, *, by: str) -> AgreementDossier:
    """Hand a finished draft to the reviewers; one whose terms break rules is refused.

    Raises:
        TransitionRefusedError: The agreement is not a draft.
        RulesViolatedError: The terms break rules, or disagree with other agreements in the store.
        DraftUndrawnError: Its PDF is not drawn.
        SeparationOfDutiesError: Who submits is to sign, or reviewed it before.
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        state = advance_agreement(dossier.state, Deed.SUBMIT)
        terms = load_terms(dossier.terms)
        check_terms(terms)
        require_agreeing(office, work, terms, order_no=dossier.order_no, number=number)
        if dossier.current_sha256 is None:
            raise DraftUndrawnError(number)
        take_part(work, number, Part.DRAFTER, by)
        saved = work.agreements.save(replace(dossier, state=state))
        details: JsonObject = {"draft_version": dossier.draft_version, "step": "submitted"}
        now, moved = office.clock.now(), moves(dossier, saved)
        note_event(work, number, TrailEventKind.REVIEWED, at=now, actor=by, details=details, moved=moved)
        work.commit()
    return saved


def approve(
    office: Office, number: str, *, reviewer: str, seen_sha256: Bytes32 | None = None
) -> AgreementDossier:
    """Approve the draft as it stands; its digest is pinned until somebody revises the draft.

    Args:
        office: Where documents and records are.
        number: Contract number.
        reviewer: Account of the reviewer.
        seen_sha256: Digest of the document the reviewer read, where the caller knows it.

    Raises:
        SeparationOfDutiesError: The reviewer drafted it, or is to sign it.
        TransitionRefusedError: The agreement is not in review.
        UnseenBytesError: The reviewer read another document.
        DraftUndrawnError: Its PDF is not drawn.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        state = advance_agreement(dossier.state, Deed.APPROVE)
        take_part(work, number, Part.REVIEWER, reviewer)
        if dossier.current_sha256 is None:
            raise DraftUndrawnError(number)
        if seen_sha256 is not None and seen_sha256 != dossier.current_sha256:
            raise UnseenBytesError(seen=seen_sha256, standing=dossier.current_sha256)
        now = office.clock.now()
        approved = replace(
            dossier,
            state=state,
            reviewed_by=reviewer,
            approved_sha256=dossier.current_sha256,
            evidence_state=EvidenceState.LOGGED,
        )
        saved = work.agreements.save(approved)
        _keep_approval(office, work, saved, moves(dossier, saved), reviewer, now)
        work.commit()
    return saved


def return_to_draft(
    office: Office, number: str, *, reviewer: str, reason: str, remarks: Sequence[Remark] = ()
) -> AgreementDossier:
    """Send a draft back with the reason and remarks on its fields; a revision brings it up again.

    Raises:
        ReasonMissingError: No reason is given.
        SeparationOfDutiesError: The reviewer drafted it, or is to sign it.
        TransitionRefusedError: The agreement is not in review.
    """
    if not reason.strip():
        raise ReasonMissingError
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        state = advance_agreement(dossier.state, Deed.RETURN)
        take_part(work, number, Part.REVIEWER, reviewer)
        now = office.clock.now()
        saved = work.agreements.save(replace(dossier, state=state))
        work.drafts.note(
            ReviewNote(
                number=number,
                version=dossier.draft_version,
                verdict="returned",
                reviewer=reviewer,
                reviewed_utc=now,
                reason=reason.strip(),
                remarks=tuple(remarks),
            )
        )
        details, moved = {"draft_version": dossier.draft_version}, moves(dossier, saved)
        note_event(
            work, number, TrailEventKind.RETURNED, at=now, actor=reviewer, details=details, moved=moved
        )
        work.commit()
    return saved


def _keep_approval(
    office: Office,
    work: UnitOfWork,
    dossier: AgreementDossier,
    moved: JsonObject,
    reviewer: str,
    now: datetime,
) -> None:
    """Review note, trail line and leaf of an approval."""
    if dossier.current_sha256 is None:
        raise DraftUndrawnError(dossier.number)
    document = digests_of(office.blobs.get(dossier.current_sha256))
    work.drafts.note(
        ReviewNote(
            number=dossier.number,
            version=dossier.draft_version,
            verdict="approved",
            reviewer=reviewer,
            reviewed_utc=now,
        )
    )
    facts = {"document_sha256": document.sha256.hex()}
    note_event(
        work, dossier.number, TrailEventKind.APPROVED, at=now, actor=reviewer, details=facts, moved=moved
    )
    append_record(
        work,
        RecordKind.AGREEMENT_APPROVED,
        subject=dossier.number,
        document=document,
        at=now,
        actor=reviewer,
        details=_checked_against(dossier),
    )


def _checked_against(dossier: AgreementDossier) -> dict[str, str]:
    return {
        "drafted_by": dossier.drafted_by,
        "pack_sha256": pack_sha256(dossier.rule_pack).hex(),
        "profile": dossier.profile,
        "profile_sha256": profile_sha256(dossier.profile).hex(),
        "rule_pack": dossier.rule_pack,
        "template": dossier.template,
        "template_sha256": dossier.template_sha256.hex(),
    }
