"""uvicorn under a signal: requests finish, then the caller goes on and closes what it opened."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

__all__ = ["StoppableServer"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StoppableServer(uvicorn.Server):
    """Ends on SIGTERM and SIGINT without raising them again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers as they were afterwards."""
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
