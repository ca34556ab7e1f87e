"""The staff pages ``/seals`` and ``/seals/{id}``: life cycle, permitted classes, ledger, 申请用印, approval.

A page offers only what the caller may do now; the deed itself checks again. Works without script; a
refused deed comes back with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.posted_form import PostedForm
from api.routes.desk import AtDesk, Desk, RawBody
from api.routes.pages import PageRoute, page
from api.routes.seals import Asker, Decider, Keeper, Reader, take_step
from api.seal_words import classes_zh, day_words, deed_forms, life_line, request_pem
from api.staff import Duty, Person
from contracts_chain.agreements.seals.life import SealDeed
from contracts_chain.agreements.seals.seal import SealKind
from contracts_chain.agreements.seals.use import RequestState
from contracts_chain.agreements.terms.codes import AgreementKind
from contracts_chain.workflows.seal_registry import (
    SealApplication,
    SealApplicationError,
    apply_seal,
    request_certificate,
)
from contracts_chain.workflows.seal_use import approve_use, refuse_use, request_use
from contracts_chain.workflows.seal_view import LEDGER_PAGE, all_seals, imported_seals, seal_view
from kernel.clock import BEIJING
from kernel.errors import RejectedError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

Line = Annotated[str, Form(max_length=500)]
Numbers = Annotated[str, Form(max_length=12_000)]
Certificates = Annotated[str, Form(max_length=65_536)]
_APPROVAL_DAYS: Final = (1, 3, 7, 30)
_DONE: Final = frozenset({"applied", "asked", "approved", "refused", "step"})
_NOTHING_TYPED: Final = {
    "form": "",
    "numbers": "",
    "reason": "",
    "quota": "",
    "filing_no": "",
    "certificate": "",
}


@pages.get("/seals")
def show_seals(request: Request, desk: AtDesk, person: Reader) -> Response:
    """All seals; whoever may apply finds the form below."""
    return _list(request, desk, person)


@pages.post("/seals")
def apply_from_page(request: Request, desk: AtDesk, person: Asker, body: RawBody) -> Response:
    """Apply; then the new seal's page, or the list again with what is wrong."""
    form = PostedForm(body)
    try:
        seal = apply_seal(desk.office, _application(form), by=person.id)
    except RejectedError as problem:
        return _list(request, desk, person, problem=problem, form=form, status=422)
    return _back(seal.id, "applied")


