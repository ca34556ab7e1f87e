"""The command line before a terminal of a given width, watched while it runs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["OnTerminal", "on_terminal"]

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PATIENCE_SECONDS = 60.0


class OnTerminal:
    """A running command; ``screen`` is everything it wrote so far, without colours."""

    def __init__(self, arguments: tuple[str | Path, ...], columns: int) -> None:
        self._terminal, far_end = pty.openpty()
        fcntl.ioctl(far_end, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", *map(str, arguments)],
            stdin=far_end,
            stdout=far_end,
            stderr=far_end,
            start_new_session=True,
            env={**environment, "TERM": "xterm-256color"},
        )
        os.close(far_end)
        self._bytes = b""

    @property
    def screen(self) -> str:
        return ESCAPES.sub("", self._bytes.decode("utf-8", "replace")).replace("\r", "")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.screen:
            assert time.monotonic() < deadline, self.screen
            assert self._more(1.0), self.screen

    def end(self, number: signal.Signals | None = None, *, group: bool = False) -> int:
        """Send a signal, if any, to the process or to its whole group; its exit code."""
        if number is not None:
            (os.killpg if group else os.kill)(self.process.pid, number)
        while self._more(PATIENCE_SECONDS):
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def _more(self, seconds: float) -> bool:
        """Read what is there; false at the end."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            found = os.read(self._terminal, 65536)
        except OSError:  # Linux tells the end of a terminal so
            return False
        self._bytes += found
        return bool(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._terminal)


@contextmanager
def on_terminal(*arguments: str | Path, columns: int = 80) -> Iterator[OnTerminal]:
    with OnTerminal(arguments, columns) as running:
        yield running
