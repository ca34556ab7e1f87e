"""The other end of ``child_process``: uvicorn that tells its parent when it answers, and ends with it."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Final

import uvicorn

from api.stoppable_server import StoppableServer

__all__ = ["ChildServer"]

_STOP_SECONDS: Final = 2
_MOST_CONNECTIONS: Final = 200


def _tell_nobody(line: str) -> None:
    del line


class ChildServer(StoppableServer):
    """One ASGI application on sockets that are bound already."""

    def __init__(
        self,
        app: object,
        ready_line: str,
        *,
        until_stdin_closes: bool = True,
        before_ready: Callable[[str], None] = _tell_nobody,
    ) -> None:
        """Configure; ``run(sockets=…)`` serves.

        Args:
            app: ASGI application without lifespan.
            ready_line: Printed once it answers; one JSON object, no newline.
            until_stdin_closes: End also when standard input ends, as it does with the parent's life.
            before_ready: Told the same line first, e.g. to write it down for others.
        """
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]  # FastAPI and Starlette alike; uvicorn checks the call itself
                loop="asyncio",
                http="h11",
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=_STOP_SECONDS,
                limit_concurrency=_MOST_CONNECTIONS,
            )
        )
        self._ready_line = ready_line
        self._until_stdin_closes = until_stdin_closes
        self._before_ready = before_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        self._before_ready(self._ready_line)
        sys.stdout.write(self._ready_line + "\n")
        sys.stdout.flush()
        if self._until_stdin_closes:
            threading.Thread(target=self._watch_parent, daemon=True).start()

    def _watch_parent(self) -> None:
        while os.read(0, 4096):  # by descriptor: a read of sys.stdin would hold its lock at exit
            pass
        self.should_exit = True
