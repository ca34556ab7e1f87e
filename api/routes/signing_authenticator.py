"""An authenticator app of the signer's own (WEB §3, S7): registered on a code to the attested phone.

The activation process makes the secret and checks its first digits; the page shows the secret once,
to the identified party whose turn it is, and this service keeps nothing of it. Digits of an app are
the lower level, as a signing code is; contract and report say so. Works without script.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qs, urlsplit

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.routes.desk import AtDesk
from api.routes.pages import PageRoute
from api.routes.signing_links import elsewhere, identified_signer, place_of, signing_page, to
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.office import Office
from kernel.errors import RejectedError, UndecidedError

__all__ = ["router"]

router = APIRouter(route_class=PageRoute)

_UNSHOWN: Final = {"address": "", "picture": "", "secret": ""}
Typed = Annotated[str, Form(max_length=40)]


@router.get("/s/{token}/authenticator", summary="Page S7: register an authenticator app; sends nothing yet")
def authenticator(request: Request, desk: AtDesk, token: str) -> Response:
    """What the app is for, and the button that sends the code."""
    view = open_link(desk.office, token)
    return elsewhere(view, token) or _page(request, desk.office, token)


@router.post("/s/{token}/authenticator/code", summary="Send a code that only registers an authenticator app")
def post_code(request: Request, desk: AtDesk, token: str) -> Response:
    """It goes to the phone that identity was attested with, and to no other."""
    signer = identified_signer(desk.office, token)
    try:
        issued = desk.office.activation.send_enrolment_code(signer)
    except (RejectedError, UndecidedError) as problem:
        return _page(request, desk.office, token, problem)
    return _page(request, desk.office, token, phone=issued.phone)


@router.post("/s/{token}/authenticator/secret", summary="Spend the code for a new secret, shown once")
def post_secret(request: Request, desk: AtDesk, token: str, code: Typed = "") -> Response:
    """The address for the app: as a picture, as a link and as letters to type."""
    signer = identified_signer(desk.office, token)
    try:
        address = desk.office.activation.new_totp(signer, _digits(code))
    except (RejectedError, UndecidedError) as problem:
        phone = desk.office.activation.standing(signer).phone
        return _page(request, desk.office, token, problem, phone=phone)
    picture = segno.make(address, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return _page(request, desk.office, token, begun=True, address=address, picture=picture, secret=secret)


@router.post("/s/{token}/authenticator", summary="Put the app in force with its first digits")
def post_authenticator(request: Request, desk: AtDesk, token: str, code: Typed = "") -> Response:
    """On with the ceremony, or the digits once more; the secret is not shown again."""
    signer = identified_signer(desk.office, token)
    try:
        desk.office.activation.confirm_totp(signer, _digits(code))
    except (RejectedError, UndecidedError) as problem:
        return _page(request, desk.office, token, problem, begun=True)
    return to(token, place_of(open_link(desk.office, token)))


def _digits(typed: str) -> str:
    return "".join(sign for sign in typed if sign.isdigit())


def _page(
    request: Request,
    office: Office,
    token: str,
    problem: RejectedError | UndecidedError | None = None,
    *,
    begun: bool = False,
    phone: str = "",
    **secret: str,
) -> Response:
    view = open_link(office, token)
    return signing_page(
        request,
        "authenticator.html",
        view,
        token,
        problem,
        begun=begun,
        phone=phone,
        onward=place_of(view),
        **(_UNSHOWN | secret),
    )
