"""A party's way to the signature on a phone: from the link to the receipt (WEB §3, S1, S3, S10, S11).

GET shows, POST acts: previewers fetch links. Works without script. What was served, read and
confirmed is decided by ``workflows``; a page only shows it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.routes.desk import AtDesk
from api.routes.pages import PageRoute, page
from api.routes.signing_links import DONE, dossier_of, elsewhere, place_of, signing_page, to
from api.signing_words import day_until, masked_name, next_steps, party_titles, summary_rows
from contracts_chain.workflows.ceremony import begin, open_link
from contracts_chain.workflows.ceremony_errors import IdentityMissingError
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.paper import PaperWay, choose_paper
from contracts_chain.workflows.withdraw import RejectionReason, reject
from kernel.errors import RejectedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
Words = Annotated[str, Form(max_length=500)]


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
    if view.state in DONE:
        return to(token, "done")
    dossier = dossier_of(desk.office, view.number)
    return page(
        request,
        "invitation.html",
        view=view,
        token=token,
        utility=desk.office.utility.name,
        who=masked_name(view.signer_name),
        until=day_until(dossier.offer_until, desk.office.clock.now()),
    )


@router.post("/s/{token}", summary="Start: the holder of the link goes ahead, or has its identity checked")
def start(desk: AtDesk, token: str) -> Response:
    """Go to the check of identity, to the summary, or to where the party left off."""
    if open_link(desk.office, token).state in DONE:
        return to(token, "done")
    try:
        view = begin(desk.office, token)
    except IdentityMissingError:
        return to(token, "identity")
    return to(token, place_of(view) if view.served else "summary")


@router.get("/s/{token}/summary", summary="Page S3: what the contract says, in short")
def summary(request: Request, desk: AtDesk, token: str) -> Response:
    """Facts of the terms; the full text prevails."""
    view = open_link(desk.office, token)
    turn = elsewhere(view, token)
    rows = summary_rows(dossier_of(desk.office, view.number))
    return turn or signing_page(request, "summary.html", view, token, rows=rows)


@router.get("/s/{token}/contract.pdf", summary="The contract as it stands, for its party")
def contract_pdf(desk: AtDesk, token: str) -> Response:
    """The newest revision of the PDF."""
    dossier = dossier_of(desk.office, open_link(desk.office, token).number)
    if dossier.current_sha256 is None:
        raise UnknownNumberError(dossier.number)
    headers = {"Content-Disposition": f'inline; filename="{dossier.number}.pdf"'}
    content = desk.office.blobs.get(dossier.current_sha256)
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/s/{token}/done", summary="Pages S9 and S10: progress, receipt, and what comes next")
def done(request: Request, desk: AtDesk, token: str) -> Response:
    """Formation and evidence are told apart: a contract never waits for the chain."""
    view = open_link(desk.office, token)
    if view.state not in DONE:
        return to(token)
    dossier = dossier_of(desk.office, view.number)
    own = tuple(slot for slot in dossier.slots if slot.role == view.role)
    return page(
        request,
        "done.html",
        view=view,
        token=token,
        dossier=dossier,
        own=own,
        receipts=tuple(slot for slot in own if slot.signed),
        steps=next_steps(dossier, view.role, party_titles(dossier)),
    )


@router.get("/s/{token}/reject", summary="Page S11: not to sign, with a reason")
def rejection(request: Request, desk: AtDesk, token: str) -> Response:
    """Reasons to choose from."""
    view = open_link(desk.office, token)
    if view.state in DONE:
        return to(token, "done")
    return signing_page(request, "reject.html", view, token, reasons=tuple(RejectionReason), typed=("", ""))


@router.post("/s/{token}/reject", summary="Do not sign; the agreement ends for all parties")
def post_rejection(
    request: Request, desk: AtDesk, token: str, reason: Words = "", words: Words = ""
) -> Response:
    """A reason that needs words comes back without them."""
    view = open_link(desk.office, token)
    chosen = next((one for one in RejectionReason if one.value == reason), RejectionReason.OTHER)
    try:
        reject(desk.office, token, reason=chosen, words=words)
    except RejectedError as problem:
        reasons = tuple(RejectionReason)
        return signing_page(
            request, "reject.html", view, token, problem, reasons=reasons, typed=(reason, words)
        )
    return signing_page(request, "ended.html", view, token, paper=False)


@router.get("/s/{token}/paper", summary="Page S11: to sign on paper instead")
def paper(request: Request, desk: AtDesk, token: str) -> Response:
    """By post or at a hall; signing online stops."""
    view = open_link(desk.office, token)
    return to(token, "done") if view.state in DONE else signing_page(request, "paper.html", view, token)


@router.post("/s/{token}/paper", summary="Choose paper; signing online stops for this party")
def post_paper(request: Request, desk: AtDesk, token: str, way: Words = "hall") -> Response:
    """The utility's desk is told."""
    view = open_link(desk.office, token)
    choose_paper(desk.office, token, PaperWay.POST if way == "post" else PaperWay.HALL)
    return signing_page(request, "ended.html", view, token, paper=True)
