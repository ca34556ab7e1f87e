"""The staff page ``/callbacks``: endpoints, what did not arrive, what was sent, [重新发送].

Works without script. A secret stands on the page that answers the press which made it, never on one
that can be opened again.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.callback_words import SentReplay, outcome_zh, replay
from api.posted_form import PostedForm
from api.routes.callbacks import Keeper, register
from api.routes.desk import AtDesk, Desk, RawBody
from api.routes.pages import PageRoute, page
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import close_endpoint, rotate_generation
from contracts_chain.workflows.callback_files import CallbackEndpoint, DeliveryState
from contracts_chain.workflows.callback_view import DELIVERIES_PAGE, all_endpoints, deliveries
from kernel.errors import RejectedError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

_DONE: Final = frozenset({"closed", "sent"})
_NOTHING_TYPED: Final = {"form": "", "url": "", "subject": "", "first": "1", "last": "1"}
Event = Annotated[str, Form(max_length=64)]
Number = Annotated[int, Form(ge=1, le=1_000_000_000)]


@pages.get("/callbacks")
def show_callbacks(request: Request, desk: AtDesk, person: Keeper, done: str = "") -> Response:
    """Endpoints, dead letters, newest deliveries."""
    del person
    return _page(request, desk, done=done)


@pages.post("/callbacks")
def register_from_page(request: Request, desk: AtDesk, person: Keeper, body: RawBody) -> Response:
    """Register; the answer shows the secret once."""
    form = PostedForm(body)
    kinds, url = form.words("kinds"), form.text("url").strip()
    try:
        made = register(desk, url, _kinds(kinds), by=person)
    except RejectedError as problem:
        typed = {"form": "register", "url": url}
        return _page(request, desk, problem=problem, typed=typed, chosen=kinds, status=422)
    return _page(request, desk, made=made, status=201)


@pages.post("/callbacks/{endpoint_id}/close")
def close_from_page(desk: AtDesk, person: Keeper, endpoint_id: str) -> Response:
    """Send nothing there any more."""
    close_endpoint(desk.office, endpoint_id, by=person.id)
    return RedirectResponse("/callbacks?done=closed", status_code=303)


@pages.post("/callbacks/{endpoint_id}/rotate-secret")
def rotate_from_page(request: Request, desk: AtDesk, person: Keeper, endpoint_id: str) -> Response:
    """Another secret; the answer shows it once."""
    del person
    return _page(request, desk, made=rotate_generation(desk.office, endpoint_id))


@pages.post("/callbacks/{endpoint_id}/replay")
def replay_from_page(desk: AtDesk, person: Keeper, endpoint_id: str, event_id: Event = "") -> Response:
    """Send one event again, or all dead letters of the endpoint."""
    sent = SentReplay(event_id=event_id) if event_id else SentReplay(dead=True)
    replay(desk.office, endpoint_id, sent, by=person.id)
    return RedirectResponse("/callbacks?done=sent", status_code=303)


@pages.post("/callbacks/replay")
def replay_range_from_page(
    request: Request,
    desk: AtDesk,
    person: Keeper,
    endpoint: Event,
    subject: Event,
    first: Number,
    last: Number,
) -> Response:
    """Send the events of one number again."""
    try:
        sent = SentReplay(subject=subject.strip(), first=first, last=last)
        replay(desk.office, endpoint, sent, by=person.id)
    except RejectedError as problem:
        typed = {"form": "range", "subject": subject, "first": str(first), "last": str(last)}
        return _page(request, desk, problem=problem, typed=typed, status=422)
    return RedirectResponse("/callbacks?done=sent", status_code=303)


def _kinds(words: tuple[str, ...]) -> tuple[ProcessEventKind, ...]:
    """Kinds that were ticked; words that are none come from no form of ours."""
    return tuple(kind for kind in ProcessEventKind if kind.value in words)


def _page(
    request: Request,
    desk: Desk,
    *,
    done: str = "",
    made: CallbackEndpoint | None = None,
    problem: RejectedError | None = None,
    typed: dict[str, str] | None = None,
    chosen: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    endpoints = all_endpoints(desk.office)
    dead = deliveries(desk.office, state=DeliveryState.DEAD)
    return page(
        request,
        "callbacks.html",
        status=status,
        open=[one for one in endpoints if one.closed_utc is None],
        closed=[one for one in endpoints if one.closed_utc is not None],
        dead=dead,
        with_dead={one.addressed.endpoint.id for one in dead},
        newest=deliveries(desk.office),
        most=DELIVERIES_PAGE,
        kinds=list(ProcessEventKind),
        outcome_zh=outcome_zh,
        made=made,
        secret=desk.house.callback_secrets.of(made).hex() if made else "",
        done=done if done in _DONE else "",
        problem=problem,
        typed=_NOTHING_TYPED | (typed or {}),
        chosen=chosen,
    )
