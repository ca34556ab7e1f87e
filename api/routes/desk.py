"""What every route may reach: the house, the staff register, the message gateway; and who is calling.

A bearer header names the caller; without one, the session of a browser does, and then a writing
request must come from a page of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.house import House
from api.recent_look_ups import RecentLookUps
from api.same_origin import SAFE_METHODS, verify_same_origin
from api.session_cookie import session_cookie
from api.staff import Duty, NotSignedOnError, Person, StaffRegister, verify_duty
from api.staff_bar import bar_for
from api.wrong_tokens import WrongTokens
from contracts_chain.workflows.deliver import SmsGateway, deliver_outbox
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.staff_sessions import resume_session
from kernel.errors import FaultError

__all__ = ["AtDesk", "Desk", "OnDuty", "RawBody", "deliver_now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One installation as its routes see it."""

    house: House
    staff: StaffRegister
    sms: SmsGateway
    look_ups: RecentLookUps
    wrong_tokens: WrongTokens

    @property
    def office(self) -> Office:
        """Where deeds are done."""
        return self.house.office


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the application was made without a desk")
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


class OnDuty:
    """A dependency: the caller is a person of the staff with one of these duties."""

    def __init__(self, *due: Duty) -> None:
        """Name the duties, of which one suffices."""
        self._due = due

    def __call__(self, request: Request, desk: AtDesk) -> Person:
        """Identify the caller.

        Raises:
            NotSignedOnError: No token we know, and no session.
            CrossSiteError: The session's browser sent what another site's page wrote.
            DutyMissingError: Somebody else's duty.
        """
        authorization = request.headers.get("authorization")
        by_session = authorization is None
        person = _by_session(request, desk) if by_session else desk.staff.identify(authorization)
        request.state.staff = bar_for(person, request.url.path, by_session=by_session)
        verify_duty(person, self._due)
        return person


def _by_session(request: Request, desk: Desk) -> Person:
    public_url = desk.house.settings.public_url
    token = session_cookie(request, public_url)
    if token is None:
        raise NotSignedOnError
    if request.method not in SAFE_METHODS:
        verify_same_origin(request.headers, public_url)
    session = resume_session(desk.office, token)
    if session is None:
        raise NotSignedOnError
    return desk.staff.still(session.account, session.credential_sha256)


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]


def deliver_now(desk: Desk) -> None:
    """Send what waits in the outbox at once; what fails stays there for the worker."""
    try:
        deliver_outbox(desk.office, desk.sms)
    except FaultError:
        return
