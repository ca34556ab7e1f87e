"""What every route may reach: the house, the staff register, the message gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.house import House
from api.recent_look_ups import RecentLookUps
from api.staff import Duty, Person, StaffRegister
from contracts_chain.workflows.deliver import SmsGateway, deliver_outbox
from contracts_chain.workflows.office import Office
from kernel.errors import FaultError

__all__ = ["AtDesk", "Desk", "OnDuty", "RawBody", "deliver_now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One installation as its routes see it."""

    house: House
    staff: StaffRegister
    sms: SmsGateway
    look_ups: RecentLookUps

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
            NotSignedOnError: No token we know.
            DutyMissingError: Somebody else's duty.
        """
        return desk.staff.require(request.headers.get("authorization"), *self._due)


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]


def deliver_now(desk: Desk) -> None:
    """Send what waits in the outbox at once; what fails stays there for the worker."""
    try:
        deliver_outbox(desk.office, desk.sms)
    except FaultError:
        return
