"""No request body is larger than its address allows; who sends more is told so, not cut off.

Starlette's own limiter answers in plain text; ours answers with the same problem document
or page as every other refusal. What an honest sender has under way is read and thrown
away, up to four times the limit, so that a browser shows the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "Limits"]

_PATIENCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Greatest body in bytes: by prefix of the path, the first that fits; else ``otherwise``."""

    by_prefix: Sequence[tuple[str, int]]
    otherwise: int

    def of(self, path: str) -> int:
        """The limit of one path."""
        return next((limit for prefix, limit in self.by_prefix if path.startswith(prefix)), self.otherwise)


class BodyLimit:
    """ASGI middleware."""

    def __init__(
        self, app: ASGIApp, limits: Limits, refuse: Callable[[Request, HTTPException], Response]
    ) -> None:
        """Take the limits and what turns a refusal into an answer."""
        self._app = app
        self._limits = limits
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by the announced length at once, else by what really comes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            await _discard(receive, _PATIENCE * limit)
            await self._refuse(Request(scope), _too_large())(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _too_large() -> HTTPException:
    return HTTPException(413, "the body is too large")


async def _discard(receive: Receive, patience: int) -> None:
    seen = 0
    while seen <= patience:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receive_within_limit() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large()
        return message

    return receive_within_limit
