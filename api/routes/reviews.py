"""Reviewers and parties: pass or return a draft, and reject an offer by its link.

The reviewer names the digest of the document that was read; another document is not approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.drafts import body_as, get_draft
from api.staff import Duty, Person
from contracts_chain.workflows.draft_ports import Remark
from contracts_chain.workflows.review import return_to_draft
from contracts_chain.workflows.withdraw import RejectionReason, reject

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")

Reviewer = Annotated[Person, Depends(OnDuty(Duty.REVIEWER))]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRemark:
    """A remark on one field of the terms."""

    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReturn:
    """Body of a return."""

    reason: str
    remarks: tuple[FieldRemark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRejection:
    """Body of a rejection."""

    reason: RejectionReason
    words: str | None = None


@router.post("/agreements/{number}/return", summary="Return a draft with reasons (duty: reviewer)")
def post_return(desk: AtDesk, person: Reviewer, number: str, body: RawBody) -> JSONResponse:
    """Body: ``{"reason": "…", "remarks": [{"field": "contract_cap", "text": "…"}]}``."""
    sent = body_as(SentReturn, body)
    remarks = [Remark(path=remark.field, text=remark.text) for remark in sent.remarks]
    return_to_draft(desk.office, number, reviewer=person.id, reason=sent.reason, remarks=remarks)
    return get_draft(desk, person, number)


@router.post("/links/{token}/reject", summary="A party does not sign; the agreement ends (holder of a link)")
def post_rejection(desk: AtDesk, token: str, body: RawBody) -> dict[str, str]:
    """Body: ``{"reason": "clause", "words": "第七条"}``; reasons: ``wrong_facts clause not_me other``."""
    sent = body_as(SentRejection, body)
    ended = reject(desk.office, token, reason=sent.reason, words=sent.words or "")
    return {"number": ended.number, "state": ended.state.value}