@pages.get("/seals/{seal_id}")
def show_seal(
    request: Request,
    desk: AtDesk,
    person: Reader,
    seal_id: str,
    done: str = "",
    after: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """One seal."""
    return _page(request, desk, person, seal_id, done=done, after=after)


@pages.post("/seals/{seal_id}/deeds")
def post_deed(
    request: Request,
    desk: AtDesk,
    person: Decider,
    seal_id: str,
    deed: Annotated[SealDeed, Form()],
    *,
    reason: Line = "",
    filing_no: Line = "",
    certificate: Certificates = "",
) -> Response:
    """Take a step of the seal's life."""
    typed = {"form": deed.value, "reason": reason, "filing_no": filing_no, "certificate": certificate}
    return _done(
        request,
        desk,
        person,
        seal_id,
        lambda: take_step(
            desk.office,
            seal_id,
            deed,
            by=person.id,
            reason=reason,
            filing_no=filing_no,
            certificate=certificate.strip().encode(),
        ),
        word="step",
        typed=typed,
    )


@pages.post("/seals/{seal_id}/certificate-request")
def post_certificate_request(request: Request, desk: AtDesk, person: Keeper, seal_id: str) -> Response:
    """The request for a certificate as a file; or the page again with what is wrong."""
    try:
        made = request_certificate(desk.office, desk.office.seal_keys, seal_id, by=person.id)
    except RejectedError as problem:
        return _page(request, desk, person, seal_id, problem=problem, status=422)
    named = {"Content-Disposition": f'attachment; filename="seal-{seal_id[:8]}.csr"'}
    return Response(request_pem(made), media_type="application/pkcs10", headers=named)


@pages.post("/seals/{seal_id}/requests")
def post_request(
    request: Request,
    desk: AtDesk,
    person: Asker,
    seal_id: str,
    numbers: Numbers,
    reason: Line,
    quota: Annotated[str, Form(pattern=r"^[0-9]{0,5}$")] = "",
) -> Response:
    """申请用印."""
    typed = {"form": "ask", "numbers": numbers, "reason": reason, "quota": quota}
    return _done(
        request,
        desk,
        person,
        seal_id,
        lambda: request_use(
            desk.office,
            seal_id,
            numbers.split(),
            by=person.id,
            reason=reason,
            quota=int(quota) if quota else None,
        ),
        word="asked",
        typed=typed,
    )


@pages.post("/seals/{seal_id}/requests/{request_id}")
def decide_request(
    request: Request,
    desk: AtDesk,
    person: Keeper,
    seal_id: str,
    request_id: str,
    decision: Annotated[str, Form(pattern=r"^(approve|refuse)$")],
    days: Annotated[int, Form(ge=1, le=30)] = 7,
) -> Response:
    """Approve or refuse a use."""

    def decide() -> object:
        if decision == "refuse":
            return refuse_use(desk.office, request_id, by=person.id)
        return approve_use(desk.office, request_id, by=person.id, lasts=timedelta(days=days))

    word = "refused" if decision == "refuse" else "approved"
    return _done(request, desk, person, seal_id, decide, word=word, typed={"form": request_id})


def _done(
    request: Request,
    desk: Desk,
    person: Person,
    seal_id: str,
    deed: Callable[[], object],
    *,
    word: str,
    typed: dict[str, str],
) -> Response:
    """Do it; then the page again, or the same page with what is wrong."""
    try:
        deed()
    except RejectedError as problem:
        return _page(request, desk, person, seal_id, problem=problem, typed=typed, status=422)
    return _back(seal_id, word)


def _back(seal_id: str, done: str) -> Response:
    return RedirectResponse(f"/seals/{seal_id}?done={done}", status_code=303)


def _list(
    request: Request,
    desk: Desk,
    person: Person,
    *,
    problem: RejectedError | None = None,
    form: PostedForm | None = None,
    status: int = 200,
) -> Response:
    today = desk.office.clock.now().astimezone(BEIJING).date()
    blank = {"name": "", "kind": SealKind.SUPPLY_CONTRACT.value, "holder": "", "key_ref": ""}
    blank |= {"valid_from": today.isoformat(), "valid_to": (today + timedelta(days=365)).isoformat()}
    return page(
        request,
        "seals.html",
        status=status,
        seals=all_seals(desk.office),
        imported=imported_seals(desk.office),
        beijing_day=lambda moment: day_words(moment.astimezone(BEIJING).date()),
        classes_zh=classes_zh,
        day_words=day_words,
        may_apply=person.duty is Duty.SUPPLIER_DESK,
        kinds=list(SealKind),
        classes=list(AgreementKind),
        problem=problem,
        typed={name: form.text(name) for name in blank} if form else blank,
        chosen=form.words("classes") if form else [kind.value for kind in AgreementKind],
    )


def _page(
    request: Request,
    desk: Desk,
    person: Person,
    seal_id: str,
    *,
    done: str = "",
    after: int | None = None,
    problem: RejectedError | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    view = seal_view(desk.office, seal_id, after=after)
    first = view.ledger[0].use.use_no if view.ledger else 0
    last = view.ledger[-1].use.use_no if view.ledger else 0
    waiting = [one for one in view.requests if one.state is RequestState.ASKED]
    return page(
        request,
        "seal.html",
        status=status,
        view=view,
        seal=view.seal,
        classes=classes_zh(view.seal),
        day_words=day_words,
        life=[life_line(event) for event in view.trail],
        deeds=deed_forms(view.seal, person),
        waiting=waiting,
        decided=[one for one in view.requests if one.state is not RequestState.ASKED],
        now=desk.office.clock.now(),
        may_ask=person.duty is Duty.SUPPLIER_DESK,
        may_decide=person.id == view.seal.custodian,
        approval_days=_APPROVAL_DAYS,
        earlier=max(0, first - 1 - LEDGER_PAGE) if first > 1 else None,
        later=last if last < view.uses else None,
        done=done if done in _DONE else "",
        problem=problem,
        typed=_NOTHING_TYPED | (typed or {}),
    )


def _application(form: PostedForm) -> SealApplication:
    """What the form says.

    Raises:
        SealApplicationError: A kind or day that cannot be read.
    """
    try:
        return SealApplication(
            name=form.text("name"),
            kind=SealKind(form.text("kind")),
            holder=form.text("holder"),
            custodian=Duty.SEAL_CUSTODIAN.value,
            classes=form.words("classes"),
            key_ref=form.text("key_ref"),
            valid_from=date.fromisoformat(form.text("valid_from")),
            valid_to=date.fromisoformat(form.text("valid_to")),
        )
    except ValueError as problem:
        raise SealApplicationError(
            "choose a kind, and write days as 2026-11-20; nothing was stored",
            "请选择印章种类，日期写作 2026-11-20；未保存，请更正",
        ) from problem
