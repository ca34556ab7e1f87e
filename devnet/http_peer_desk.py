"""The desk for peers behind HTTP: POST under ``/peer/``, bytes in, bytes out.

Decides the statuses only: 200 with a signed answer, 403 with a reason for whoever is not
proven to be a node of this chain, 413 for too much, 503 when this node itself fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any

from devnet.errors import PeerRefusedError
from devnet.peer_desk import PeerDesk
from kernel.errors import FaultError

__all__ = ["peer_application"]

_MOST_BYTES = 16 * 1024 * 1024
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


def peer_application(
    desk: PeerDesk, threads: Executor, failed: Callable[[FaultError | OSError], None]
) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    """An ASGI application over a desk.

    Args:
        desk: Answers.
        threads: Where it does so.
        failed: Told on the event loop when the node itself fails: the store, the disk.
    """

    async def serve(scope: _Message, receive: _Receive, send: _Send) -> None:
        content = await _whole_body(receive)
        if content is None:
            await _respond(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"too long")
            return
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(threads, desk.answer, scope["path"], content)
        except PeerRefusedError as refusal:
            await _respond(send, HTTPStatus.FORBIDDEN, refusal.en.encode())
        except (FaultError, OSError) as fault:
            failed(fault)
            await _respond(send, HTTPStatus.SERVICE_UNAVAILABLE, b"this node has failed")
        else:
            await _respond(send, HTTPStatus.OK, answer)

    return serve


async def _whole_body(receive: _Receive) -> bytes | None:
    """The body; ``None`` when it is too long."""
    content = bytearray()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if len(content) > _MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(content)


async def _respond(send: _Send, status: HTTPStatus, content: bytes) -> None:
    headers = [
        (b"content-type", b"application/octet-stream"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})
