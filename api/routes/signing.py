"""A party's way to the signature on a phone, as pages that need no script (WEB §3, S1–S10).

GET shows, POST acts: previewers fetch links. The token in the address is the secret; it
goes into no log and no Referer. What was served, read and confirmed is decided by
``workflows.ceremony``; a page only shows it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.page_picture import slim_png
from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, deliver_now
from api.routes.pages import PageRoute, page
from api.signing_words import masked_name, next_steps, party_titles, read_so_far
from contracts_chain.evidence.trail import TrailEventKind, verify_trail
from contracts_chain.workflows.ceremony import (
    begin,
    open_link,
    page_image,
    send_code,
    sign_with_code,
)
from contracts_chain.workflows.ceremony_view import CeremonyView
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import (
    CodeExpiredError,
    PagesUnreadError,
    UnknownNumberError,
    WrongCodeError,
)
from contracts_chain.workflows.office import Office
from kernel.errors import ContractsChainError, FaultError, UndecidedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
_DONE: Final = {"signed", "confirmed"}
_LARGEST_IMAGE_PX: Final = 1600


@router.get("/enter", summary="Page: from a pasted link to its signing page")
def enter(link: str = "") -> Response:
    """Take what the text message said, whole or its last part."""
    found = _TOKEN.fullmatch(link.strip().rstrip("/").rsplit("/", 1)[-1])
    if found is None:
        raise UnknownNumberError("–")
    return RedirectResponse(f"/s/{found[0]}", status_code=303)


@router.get("/s/{token}", summary="Page S1: who asks whom to sign what; changes nothing")
def invitation(request: Request, desk: AtDesk, token: str) -> Response:
    """Show; only the POST starts."""
    view = open_link(desk.office, token)
    if view.state in _DONE:
        return _to(token, "done")
    utility = desk.office.utility.name
    return page(
        request, "invitation.html", view=view, token=token, utility=utility, who=masked_name(view.signer_name)
    )


@router.post("/s/{token}", summary="Start: the holder of the link says who they are")
def start(desk: AtDesk, token: str) -> Response:
    """Log the start and go to the text."""
    if open_link(desk.office, token).state in _DONE:
        return _to(token, "done")
    begin(desk.office, token)
    return _to(token, "read")


@router.get("/s/{token}/read", summary="Page S4: every page of the contract")
def read(request: Request, desk: AtDesk, token: str) -> Response:
    """All pages as images with the PDF beside them."""
    view = open_link(desk.office, token)
    turn = _elsewhere(desk.office, view, token)
    return turn or page(request, "read.html", view=view, token=token, progress=read_so_far(view))


@router.get("/s/{token}/pages/{number}.png", summary="One page as PNG; counts as served")
def page_picture(
    desk: AtDesk, token: str, number: int, w: Annotated[int, Query(ge=200, le=_LARGEST_IMAGE_PX)] = 780
) -> Response:
    """The image, from our own renderer."""
    image = slim_png(page_image(desk.office, token, number, w))
    return Response(image, media_type="image/png")


@router.get("/s/{token}/contract.pdf", summary="The contract as it stands, for its party")
def contract_pdf(desk: AtDesk, token: str) -> Response:
    """The newest revision of the PDF."""
    dossier = _dossier(desk.office, open_link(desk.office, token))
    if dossier.current_sha256 is None:
        raise UnknownNumberError(dossier.number)
    headers = {"Content-Disposition": f'inline; filename="{dossier.number}.pdf"'}
    return Response(
        desk.office.blobs.get(dossier.current_sha256), media_type="application/pdf", headers=headers
    )


@router.get("/s/{token}/check", summary="Page S7: check before signing")
def check(request: Request, desk: AtDesk, token: str) -> Response:
    """Contract, party, seal, fingerprint, consent."""
    view = open_link(desk.office, token)
    turn = _elsewhere(desk.office, view, token)
    return turn or _check_page(request, desk, view, token)


@router.post("/s/{token}/code", summary="Take the consent and send the signing code")
def ask_code(request: Request, desk: AtDesk, later: BackgroundTasks, token: str) -> Response:
    """Refused until every page was served; the message goes out once the answer is."""
    try:
        send_code(desk.office, token)
    except PagesUnreadError as problem:
        return _check_page(request, desk, open_link(desk.office, token), token, problem)
    later.add_task(deliver_now, desk)
    return _to(token, "code")


@router.get("/s/{token}/code", summary="Page S8: enter the signing code")
def code(request: Request, desk: AtDesk, token: str) -> Response:
    """One field; the message must show the same fingerprint."""
    view = open_link(desk.office, token)
    turn = _elsewhere(desk.office, view, token)
    if turn is None and not _happened(desk.office, view, TrailEventKind.CODE_SENT):
        turn = _to(token, "check")
    return turn or page(request, "code.html", view=view, token=token, problem=None, typed="")


@router.post("/s/{token}/sign", summary="Sign and seal with the code")
def sign(
    request: Request, desk: AtDesk, token: str, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Sign this party's fields; wrong or expired codes and outages leave the contract as it was."""
    digits = "".join(sign for sign in code if sign.isdigit())
    try:
        sign_with_code(desk.office, token, digits)
    except (WrongCodeError, CodeExpiredError, UndecidedError, FaultError) as problem:
        status, _ = problem_of(problem)
        view = open_link(desk.office, token)
        return page(
            request, "code.html", status=status, view=view, token=token, problem=problem, typed=code[:12]
        )
    return _to(token, "done")


@router.get("/s/{token}/done", summary="Page S10: receipt, and what comes next")
def done(request: Request, desk: AtDesk, token: str) -> Response:
    """Formation and evidence are told apart: a contract never waits for the chain."""
    view = open_link(desk.office, token)
    if view.state not in _DONE:
        return _to(token, "")
    dossier = _dossier(desk.office, view)
    receipts = tuple(slot for slot in dossier.slots if slot.role == view.role and slot.signed)
    return page(
        request,
        "done.html",
        view=view,
        token=token,
        dossier=dossier,
        receipts=receipts,
        steps=next_steps(dossier, view.role, party_titles(dossier)),
    )


def _to(token: str, where: str) -> RedirectResponse:
    return RedirectResponse(f"/s/{token}/{where}".rstrip("/"), status_code=303)


def _dossier(office: Office, view: CeremonyView) -> AgreementDossier:
    with office.work() as work:
        return work.agreements.load(view.number)


def _elsewhere(office: Office, view: CeremonyView, token: str) -> RedirectResponse | None:
    """Where somebody belongs who is not in the middle of signing; ``None`` if they are."""
    if view.state in _DONE:
        return _to(token, "done")
    return None if _happened(office, view, TrailEventKind.IDENTIFIED) else _to(token, "")


def _happened(office: Office, view: CeremonyView, kind: TrailEventKind) -> bool:
    """Whether this party's trail holds such an event."""
    with office.work() as work:
        trail = verify_trail(work.trails.lines(view.number))
    return any(event.event is kind and event.details.get("role") == view.role for event in trail)


def _check_page(
    request: Request, desk: Desk, view: CeremonyView, token: str, problem: ContractsChainError | None = None
) -> HTMLResponse:
    slots = tuple(slot for slot in _dossier(desk.office, view).slots if slot.role == view.role)
    status = 200 if problem is None else problem_of(problem)[0]
    missing = problem.missing if isinstance(problem, PagesUnreadError) else ()
    return page(
        request,
        "check.html",
        status=status,
        view=view,
        token=token,
        slots=slots,
        problem=problem,
        missing=missing,
    )
