"""Review and approval: the bytes a reviewer approves are the bytes the parties sign.

Drafter and reviewer are different people, by id (审批权与签署权相分离). Approval pins
the digest of the draft and is the first leaf of the agreement in the log.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement, verify_separation
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from kernel.digests import digests_of
from kernel.ids import PersonId

__all__ = ["approve", "submit_for_review"]


def submit_for_review(office: Office, number: str, *, by: str) -> AgreementDossier:
    """Hand a finished draft to the reviewers.

    Raises:
        TransitionRefusedError: The agreement is not a draft.
        UnknownNumberError: No such agreement, or its PDF is not drawn up yet.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        if dossier.current_sha256 is None:
            raise UnknownNumberError(number)
        state = advance_agreement(dossier.state, Deed.SUBMIT)
        saved = work.agreements.save(replace(dossier, state=state))
        note_event(
            work,
            number,
            TrailEventKind.REVIEWED,
            at=office.clock.now(),
            actor=by,
            details={"step": "submitted"},
        )
        work.commit()
    return saved


def approve(office: Office, number: str, *, reviewer: str) -> AgreementDossier:
    """Approve the draft as it stands; its digest is pinned for good.

    Raises:
        SeparationOfDutiesError: The reviewer drafted it.
        TransitionRefusedError: The agreement is not in review.
    """
    with office.work() as work:
        dossier = work.agreements.load(number, lock=True)
        verify_separation(drafter=PersonId(dossier.drafted_by), reviewer=PersonId(reviewer))
        state = advance_agreement(dossier.state, Deed.APPROVE)
        if dossier.current_sha256 is None:
            raise UnknownNumberError(number)
        document = digests_of(office.blobs.get(dossier.current_sha256))
        now = office.clock.now()
        approved = replace(
            dossier,
            state=state,
            reviewed_by=reviewer,
            approved_sha256=dossier.current_sha256,
            evidence_state=EvidenceState.LOGGED,
        )
        saved = work.agreements.save(approved)
        note_event(
            work,
            number,
            TrailEventKind.APPROVED,
            at=now,
            actor=reviewer,
            details={"document_sha256": document.sha256.hex()},
        )
        append_record(
            work,
            RecordKind.AGREEMENT_APPROVED,
            subject=number,
            document=document,
            at=now,
            actor=reviewer,
            details=_checked_against(dossier),
        )
        work.commit()
    return saved


def _checked_against(dossier: AgreementDossier) -> dict[str, str]:
    return {
        "drafted_by": dossier.drafted_by,
        "profile": dossier.profile,
        "rule_pack": dossier.rule_pack,
        "template": dossier.template,
        "template_sha256": dossier.template_sha256.hex(),
    }
