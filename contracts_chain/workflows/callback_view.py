"""Endpoints and deliveries as pages, machines and the command line read them. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts_chain.workflows.callback_desk import CallbackDesk
from contracts_chain.workflows.callback_files import (
    AddressedEvent,
    CallbackAttempt,
    CallbackEndpoint,
    DeliveryState,
)

__all__ = [
    "DELIVERIES_PAGE",
    "DeliveryView",
    "all_endpoints",
    "deliveries",
    "deliveries_of",
    "endpoint_of",
]

DELIVERIES_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One delivery with its event, its endpoint and the whole log of attempts, oldest first."""

    addressed: AddressedEvent
    log: tuple[CallbackAttempt, ...]


def all_endpoints(desk: CallbackDesk) -> tuple[CallbackEndpoint, ...]:
    """Oldest first, the closed ones too."""
    with desk.work() as work:
        return work.callbacks.endpoints()


def endpoint_of(desk: CallbackDesk, endpoint_id: str) -> CallbackEndpoint:
    """One endpoint, open or closed.

    Raises:
        UnknownEndpointError: There is none.
    """
    with desk.work() as work:
        return work.callbacks.load_endpoint(endpoint_id)


def deliveries_of(
    desk: CallbackDesk,
    endpoint_id: str,
    *,
    state: DeliveryState | None = None,
    subject: str | None = None,
    before: int | None = None,
    most: int = DELIVERIES_PAGE,
) -> tuple[DeliveryView, ...]:
    """Newest first.

    Args:
        desk: Where they are kept.
        endpoint_id: Whose.
        state: Those in this state alone.
        subject: Those about this number alone.
        before: Those with a smaller id, for the next page.
        most: How many.

    Raises:
        UnknownEndpointError: There is no such endpoint.
    """
    with desk.work() as work:
        work.callbacks.load_endpoint(endpoint_id)
        found = work.callbacks.deliveries(
            endpoint_id=endpoint_id, state=state, subject=subject, before=before, most=most
        )
        return tuple(
            DeliveryView(addressed=one, log=work.callbacks.attempts_of(one.delivery.id)) for one in found
        )


def deliveries(
    desk: CallbackDesk, *, state: DeliveryState | None = None, most: int = DELIVERIES_PAGE
) -> tuple[DeliveryView, ...]:
    """Of all endpoints, newest first."""
    with desk.work() as work:
        found = work.callbacks.deliveries(state=state, most=most)
        return tuple(
            DeliveryView(addressed=one, log=work.callbacks.attempts_of(one.delivery.id)) for one in found
        )
