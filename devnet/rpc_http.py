"""JSON-RPC over HTTP: a small ASGI application on uvicorn, bound to this machine.

Decides who may ask: a POST of JSON to a loopback host name, with the bearer token when
one is set. The host and content-type rules keep web pages out (DNS rebinding, simple
cross-site posts). Must never listen on another interface.
"""

from __future__ import annotations

import contextlib
import errno
import hmac
import json
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from http import HTTPStatus
from typing import Any

import uvicorn

from devnet.errors import port_in_use
from devnet.rpc_dispatch import Dispatcher

__all__ = ["RpcServer", "bind_loopback"]

MOST_BYTES = 8 * 1024 * 1024
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class _RefusedRequestError(Exception):
    """The request is not answered; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class RpcApplication:
    """The ASGI application."""

    def __init__(self, dispatcher: Dispatcher, *, token: str | None) -> None:
        """Answer with this dispatcher; ask for ``token`` unless it is ``None``."""
        self._dispatcher = dispatcher
        self._token = token

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        try:
            self._admit(scope)
            content = await _whole_body(receive)
        except _RefusedRequestError as refusal:
            await _respond(send, refusal.status, refusal.status.phrase.encode(), b"text/plain")
            return
        answer = await self._dispatcher.answer(content)
        written = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
        await _respond(send, HTTPStatus.OK, written, b"application/json")

    def _admit(self, scope: _Message) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").rpartition(":")
        if (host[0] or host[2]) not in _LOOPBACK_NAMES:
            raise _RefusedRequestError(HTTPStatus.FORBIDDEN)
        if scope["method"] != "POST":
            raise _RefusedRequestError(HTTPStatus.METHOD_NOT_ALLOWED)
        if not headers.get(b"content-type", b"").startswith(b"application/json"):
            raise _RefusedRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        given = headers.get(b"authorization", b"")
        if self._token is not None and not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise _RefusedRequestError(HTTPStatus.UNAUTHORIZED)


class RpcServer(uvicorn.Server):
    """uvicorn without its signal handling: the command line decides when to stop."""

    @classmethod
    def over(cls, dispatcher: Dispatcher, *, token: str | None) -> RpcServer:
        """A server for this dispatcher, silent but for warnings."""
        application = RpcApplication(dispatcher, token=token)
        return cls(
            uvicorn.Config(
                application,
                log_level="warning",
                lifespan="off",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def bind_loopback(port: int) -> socket.socket:
    """Take a port on 127.0.0.1; 0 takes any free one.

    Raises:
        PortInUseError: Another program has it.
    """
    # the protocol is named because asyncio sets TCP_NODELAY only on sockets that say IPPROTO_TCP:
    # without it every answer waits some 40 ms for a delayed acknowledgement
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as problem:
        listener.close()
        if problem.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise port_in_use(port) from problem
        raise
    return listener


async def _whole_body(receive: _Receive) -> bytes:
    content = bytearray()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if len(content) > MOST_BYTES:
            raise _RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body", False):
            return bytes(content)


async def _respond(send: _Send, status: HTTPStatus, content: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})
