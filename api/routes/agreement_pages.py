"""The staff page ``/agreements/{no}``: how an agreement stands, what comes next, what may be done.

The page offers only the deeds of the caller's duty that its state allows; the deed itself checks
again. Works without script; a refused deed comes back with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.agreement_words import change_line, deeds_for, notice_line, term_zh
from api.routes.desk import AtDesk, OnDuty
from api.routes.pages import PageRoute, page
from api.staff import Duty, DutyMissingError, Person
from api.status_command import stated_reason
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.workflows.agreement_life import life_of
from contracts_chain.workflows.dispute import hold_for_dispute, release_hold
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.expire import archive_agreement
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.renew_agreement import begin_renewal
from contracts_chain.workflows.status import StatusDeed, change_status
from kernel.errors import RejectedError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

Reader = Annotated[Person, Depends(OnDuty(*Duty))]
Words = Annotated[str, Form(max_length=500)]
_Act = Callable[[Office, str, str, str, str], object]


@pages.get("/agreements/{number}")
def get_agreement(request: Request, desk: AtDesk, person: Reader, number: str, done: str = "") -> Response:
    """One agreement with everything around it."""
    return _page(request, desk.office, person, number, done=done)


@pages.post("/agreements/{number}/deeds")
def post_deed(
    request: Request,
    desk: AtDesk,
    person: Reader,
    number: str,
    deed: Words,
    reason: Words = "",
    further: Words = "",
) -> Response:
    """Do one deed; then the page again, or the same page with what is wrong."""
    office = desk.office
    act, duty = _ACTS.get(deed, (None, person.duty))
    if act is None:
        return RedirectResponse(f"/agreements/{number}", status_code=303)
    if person.duty is not duty:
        raise DutyMissingError(person.duty, (duty,))
    try:
        act(office, number, stated_reason(reason), further.strip(), person.id)
    except RejectedError as problem:
        typed = {"deed": deed, "reason": reason, "further": further}
        return _page(request, office, person, number, problem=problem, typed=typed, status=422)
    return RedirectResponse(f"/agreements/{number}?done={deed}", status_code=303)


def _page(
    request: Request,
    office: Office,
    person: Person,
    number: str,
    *,
    done: str = "",
    problem: RejectedError | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    life = life_of(office, number)
    return page(
        request,
        "agreement.html",
        status=status,
        life=life,
        title=life.terms.KIND.zh,
        term=term_zh(life),
        deeds=deeds_for(life, person.duty),
        changes=[change_line(one) for one in life.changes],
        notices=[notice_line(one) for one in life.notices],
        related=[(one, _kind_zh(one)) for one in life.related],
        done=done if done in _ACTS else "",
        problem=problem,
        typed=typed or {"deed": "", "reason": "", "further": ""},
    )


def _kind_zh(dossier: AgreementDossier) -> str:
    return next((kind.zh for kind in AgreementKind if kind.value == dossier.kind), dossier.kind)


def _status(deed: StatusDeed, field: str) -> _Act:
    def act(office: Office, number: str, reason: str, further: str, by: str) -> object:
        given = further or None
        successor = given if field == "successor" else None
        notice = given if field == "notice" else None
        return change_status(office, number, deed, reason=reason, by=by, successor=successor, notice=notice)

    return act


def _renew(office: Office, number: str, reason: str, further: str, by: str) -> object:
    del reason  # the contract's own end is the reason; the note is for the clerk's screen
    return begin_renewal(office, number, order_no=stated_reason(further), by=by)


def _hold(office: Office, number: str, reason: str, further: str, by: str) -> object:
    return hold_for_dispute(office, number, reason=reason, case_no=further, by=by)


def _release(office: Office, number: str, reason: str, further: str, by: str) -> object:
    del further
    return release_hold(office, number, outcome=reason, by=by)


def _archive(office: Office, number: str, reason: str, further: str, by: str) -> object:
    del reason, further
    return archive_agreement(office, number, by=by)


_ACTS: dict[str, tuple[_Act, Duty]] = {
    "suspend": (_status(StatusDeed.SUSPEND, "notice"), Duty.SUPPLIER_DESK),
    "resume": (_status(StatusDeed.RESUME, ""), Duty.SUPPLIER_DESK),
    "terminate": (_status(StatusDeed.TERMINATE, "notice"), Duty.SUPPLIER_DESK),
    "supersede": (_status(StatusDeed.SUPERSEDE, "successor"), Duty.SUPPLIER_DESK),
    "renew": (_renew, Duty.SUPPLIER_DESK),
    "hold": (_hold, Duty.REVIEWER),
    "release": (_release, Duty.REVIEWER),
    "archive": (_archive, Duty.SUPPLIER_DESK),
}
