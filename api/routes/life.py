"""An agreement after it is executed, for machines: changes, renewal, disputes, archiving.

Who may: the supplier's desk begins and ends changes and archives; the drafter draws up the paper of
a change; the reviewer, who is legal staff, holds and releases. All staff read. Every body is
strict JSON; every refusal says what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends

from api.agreement_words import life_json
from api.routes.desk import AtDesk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.routes.orders import dossier_json
from api.staff import Duty, Person
from api.status_command import stated_reason
from contracts_chain.agreements.change_request import ChangeRequest, DeclaredFact
from contracts_chain.agreements.change_triggers import ChangeTrigger
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.agreement_life import life_of
from contracts_chain.workflows.amend import abandon_change, begin_change, draft_follower
from contracts_chain.workflows.change_records import plan_json
from contracts_chain.workflows.dispute import hold_for_dispute, release_hold
from contracts_chain.workflows.expire import archive_agreement
from contracts_chain.workflows.life_files import ChangeFile
from contracts_chain.workflows.renew_agreement import begin_renewal, object_to_renewal

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/agreements")

Drafter = Annotated[Person, Depends(OnDuty(Duty.DRAFTER))]
Lawyer = Annotated[Person, Depends(OnDuty(Duty.REVIEWER))]
Clerk = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]
Reader = Annotated[Person, Depends(OnDuty(*Duty))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentChange:
    """Body of a change; ``declared`` are the clerk's answers to what the system cannot see."""

    trigger: ChangeTrigger
    order_no: str
    applied_on: date
    effective_on: date
    until: date | None = None
    capacity_kva: Decimal | None = None
    merged_kva: tuple[Decimal, ...] = ()
    last_changed_on: date | None = None
    declared: tuple[DeclaredFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReason:
    """Body of an act that a person gives a reason for."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrderNo:
    """Body that names the business number."""

    order_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentObjection:
    """Body of an objection: whose, and in which words."""

    party: str
    objection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentHold:
    """Body of a dispute hold."""

    reason: str
    case_no: str = ""


@router.get("/{number}/life", summary="State, term, changes, holds, notices, related papers (any staff)")
def get_life(desk: AtDesk, person: Reader, number: str) -> dict[str, object]:
    """Everything the page ``/agreements/{number}`` shows."""
    del person
    return life_json(life_of(desk.office, number))


@router.post("/{number}/changes", status_code=201, summary="Begin a change (duty: supplier-desk)")
def post_change(desk: AtDesk, person: Clerk, number: str, body: RawBody) -> dict[str, object]:
    """docs/changes.md says what each business needs; the same order number again changes nothing."""
    sent = body_as(SentChange, body)
    request = ChangeRequest(
        applied_on=sent.applied_on,
        effective_on=sent.effective_on,
        until=sent.until,
        capacity_kva=sent.capacity_kva,
        merged_kva=sent.merged_kva,
        last_changed_on=sent.last_changed_on,
        declared=sent.declared,
    )
    order_no = sent.order_no
    return change_json(
        begin_change(desk.office, number, sent.trigger, request, order_no=order_no, by=person.id)
    )


@router.post("/{number}/changes/{order_no}/paper", status_code=201, summary="Draft its paper (duty: drafter)")
def post_paper(desk: AtDesk, person: Drafter, number: str, order_no: str, body: RawBody) -> dict[str, object]:
    """Body: a file of terms; a supplement or termination is numbered ``(Bn)``."""
    terms = load_terms(body)
    return dossier_json(draft_follower(desk.office, number, terms, order_no=order_no, by=person.id))


@router.post("/{number}/changes/{order_no}/abandon", summary="Give a change up (duty: supplier-desk)")
def post_abandon(desk: AtDesk, person: Clerk, number: str, order_no: str, body: RawBody) -> dict[str, object]:
    """Only while its paper is not on its way: withdraw that first."""
    reason = stated_reason(body_as(SentReason, body).reason)
    return dossier_json(abandon_change(desk.office, number, order_no, reason=reason, by=person.id))


@router.post("/{number}/renewals", status_code=201, summary="Begin to renew (duty: supplier-desk)")
def post_renewal(desk: AtDesk, person: Clerk, number: str, body: RawBody) -> dict[str, object]:
    """The new contract is then drafted as the paper of this change."""
    order_no = body_as(SentOrderNo, body).order_no
    return change_json(begin_renewal(desk.office, number, order_no=order_no, by=person.id))


@router.post("/{number}/objections", status_code=201, summary="A party objects to renewal (supplier-desk)")
def post_objection(desk: AtDesk, person: Clerk, number: str, body: RawBody) -> dict[str, object]:
    """The first objection stands; one within thirty days of the end is marked late."""
    sent = body_as(SentObjection, body)
    words = stated_reason(sent.objection)
    return dossier_json(
        object_to_renewal(desk.office, number, party=sent.party, objection=words, by=person.id)
    )


@router.post("/{number}/hold", status_code=201, summary="Hold for a dispute (duty: reviewer)")
def post_hold(desk: AtDesk, person: Lawyer, number: str, body: RawBody) -> dict[str, object]:
    """Until it is released nothing of the agreement is changed, archived or deleted."""
    sent = body_as(SentHold, body)
    reason = stated_reason(sent.reason)
    return dossier_json(
        hold_for_dispute(desk.office, number, reason=reason, case_no=sent.case_no, by=person.id)
    )


@router.post("/{number}/hold/release", summary="Release the hold (duty: reviewer)")
def post_release(desk: AtDesk, person: Lawyer, number: str, body: RawBody) -> dict[str, object]:
    """Body: ``{"reason": "…"}``, how the dispute ended."""
    outcome = stated_reason(body_as(SentReason, body).reason)
    return dossier_json(release_hold(desk.office, number, outcome=outcome, by=person.id))


@router.post("/{number}/archive", summary="Archive an ended agreement (duty: supplier-desk)")
def post_archive(desk: AtDesk, person: Clerk, number: str) -> dict[str, object]:
    """Refused while a dispute holds it."""
    return dossier_json(archive_agreement(desk.office, number, by=person.id))


def change_json(change: ChangeFile) -> dict[str, object]:
    """A change as staff machines see it."""
    return {
        "number": change.number,
        "order_no": change.order_no,
        "kind": change.kind,
        "trigger": change.trigger,
        "plan": plan_json(change.plan),
        "follower": change.follower,
        "state": change.state,
    }
