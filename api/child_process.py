"""A process of this installation that ends with its parent: started, heard, ended.

Decides nothing about what the process does. It is started as ``python -m MODULE ARGUMENTS``, arguments
as one JSON object, and tells by one line on standard output that it answers (``child_server``). Its
standard input is the parent's life: it ends when that closes, also when the parent is killed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from kernel.canonical_json import JsonObject

__all__ = ["LOCKED", "ChildProcess"]

LOCKED: Final = 75
"""EX_TEMPFAIL: exit code of a child whose directory another process has."""
_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_LAST_WORDS: Final = 2000


class ChildProcess:
    """One process, which may be started again after it ended; its standard error goes to a file."""

    def __init__(self, module: str, complaints: Path) -> None:
        """Start nothing yet.

        Args:
            module: What ``python -m`` runs.
            complaints: File that takes standard error, appended to; made with its folder.
        """
        self._module = module
        self._complaints = complaints
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started here and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of what was started here last, ended or not."""
        return None if self._process is None else self._process.pid

    @property
    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        return self._complaints.read_bytes()[-_LAST_WORDS:].decode("utf-8", "replace").strip()

    def start(self, asked: JsonObject) -> None:
        """Start it, after ending what ran before.

        Raises:
            OSError: The folder of its complaints cannot be used.
        """
        self.stop()
        self._complaints.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", self._module, json.dumps(asked, ensure_ascii=False)]
        with self._complaints.open("ab") as complaints:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )

    def first_line(self) -> bytes:
        """What it tells when it answers, newline included; empty if it ended or stayed silent for 30 s.

        Raises:
            OSError: Its output cannot be read.
        """
        if self._process is None or self._process.stdout is None:
            raise OSError("it was not started")
        descriptor, patience, line = self._process.stdout.fileno(), time.monotonic() + _READY_SECONDS, b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([descriptor], [], [], max(patience - time.monotonic(), 0))
            more = os.read(descriptor, 65536) if readable else b""
            if not more:
                break
            line += more
        return line

    def ended_locked(self) -> bool:
        """Whether it gave way to another process that has its directory; waits for it to end.

        Raises:
            TimeoutExpired: It neither answered nor ended.
        """
        return self._process is not None and self._process.wait(_STOP_SECONDS) == LOCKED

    def ask_to_stop(self) -> None:
        """Let it end while others are asked."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def stop(self) -> int | None:
        """End it and wait; safe to call twice.

        Returns:
            Its exit code; ``None`` if nothing was started since the last stop.
        """
        self.ask_to_stop()
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        return process.returncode


def _environment() -> dict[str, str]:
    """Let the child import this very package, installed or not."""
    here = str(Path(__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": here if not inherited else f"{here}{os.pathsep}{inherited}"}
