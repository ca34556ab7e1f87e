"""Brings one event to one endpoint over HTTP; says what came of it and never raises for what a receiver does.

Invariants: the name is resolved once, every address of it is allowed (``CallbackPlaces``), and the
connection goes to such an address, so that a second answer of the name server changes nothing. TLS
is verified against the name. Ten seconds in all, however slowly the receiver talks; redirects are
not followed, proxies of the environment not used, at most 4 KiB of an answer are read and none kept.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from ipaddress import IPv4Address, ip_address
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import SplitResult, urlsplit

from api.callback_places import CallbackPlaces, CallbackUrlError, IpAddress
from api.callback_signature import CallbackSecrets, callback_body, callback_headers
from contracts_chain.workflows.callback_files import CallbackEndpoint, ProcessEvent
from contracts_chain.workflows.callback_ports import CallbackOutcome
from signing.http_exchange import NoHttpAnswerError, OverlongAnswerError, exchange

__all__ = ["HttpCallbacks", "Resolver", "addresses_of"]

Resolver = Callable[[str, int], Sequence[str]]
"""Addresses of a host; raises ``OSError`` where there is none."""

_TIMEOUT_SECONDS: Final = 10.0
_GREATEST_ANSWER: Final = 4096
_LONGEST_OUTCOME: Final = 200
_NOT_REACHED: Final = "ConnectError"
_PORTS: Final = {"http": 80, "https": 443}


class _RefusedError(Exception):
    """Nothing was sent; the message is the outcome."""


class HttpCallbacks:
    """Implements ``workflows.callback_ports.CallbackCaller``; threads may share it."""

    def __init__(
        self,
        secrets: CallbackSecrets,
        places: CallbackPlaces,
        *,
        resolve: Resolver | None = None,
        seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        """Call nobody yet.

        Args:
            secrets: Of all endpoints.
            places: Where events may go.
            resolve: How names become addresses; the system's resolver if none is given.
            seconds: How long one attempt may take in all.
        """
        self._secrets, self._places, self._seconds = secrets, places, seconds
        self._resolve = resolve or addresses_of

    def call(
        self, endpoint: CallbackEndpoint, event: ProcessEvent, *, attempt: int, at: datetime
    ) -> CallbackOutcome:
        """Send the event once; ``taken`` for an answer of 200 to 299 alone.

        Args:
            endpoint: Whose generation signs.
            event: With its sequence.
            attempt: From 1, as the log of attempts counts.
            at: The moment that is signed.
        """
        began = time.monotonic()
        body = callback_body(event)
        headers = callback_headers(self._secrets.of(endpoint), event, body, attempt=attempt, at=at)
        try:
            status = self._status(endpoint.url, headers, body, began + self._seconds)
        except _RefusedError as problem:
            taken, outcome = False, str(problem)
        except NoHttpAnswerError as problem:
            taken, outcome = False, f"{problem.reason}: {problem.detail}"[:_LONGEST_OUTCOME]
        else:
            taken, outcome = HTTPStatus(200) <= status < HTTPStatus(300), f"HTTP {status}"
        milliseconds = round((time.monotonic() - began) * 1000)
        return CallbackOutcome(taken=taken, outcome=outcome, milliseconds=milliseconds)

    def _status(self, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> int:
        """The status of the first address that lets us in; the next is tried if one cannot be reached."""
        parts = self._taken(url)
        *others, last = self._allowed(parts, deadline)
        for address in others:
            try:
                return _posted(parts, address, headers, body, deadline)
            except NoHttpAnswerError as problem:
                if problem.reason != _NOT_REACHED:
                    raise
        return _posted(parts, last, headers, body, deadline)

    def _taken(self, url: str) -> SplitResult:
        """The URL as it is judged today: an installation that is no trial any more takes no http."""
        try:
            return urlsplit(self._places.url(url))
        except CallbackUrlError as problem:
            raise _RefusedError("url_refused") from problem

    def _allowed(self, parts: SplitResult, deadline: float) -> tuple[IpAddress, ...]:
        """Every address of the host, if all of them are allowed."""
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        found = _within(deadline - time.monotonic(), lambda: self._resolve(host, port))
        addresses = tuple(ip_address(each) for each in dict.fromkeys(found))
        if not addresses:
            raise _RefusedError("unresolved")
        for one in addresses:
            if not self._places.is_open(parts.scheme, host, one):
                raise _RefusedError(f"address_refused: {one}")
        return addresses


def _posted(
    parts: SplitResult, address: IpAddress, headers: Mapping[str, str], body: bytes, deadline: float
) -> int:
    """Ask at this address for the host that the URL names."""
    shown = str(address) if isinstance(address, IPv4Address) else f"[{address}]"
    place = shown if parts.port is None else f"{shown}:{parts.port}"
    try:
        return exchange(
            "POST",
            parts._replace(netloc=place).geturl(),
            seconds=max(deadline - time.monotonic(), 0.001),
            greatest=_GREATEST_ANSWER,
            content=body,
            headers={**headers, "Host": parts.netloc},
            server_name=parts.hostname,
        ).status
    except OverlongAnswerError as problem:
        return problem.status


def addresses_of(host: str, port: int) -> Sequence[str]:
    """By the system's resolver.

    Raises:
        OSError: The name is unknown, or nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]).partition("%")[0] for _, _, _, _, place in found]


def _within(seconds: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """The resolver cannot be stopped, so it is left behind when its time is over."""
    answer: SimpleQueue[Sequence[str] | None] = SimpleQueue()

    def asked() -> None:
        try:
            answer.put(ask())
        except (OSError, UnicodeError):
            answer.put(None)

    threading.Thread(target=asked, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=seconds)
    except Empty as problem:
        raise _RefusedError("unresolved: timeout") from problem
    if found is None:
        raise _RefusedError("unresolved")
    return found
