"""The node's port: JSON-RPC over HTTP and WebSocket, a small ASGI application on uvicorn.

Decides how much one client may ask at once: size of a body, requests and connections in flight.
Who may ask at all is ``rpc_admission``'s; content must be JSON by its type, which keeps simple
cross-site posts out. Listens on this machine alone unless it is given another address.
"""

from __future__ import annotations

import contextlib
import errno
import json
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any

import uvicorn

from devnet.errors import port_in_use
from devnet.rpc_admission import Admission, RefusedRequestError
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_slow_reader import SlowReaderProtocol
from devnet.rpc_websocket import Connection

__all__ = ["Asgi", "RpcServer", "bind_address"]

MOST_BYTES = 8 * 1024 * 1024
MOST_REQUESTS_IN_FLIGHT = 256
MOST_CONNECTIONS = 64
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
Asgi = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class RpcApplication:
    """The ASGI application."""

    def __init__(self, dispatcher: Dispatcher, admission: Admission, *, peer: Asgi | None) -> None:
        """Answer those admitted; ``peer`` serves paths under ``/peer/`` by rules of its own."""
        self._dispatcher = dispatcher
        self._admission = admission
        self._peer = peer
        self._requests = 0
        self._connections = 0

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Serve one request or one WebSocket."""
        if scope["type"] == "websocket":
            await self._serve_connection(scope, receive, send)
        elif self._peer is not None and scope["path"].startswith("/peer/"):
            await self._peer(scope, receive, send)
        else:
            await self._serve_request(scope, receive, send)

    async def _serve_request(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        self._requests += 1
        try:
            self._verify_request(scope)
            answer = await self._dispatcher.answer(await _whole_body(receive))
        except RefusedRequestError as refusal:
            await _respond(send, refusal.status, refusal.status.phrase.encode(), b"text/plain")
        else:
            written = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
            await _respond(send, HTTPStatus.OK, written, b"application/json")
        finally:
            self._requests -= 1

    def _verify_request(self, scope: _Message) -> None:
        self._admission.verify(scope["headers"])
        if self._requests > MOST_REQUESTS_IN_FLIGHT:
            raise RefusedRequestError(HTTPStatus.SERVICE_UNAVAILABLE)
        if scope["method"] != "POST":
            raise RefusedRequestError(HTTPStatus.METHOD_NOT_ALLOWED)
        if not dict(scope["headers"]).get(b"content-type", b"").startswith(b"application/json"):
            raise RefusedRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    def _verify_handshake(self, scope: _Message) -> None:
        self._admission.verify(scope["headers"])
        if self._connections > MOST_CONNECTIONS:
            raise RefusedRequestError(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _serve_connection(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        self._connections += 1
        try:
            await receive()
            self._verify_handshake(scope)
            await send({"type": "websocket.accept"})
            closing = await Connection(self._dispatcher, partial(_send_text, send)).run(receive)
            if closing is not None:
                await send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
        except RefusedRequestError as refusal:
            await _refuse_handshake(send, refusal.status)
        finally:
            self._connections -= 1


class RpcServer(uvicorn.Server):
    """uvicorn without its signal handling: the command line decides when to stop."""

    @classmethod
    def over(
        cls,
        dispatcher: Dispatcher,
        *,
        token: str | None,
        host_names: frozenset[str] = frozenset(),
        peer: Asgi | None = None,
    ) -> RpcServer:
        """A server for this dispatcher, silent but for warnings.

        Args:
            dispatcher: Answers calls.
            token: Bearer token to ask for, or ``None``.
            host_names: Names beside ``localhost`` that clients may call this node by.
            peer: Serves the other validators under ``/peer/``.
        """
        admission = Admission(token=token, host_names=host_names)
        application = RpcApplication(dispatcher, admission, peer=peer)
        return cls(
            uvicorn.Config(
                application,
                ws=SlowReaderProtocol,
                ws_max_size=MOST_BYTES,
                ws_per_message_deflate=False,
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


def bind_address(host: str, port: int) -> socket.socket:
    """Take a port on an IPv4 address of this machine; 0 takes any free one.

    Raises:
        PortInUseError: Another program has it.
        OSError: The address is not of this machine.
    """
    # the protocol is named because asyncio sets TCP_NODELAY only on sockets that say IPPROTO_TCP:
    # without it every answer waits some 40 ms for a delayed acknowledgement
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
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
            raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body", False):
            return bytes(content)


async def _respond(send: _Send, status: HTTPStatus, content: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _refuse_handshake(send: _Send, status: HTTPStatus) -> None:
    await send({"type": "websocket.http.response.start", "status": int(status), "headers": []})
    await send({"type": "websocket.http.response.body", "body": status.phrase.encode()})


async def _send_text(send: _Send, text: str) -> None:
    await send({"type": "websocket.send", "text": text})
