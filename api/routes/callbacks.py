"""Endpoints of other systems over HTTP: register, list, close, a new secret, deliveries, send again.

Duty of the supplier's desk, until there are administrators. A secret is in the answer that makes it
and nowhere else (docs/formats/callbacks.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.callback_words import SentReplay, delivery_json, endpoint_json, replay
from api.routes.desk import AtDesk, Desk, OnDuty, RawBody
from api.routes.drafts import body_as
from api.staff import Duty, Person
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import close_endpoint, register_endpoint, rotate_generation
from contracts_chain.workflows.callback_files import CallbackEndpoint, DeliveryState
from contracts_chain.workflows.callback_view import all_endpoints, deliveries_of

__all__ = ["Keeper", "register", "router"]

router = APIRouter(prefix="/api/v1")

Keeper = Annotated[Person, Depends(OnDuty(Duty.SUPPLIER_DESK))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEndpoint:
    """Body of a registration; no kinds: all of them."""

    url: str
    kinds: tuple[ProcessEventKind, ...] | None = None


@router.get("/callbacks", summary="Endpoints that are told of events (duty: supplier-desk)")
def get_callbacks(desk: AtDesk, person: Keeper) -> dict[str, object]:
    """Oldest first, the closed ones too; and the kinds there are."""
    del person
    return {
        "endpoints": [endpoint_json(one) for one in all_endpoints(desk.office)],
        "kinds": {kind.value: kind.zh for kind in ProcessEventKind},
    }


@router.post("/callbacks", status_code=201, summary="Register an endpoint (duty: supplier-desk)")
def post_callback(desk: AtDesk, person: Keeper, body: RawBody) -> dict[str, object]:
    """The endpoint and its secret, which is told this once; 422 ``callback_url``."""
    sent = body_as(SentEndpoint, body)
    made = register(desk, sent.url, sent.kinds or (), by=person)
    return endpoint_json(made, desk.house.callback_secrets.of(made))


@router.post("/callbacks/{endpoint_id}/close", summary="Send nothing there any more (duty: supplier-desk)")
def post_close(desk: AtDesk, person: Keeper, endpoint_id: str) -> dict[str, object]:
    """Twice is the same as once."""
    return endpoint_json(close_endpoint(desk.office, endpoint_id, by=person.id))


@router.post("/callbacks/{endpoint_id}/rotate-secret", summary="Another secret (duty: supplier-desk)")
def post_rotation(desk: AtDesk, person: Keeper, endpoint_id: str) -> dict[str, object]:
    """The old one signs no more; the new one is told this once."""
    del person
    following = rotate_generation(desk.office, endpoint_id)
    return endpoint_json(following, desk.house.callback_secrets.of(following))


@router.get("/callbacks/{endpoint_id}/deliveries", summary="What was sent there (duty: supplier-desk)")
def get_deliveries(
    desk: AtDesk,
    person: Keeper,
    endpoint_id: str,
    state: DeliveryState | None = None,
    subject: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, object]:
    """50 deliveries, newest first, each with the log of its attempts; ``before`` an id for the next 50."""
    del person
    found = deliveries_of(desk.office, endpoint_id, state=state, subject=subject, before=before)
    return {"deliveries": [delivery_json(one) for one in found]}


@router.post("/callbacks/{endpoint_id}/replay", status_code=202, summary="Send again (duty: supplier-desk)")
def post_replay(desk: AtDesk, person: Keeper, endpoint_id: str, body: RawBody) -> dict[str, object]:
    """The same event ids and bodies; 422 ``callback_replay``, ``process_event_unknown``."""
    sent = body_as(SentReplay, body)
    return {"sent_again": replay(desk.office, endpoint_id, sent, by=person.id)}


def register(desk: Desk, url: str, kinds: tuple[ProcessEventKind, ...], *, by: Person) -> CallbackEndpoint:
    """Keep an address if events may go there.

    Raises:
        CallbackUrlError: They may not.
    """
    taken = desk.house.settings.callback_places.url(url)
    return register_endpoint(desk.office, url=taken, kinds=kinds, by=by.id)
