"""``contracts-chain callbacks …``: endpoints, deliveries and replays from a terminal.

Needs the database alone and works beside a running service, whose worker then does the sending; a
secret is worked out from the keyring and printed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from rich.console import Console

from api.callback_signature import CallbackSecrets
from api.callback_words import SentReplay, outcome_zh, replay
from api.database_alone import open_database
from api.keyring import Keyring
from api.settings import Settings
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.workflows.call_back import close_endpoint, register_endpoint, rotate_generation
from contracts_chain.workflows.callback_desk import CallbackDesk
from contracts_chain.workflows.callback_files import CallbackEndpoint, DeliveryState
from contracts_chain.workflows.callback_view import DeliveryView, all_endpoints, deliveries_of
from contracts_chain.workflows.ports import UnitOfWorkFactory
from kernel.clock import Clock, SystemClock, utc_text
from kernel.errors import RejectedError

__all__ = [
    "CallbackKindError",
    "close",
    "list_endpoints",
    "register",
    "rotate",
    "send_again",
    "tell_deliveries",
]

_OUT = Console(highlight=False, soft_wrap=True, markup=False)


class CallbackKindError(RejectedError):
    """No event is called so."""

    code = "callback_kind"

    def __init__(self, word: str) -> None:
        """List what there is."""
        known = ", ".join(kind.value for kind in ProcessEventKind)
        super().__init__(
            f"no event is called {word!r}; choose from {known}", f"没有名为 {word!r} 的事件；可选：{known}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    clock: Clock
    work: UnitOfWorkFactory


def list_endpoints() -> int:
    """All endpoints, oldest first."""
    with _opened(Settings()) as desk:
        for one in all_endpoints(desk):
            _tell(one)
    return 0


def register(url: str, kinds: tuple[str, ...], by: str) -> int:
    """Register an endpoint and print its secret.

    Raises:
        CallbackUrlError: Nothing is sent to such an address.
        CallbackKindError: An event that there is not.
    """
    settings = Settings()
    taken, wanted = settings.callback_places.url(url), tuple(_kind(word) for word in kinds)
    with _opened(settings) as desk:
        made = register_endpoint(desk, url=taken, kinds=wanted, by=by)
    _tell_secret(settings, made)
    return 0


def close(endpoint_id: str, by: str) -> int:
    """Send nothing there any more.

    Raises:
        UnknownEndpointError: There is none.
    """
    with _opened(Settings()) as desk:
        _tell(close_endpoint(desk, endpoint_id, by=by))
    return 0


def rotate(endpoint_id: str) -> int:
    """Another secret, printed once.

    Raises:
        UnknownEndpointError: There is none.
        EndpointClosedError: It is closed.
    """
    settings = Settings()
    with _opened(settings) as desk:
        following = rotate_generation(desk, endpoint_id)
    _tell_secret(settings, following)
    return 0


def tell_deliveries(endpoint_id: str, *, dead: bool) -> int:
    """The newest deliveries with the log of their attempts; exit 10 if any is dead.

    Raises:
        UnknownEndpointError: There is none.
    """
    with _opened(Settings()) as desk:
        found = deliveries_of(desk, endpoint_id, state=DeliveryState.DEAD if dead else None)
    for view in found:
        _tell_delivery(view)
    if not found:
        _OUT.print("没有。 None.")
    return 10 if any(view.addressed.delivery.state is DeliveryState.DEAD for view in found) else 0


def send_again(endpoint_id: str, wanted: SentReplay, by: str) -> int:
    """Have the worker send again.

    Raises:
        CallbackReplayError: It does not say what.
        RejectedError: As the deeds of ``workflows.call_back``.
    """
    with _opened(Settings()) as desk:
        count = replay(desk, endpoint_id, wanted, by=by)
    _OUT.print(f"已安排重新发送 {count} 个事件。 {count} events are on their way again.")
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[CallbackDesk]:
    with open_database(settings) as unit_of_work:
        yield _Desk(clock=SystemClock(), work=unit_of_work)


def _kind(word: str) -> ProcessEventKind:
    found = next((kind for kind in ProcessEventKind if kind.value == word), None)
    if found is None:
        raise CallbackKindError(word)
    return found


def _tell_secret(settings: Settings, endpoint: CallbackEndpoint) -> None:
    with closing(Keyring.open(settings.data_dir / "keys", settings.kek)) as keyring:
        secret = CallbackSecrets(keyring.secret("callbacks")).of(endpoint)
    _tell(endpoint)
    _OUT.print(f"密钥，只显示这一次 / secret, shown this once: {secret.hex()}")


def _tell(endpoint: CallbackEndpoint) -> None:
    kinds = ", ".join(kind.value for kind in endpoint.kinds) or "全部 all"
    closed = f"，已停用 closed {utc_text(endpoint.closed_utc)}" if endpoint.closed_utc else ""
    _OUT.print(f"{endpoint.id} {endpoint.url}")
    _OUT.print(f"  {kinds}；密钥第 {endpoint.generation} 代 secret no. {endpoint.generation}{closed}")


def _tell_delivery(view: DeliveryView) -> None:
    delivery, event = view.addressed.delivery, view.addressed.event
    _OUT.print(f"{event.subject} {event.sequence} {event.kind.value} {event.event_id} {delivery.state.zh}")
    for one in view.log:
        _OUT.print(f"  {one.number} {utc_text(one.started_utc)} {outcome_zh(one)} {one.outcome}")
