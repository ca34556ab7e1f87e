"""Page S2: who the signer is, confirmed by a provider; the way there and back; the provider's news.

Works without script. The person leaves by a link, never by a form (WEB §7.8), and comes back with
the check's key alone: the link's token stays in a cookie of ours and reaches no provider.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, RawBody
from api.routes.pages import PageRoute, page
from api.signing_words import masked_name
from contracts_chain.agreements.identity.face_consent import FACE_CONSENT_EN, FACE_CONSENT_ZH
from contracts_chain.agreements.identity.methods import find_method
from contracts_chain.agreements.identity.outcomes import reason_words
from contracts_chain.workflows.identify import identify, identity_view
from contracts_chain.workflows.identity_files import CheckState
from contracts_chain.workflows.settle_identity import settle_identity, take_callback
from kernel.errors import ContractsChainError, RejectedError

__all__ = ["NEXT", "pages", "router"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)
router = APIRouter(prefix="/identity")

NEXT: Final = "summary"
"""Where an identified signer goes on."""
_COOKIE: Final = "identity-return"
_MINUTES: Final = 60 * 60
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")


class MethodMissingError(RejectedError):
    """No way of confirming was chosen."""

    code = "identity_method_missing"

    def __init__(self) -> None:
        """Ask for one."""
        super().__init__(
            "choose how to confirm who you are, then continue", "请选择一种确认身份的方式，再继续"
        )


@pages.get("/s/{token}/identity")
def ways(request: Request, desk: AtDesk, token: str) -> Response:
    """The ways that suffice, and how the last check came out."""
    view = identity_view(desk.office, token)
    if view.newest is not None and view.newest.state is CheckState.PASSED:
        return _to(token, NEXT)
    return _ways_page(request, desk, token)


@pages.post("/s/{token}/identity")
def choose(
    request: Request,
    desk: AtDesk,
    token: str,
    method: Annotated[str, Form(max_length=40)] = "",
    face_consent: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Begin a check; the next page leads to the provider."""
    chosen = find_method(method)
    try:
        if chosen is None:
            raise MethodMissingError
        if not chosen.by_provider:
            return _to(token, "identity/hall")
        consent = bool(face_consent) if chosen.uses_face else None
        identify(desk.office, token, chosen, face_consent=consent)
    except ContractsChainError as problem:
        return _ways_page(request, desk, token, problem, method)
    return _to(token, "identity/go")


@pages.get("/s/{token}/identity/go")
def leave(request: Request, desk: AtDesk, token: str) -> Response:
    """The link to the provider's page."""
    view = identity_view(desk.office, token)
    if view.newest is None or view.newest.state is not CheckState.STARTED:
        return _to(token, "identity")
    method = find_method(view.newest.method)
    response = page(
        request,
        "identity_go.html",
        token=token,
        view=view,
        check=view.newest,
        method=method,
        provider=desk.office.identity.name,
        words=reason_words(view.newest.reason) if view.newest.reason else None,
    )
    secure = desk.house.settings.public_url.startswith("https://")
    response.set_cookie(
        _COOKIE,
        token,
        max_age=_MINUTES,
        path="/identity/return",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response


@pages.get("/s/{token}/identity/check")
def check(request: Request, desk: AtDesk, token: str) -> Response:
    """Ask the provider, then go where the outcome leads."""
    try:
        settled = settle_identity(desk.office, token)
    except ContractsChainError as problem:
        return _ways_page(request, desk, token, problem)
    if settled is None or not settled.is_open:
        passed = settled is not None and settled.state is CheckState.PASSED
        return _to(token, NEXT if passed else "identity")
    return _to(token, "identity/go")


@pages.get("/s/{token}/identity/hall")
def hall(request: Request, desk: AtDesk, token: str) -> Response:
    """What to bring to a business hall."""
    view = identity_view(desk.office, token)
    return page(request, "identity_hall.html", token=token, view=view, who=masked_name(view.signer_name))


@pages.get("/identity/return")
def come_back(
    request: Request, check: Annotated[str, Query(max_length=40)] = "", session: str = ""
) -> Response:
    """From the provider's page back to the signing page; the address itself tells nothing."""
    del check, session
    token = request.cookies.get(_COOKIE, "")
    if _TOKEN.fullmatch(token) is None:
        return page(request, "identity_return.html")
    return _to(token, "identity/check")


@router.post("/callback", status_code=204, summary="News of an identity provider, signed by it")
def callback(desk: AtDesk, body: RawBody) -> Response:
    """A compact JWS; repeated and unknown ones change nothing."""
    take_callback(desk.office, body)
    return Response(status_code=204)


def _ways_page(
    request: Request,
    desk: Desk,
    token: str,
    problem: ContractsChainError | None = None,
    chosen: str = "",
) -> Response:
    view = identity_view(desk.office, token)
    failed = view.newest is not None and view.newest.state in {CheckState.REFUSED, CheckState.OVER}
    words = reason_words(view.newest.reason) if view.newest is not None and failed else None
    return page(
        request,
        "identity.html",
        status=200 if problem is None else problem_of(problem)[0],
        token=token,
        view=view,
        who=masked_name(view.signer_name),
        words=words,
        problem=problem,
        chosen=chosen,
        consent_zh=FACE_CONSENT_ZH,
        consent_en=FACE_CONSENT_EN,
    )


def _to(token: str, where: str) -> RedirectResponse:
    return RedirectResponse(f"/s/{token}/{where}", status_code=303)
