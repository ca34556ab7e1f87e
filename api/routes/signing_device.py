"""A passkey on the signer's own device (WEB §3, S7): registered on a code to the attested phone.

The activation process draws, sends and checks the code and keeps the passkey; nothing of either
stays here. Only the identified party whose turn it is comes this far: a forwarded, closed or early
link registers nothing. Registering needs script, as every passkey does; signing by code does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, RawBody
from api.routes.drafts import body_as
from api.routes.pages import PageRoute
from api.routes.signing_links import elsewhere, identified_signer, place_of, signing_page, to
from contracts_chain.activation.port import CodeIssued
from contracts_chain.evidence.strict_fields import parse_object
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.ceremony_view import CeremonyView
from kernel.errors import ContractsChainError, RejectedError, UndecidedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """Body that asks for the options of a registration."""

    code: str


@router.get("/s/{token}/device", summary="Page S7: register this device's passkey; sends nothing yet")
def device(request: Request, desk: AtDesk, token: str) -> Response:
    """What a passkey is for, and the button that sends the code."""
    view = open_link(desk.office, token)
    return elsewhere(view, token) or _device_page(request, view, token)


@router.post("/s/{token}/device/code", summary="Send a code that only registers a passkey")
def post_code(request: Request, desk: AtDesk, token: str) -> Response:
    """It goes to the phone that identity was attested with, and to no other."""
    signer = identified_signer(desk.office, token)
    try:
        issued = desk.office.activation.send_enrolment_code(signer)
    except (RejectedError, UndecidedError) as problem:
        return _device_page(request, open_link(desk.office, token), token, problem)
    return _device_page(request, open_link(desk.office, token), token, issued=issued)


@router.post("/s/{token}/device/options", summary="Spend the code for the options of a new passkey")
def post_options(desk: AtDesk, token: str, body: RawBody) -> JSONResponse:
    """JSON for ``navigator.credentials.create``; body: ``{"code": "123456"}``."""
    try:
        digits = "".join(sign for sign in body_as(SentCode, body).code if sign.isdigit())
        signer = identified_signer(desk.office, token)
        return JSONResponse(desk.office.activation.new_passkey_options(signer, digits))
    except ContractsChainError as problem:
        return _told(problem)


@router.post("/s/{token}/device", summary="Register the passkey that the browser made")
def post_device(desk: AtDesk, token: str, body: RawBody) -> JSONResponse:
    """Body: the credential as the browser made it; answers where to go."""
    try:
        signer = identified_signer(desk.office, token)
        desk.office.activation.add_passkey(signer, parse_object(body, "credential"))
    except ContractsChainError as problem:
        return _told(problem)
    return JSONResponse({"next": to(token, place_of(open_link(desk.office, token))).headers["location"]})


def _device_page(
    request: Request,
    view: CeremonyView,
    token: str,
    problem: ContractsChainError | None = None,
    issued: CodeIssued | None = None,
) -> Response:
    return signing_page(request, "device.html", view, token, problem, issued=issued, onward=place_of(view))


def _told(problem: ContractsChainError) -> JSONResponse:
    status, told = problem_of(problem)
    return JSONResponse(told, status_code=status, media_type="application/problem+json")
