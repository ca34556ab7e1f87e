"""Staff in a browser: a token becomes a session, and the desk from which every page is reached.

Not sign-on: who holds the token is who it names. The page says so until sign-on exists.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.routes.desk import AtDesk, Desk, OnDuty
from api.routes.pages import PageRoute, page
from api.same_origin import verify_same_origin
from api.session_cookie import clear_session_cookie, session_cookie, set_session_cookie
from api.staff import Duty, NotSignedOnError, Person
from api.staff_bar import AGREEMENT_PAGES, agreement_pages_for, local_path
from contracts_chain.workflows.staff_sessions import IDLE, LONGEST, begin_session, end_session

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

Anybody = Annotated[Person, Depends(OnDuty(*Duty))]
Typed = Annotated[str, Form(max_length=2000)]
Asked = Annotated[str, Query(max_length=200)]
_SETS_SHOWN: Final = 10
_MINUTE: Final = 60
_WRONG: Final = (
    "令牌不对，没有登录；请核对后重新输入",
    "not a token we gave out, and you are not logged in; check it and enter it again",
)


@pages.get("/login")
def show_login(request: Request, desk: AtDesk, goal: Annotated[str, Query(alias="next")] = "") -> Response:
    """One field; a browser whose session is over is told so."""
    ended = session_cookie(request, desk.house.settings.public_url) is not None
    return _login_page(request, goal, ended=ended)


@pages.post("/login")
def log_in(
    request: Request, desk: AtDesk, token: Typed = "", goal: Annotated[str, Form(alias="next")] = ""
) -> Response:
    """Exchange a staff token for a session; a session this browser had before ends."""
    public_url, address = desk.house.settings.public_url, request.client.host if request.client else ""
    verify_same_origin(request.headers, public_url)
    wait = desk.wrong_tokens.wait_seconds(address)
    if wait:
        return _told_to_wait(request, goal, wait)
    try:
        person = desk.staff.person_with(token.strip())
    except NotSignedOnError:
        desk.wrong_tokens.note(address)
        return _login_page(request, goal, problem=_WRONG, status=401)
    _end(request, desk)
    response = RedirectResponse(local_path(goal), status_code=303)
    fresh = begin_session(desk.office, person.id, desk.staff.credential_sha256(person.duty))
    set_session_cookie(request, response, public_url, fresh)
    return response


@pages.post("/logout")
def log_out(request: Request, desk: AtDesk) -> Response:
    """End the session here and in the store."""
    public_url = desk.house.settings.public_url
    verify_same_origin(request.headers, public_url)
    _end(request, desk)
    response = RedirectResponse("/login", status_code=303)
    clear_session_cookie(request, response, public_url)
    return response


@pages.get("/staff")
def show_desk(request: Request, desk: AtDesk, person: Anybody) -> Response:
    """What this person may open."""
    with desk.office.work() as work:
        sets = work.groups.sets()[:_SETS_SHOWN]
    return page(request, "staff.html", person=person, by_number=agreement_pages_for(person.duty), sets=sets)


@pages.get("/staff/open")
def open_by_number(person: Anybody, number: Asked = "", to: Asked = "agreements") -> Response:
    """From a number to one of its pages."""
    link = agreement_pages_for(person.duty).get(to, AGREEMENT_PAGES["agreements"])
    wanted = number.strip()
    return RedirectResponse(link.href + quote(wanted, safe="()") if wanted else "/staff", status_code=303)


def _login_page(
    request: Request,
    goal: str,
    *,
    problem: tuple[str, str] | None = None,
    ended: bool = False,
    status: int = 200,
) -> Response:
    return page(
        request,
        "login.html",
        status=status,
        goal=local_path(goal),
        problem=problem,
        ended=ended,
        idle_minutes=IDLE.seconds // _MINUTE,
        longest_hours=LONGEST.seconds // (_MINUTE * _MINUTE),
    )


def _told_to_wait(request: Request, goal: str, wait: int) -> Response:
    minutes = -(-wait // _MINUTE)
    problem = (
        f"输错次数过多，没有登录；请 {minutes} 分钟后再试",
        f"too many wrong tokens, and you are not logged in; try again in {minutes} minutes",
    )
    response = _login_page(request, goal, problem=problem, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _end(request: Request, desk: Desk) -> None:
    held = session_cookie(request, desk.house.settings.public_url)
    if held is not None:
        end_session(desk.office, held)
