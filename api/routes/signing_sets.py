"""Many contracts, one signing (WEB §3, S12): the list, the choice, one will check, what came of it.

The link of a set leads here; each document's own pages are reached from the list. Staff put a set
together. Works without script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.routes.pages import PageRoute, page
from api.signing_words import masked_name
from api.staff import Duty, Person
from contracts_chain.activation.port import CodeFactor, TotpFactor, WillFactor
from contracts_chain.workflows.ceremony_errors import IdentityMissingError
from contracts_chain.workflows.group_set import the_set
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.sign_set import (
    SigningSetView,
    begin_set,
    choose,
    consent_to_set,
    open_set,
    set_view,
    sign_set,
    sign_set_again,
)
from contracts_chain.workflows.will import send_code
from kernel.errors import ContractsChainError, FaultError, RejectedError, UndecidedError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute)

SupplierDesk = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]
Word = Annotated[str, Form(max_length=40)]
_MOST: Final = 200
"""As ``sign_set`` takes in one signing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSet:
    """Body of a new signing set."""

    numbers: tuple[str, ...]
    role: str


@pages.post("/api/v1/signing-sets", summary="Put contracts of one signer together (duty: supplier-desk)")
def post_set(desk: AtDesk, person: SupplierDesk, body: RawBody) -> JSONResponse:
    """Body: ``{"numbers": ["SG…"], "role": "consumer"}``; the link is told once."""
    sent = body_as(SentSet, body)
    try:
        token = open_set(desk.office, sent.numbers, sent.role, by=person.id)
    except ContractsChainError as problem:
        status, told = problem_of(problem)
        return JSONResponse(told, status_code=status, media_type="application/problem+json")
    return JSONResponse({"count": len(sent.numbers), "link": _address(desk, token)}, status_code=201)


@pages.post("/sets/{set_id}/one-signing/{role}", summary="One link for all of a batch (duty: supplier-desk)")
def post_one_signing(
    request: Request, desk: AtDesk, person: SupplierDesk, set_id: str, role: str
) -> HTMLResponse:
    """Every contract of an imported batch that waits for this party; the link is shown once."""
    numbers = _waiting(desk, set_id, role)
    token = open_set(desk.office, numbers, role, by=person.id)
    link = _address(desk, token)
    return page(request, "set_link.html", set_id=set_id, count=len(numbers), role=role, link=link)


@pages.get("/s/set/{token}", summary="Page S12: every contract of a set, with what differs")
def get_set(request: Request, desk: AtDesk, token: str) -> Response:
    """Changes nothing."""
    return _set_page(request, set_view(desk.office, token), token)


@pages.post("/s/set/{token}", summary="Start: the signer of the set goes ahead")
def post_begin(desk: AtDesk, token: str) -> Response:
    """Identity is checked in the pages of the first contract."""
    view = set_view(desk.office, token)
    try:
        begin_set(desk.office, token)
    except IdentityMissingError:
        return RedirectResponse(f"/s/{view.lines[0].token}/identity", status_code=303)
    return _to(token)


@pages.post("/s/set/{token}/choice", summary="Choose what is signed now")
def post_choice(
    request: Request, desk: AtDesk, token: str, sign: Annotated[list[str] | None, Form()] = None
) -> Response:
    """What is not chosen waits for a signing of its own."""
    try:
        choose(desk.office, token, sign or [])
    except RejectedError as problem:
        return _set_page(request, set_view(desk.office, token), token, problem)
    return _to(token)


@pages.post("/s/set/{token}/mark", summary="The same typed name under every contract of the set")
def post_mark(
    request: Request, desk: AtDesk, token: str, name: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Drawn signatures are given in each contract's own pages."""
    try:
        for line in set_view(desk.office, token).chosen:
            choose_mark(desk.office, line.token, TypedMark(name=name.strip()))
    except RejectedError as problem:
        return _set_page(request, set_view(desk.office, token), token, problem)
    return _to(token)


@pages.post("/s/set/{token}/code", summary="Consent to every chosen contract and get one code")
def post_code(request: Request, desk: AtDesk, token: str) -> Response:
    """Refused until each chosen contract is read."""
    try:
        consent_to_set(desk.office, token)
        send_code(desk.office, token)
    except (RejectedError, UndecidedError) as problem:
        return _set_page(request, set_view(desk.office, token), token, problem)
    return _code_page(request, desk, token)


@pages.post("/s/set/{token}/sign", summary="Sign every chosen contract with one code")
def post_sign(request: Request, desk: AtDesk, token: str, code: Word = "", by: Word = "code") -> Response:
    """Each contract is signed by itself; what fails can be tried again."""
    digits = "".join(sign for sign in code if sign.isdigit())
    factor: WillFactor = TotpFactor(code=digits) if by == "totp" else CodeFactor(code=digits)
    try:
        outcome = sign_set(desk.office, token, factor)
    except (RejectedError, UndecidedError, FaultError) as problem:
        return _code_page(request, desk, token, problem)
    return _set_page(request, set_view(desk.office, token), token, outcome=outcome)


@pages.post("/s/set/{token}/again", summary="Try again what is not signed yet")
def post_again(request: Request, desk: AtDesk, token: str) -> Response:
    """Nothing is signed twice."""
    outcome = sign_set_again(desk.office, token)
    return _set_page(request, set_view(desk.office, token), token, outcome=outcome)


def _address(desk: Desk, token: str) -> str:
    return f"{desk.house.settings.public_url.rstrip('/')}/s/set/{token}"


def _waiting(desk: Desk, set_id: str, role: str) -> tuple[str, ...]:
    """Contracts of an imported batch that wait for a party, its framework apart."""
    the_set(desk.office, set_id)
    with desk.office.work() as work:
        rows = [row for row in work.groups.rows(set_id, offset=0, limit=_MOST + 1) if row.row and row.number]
        held = [work.agreements.load(row.number) for row in rows if row.number]
    return tuple(one.number for one in held if one.next_slot is not None and one.next_slot.role == role)


def _to(token: str) -> RedirectResponse:
    return RedirectResponse(f"/s/set/{token}", status_code=303)


def _set_page(
    request: Request,
    view: SigningSetView,
    token: str,
    problem: ContractsChainError | None = None,
    outcome: object = None,
) -> HTMLResponse:
    status = 200 if problem is None else problem_of(problem)[0]
    begun = all(line.view.progress.identified for line in view.lines if line.view.state == "open")
    return page(
        request,
        "signing_set.html",
        status=status,
        set=view,
        who=masked_name(view.signer_name),
        token=token,
        problem=problem,
        outcome=outcome,
        begun=begun,
    )


def _code_page(
    request: Request, desk: Desk, token: str, problem: ContractsChainError | None = None
) -> HTMLResponse:
    status = 200 if problem is None else problem_of(problem)[0]
    view = set_view(desk.office, token)
    return page(request, "signing_set_code.html", status=status, set=view, token=token, problem=problem)
