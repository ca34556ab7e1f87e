"""One HTTP request and its bounded answer: the one client for every service elsewhere.

Decides how a peer is spoken to: over http or https alone, on a connection of its own that is closed
afterwards, past no proxy of the environment, following no redirect, with the certificate of an https
peer verified against this machine's own store. A peer may be slow or endless, in whatever part of the
exchange it chooses (names, TLS, header, body): httpx bounds each read, this module bounds the whole.
What an answer means is never decided here, its status included.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpx

from kernel.errors import UndecidedError

__all__ = ["HttpAnswer", "NoHttpAnswerError", "OverlongAnswerError", "exchange"]

_OPENED: Final = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_HEADERS: Final = {"Accept-Encoding": "identity", "Connection": "close"}


class NoHttpAnswerError(UndecidedError):
    """No whole answer came in time; whether the peer acted is unknown."""

    code = "no_http_answer"

    def __init__(self, reason: str, detail: str) -> None:
        """Keep one word for anybody and the client's own words for who runs the service.

        Neither holds anything of what was sent.
        """
        super().__init__(
            f"the other service gave no answer ({reason}); check the connection and try again",
            f"对方服务无应答（{reason}）；请检查连接后重试",
        )
        self.reason = reason
        self.detail = detail


class OverlongAnswerError(NoHttpAnswerError):
    """The peer sends more than such an answer ever has; the rest was not read."""

    code = "overlong_answer"

    def __init__(self, status: int, greatest: int) -> None:
        """Keep the status, for whom it is enough."""
        super().__init__("overlong", f"more than {greatest} bytes")
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back, unjudged.

    Attributes:
        status: As the peer gave it, redirects and refusals included.
        content: The whole body; empty where none was to be read.
    """

    status: int
    content: bytes


def exchange(
    method: str,
    url: str,
    *,
    seconds: float,
    greatest: int,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    server_name: str | None = None,
) -> HttpAnswer:
    """Ask once; return, or give up, after ``seconds`` at the latest.

    Args:
        method: ``GET`` or ``POST``.
        url: Absolute; http or https.
        seconds: For everything together, from the look-up of the name to the last byte.
        greatest: Bytes of body that are read; 0 reads none, whatever the peer sends.
        content: Body of the request.
        headers: Beside the client's own.
        server_name: Whose certificate is due where ``url`` names an address; else the URL's own host's.

    Raises:
        NoHttpAnswerError: No address of ours, no connection, an unproven certificate, no answer in time.
        OverlongAnswerError: The body is longer than ``greatest``.
    """
    wanted = httpx.Headers({**_HEADERS, **(headers or {})})
    connection = _Connection(server_name)
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="http-exchange")
    try:
        answer = worker.submit(_asked, connection, method, url, wanted, content, seconds, greatest)
        return answer.result(timeout=seconds)
    except TimeoutError as problem:
        raise NoHttpAnswerError("timeout", f"no whole answer within {seconds:g} s") from problem
    finally:
        connection.cut()  # a peer that is still trickling ends the worker with it
        worker.shutdown(wait=False)


class _Connection:
    """The socket of one exchange, so that another thread can end it."""

    def __init__(self, server_name: str | None) -> None:
        self.extensions: dict[str, object] = {"trace": self.note}
        if server_name is not None:
            self.extensions["sni_hostname"] = server_name
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def note(self, event: str, told: Mapping[str, object]) -> None:
        """Trace extension of httpx: take note of a socket as soon as there is one."""
        stream = told.get("return_value")
        if event not in _OPENED or not hasattr(stream, "get_extra_info"):
            return
        with self._lock:
            self._socket = stream.get_extra_info("socket")
            self._shut()

    def cut(self) -> None:
        """Let no read or write go on, now or later; nothing happens to a connection that is closed."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        if self._cut and self._socket is not None:
            with contextlib.suppress(OSError):  # closed, or its peer is gone
                # not ``SSLSocket.shutdown``: that takes TLS away from under the reading thread
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _asked(
    connection: _Connection,
    method: str,
    url: str,
    headers: httpx.Headers,
    content: bytes | None,
    seconds: float,
    greatest: int,
) -> HttpAnswer:
    try:
        with (
            httpx.Client(timeout=seconds, trust_env=False, follow_redirects=False, verify=_trust()) as client,
            client.stream(
                method, url, content=content, headers=headers, extensions=connection.extensions
            ) as answer,
        ):
            return HttpAnswer(status=answer.status_code, content=_bounded(answer, greatest))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:  # UnicodeError: names in DNS
        raise NoHttpAnswerError(type(problem).__name__, str(problem)) from problem


def _bounded(answer: httpx.Response, greatest: int) -> bytes:
    """The bytes as sent: none is asked to be packed, and nothing is unpacked."""
    content = bytearray()
    if greatest == 0:
        return b""
    for part in answer.iter_raw():
        content += part
        if len(content) > greatest:
            raise OverlongAnswerError(answer.status_code, greatest)
    return bytes(content)


@cache
def _trust() -> ssl.SSLContext:
    """The machine's own store, or ``SSL_CERT_FILE``: readable to a process with a user of its own."""
    return ssl.create_default_context()
