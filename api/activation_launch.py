"""Starts the activation process, finds one that runs already, and begins a dead one again.

Decides nothing about wills or keys. The process ends with its parent, also when the parent is
killed; it keeps nothing in memory that a restart would lose but outstanding codes.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from api.activation_directory import SOCKET
from api.activation_process import LOCKED
from contracts_chain.activation.configuration import ActivationConfiguration
from kernel.errors import FaultError

__all__ = ["ActivationProcess", "ActivationStartError"]

_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0


class ActivationStartError(FaultError):
    """The activation process ended, or stayed silent."""

    code = "activation_start"


class ActivationProcess:
    """One activation process of this machine; ``begin`` returns at once, ``ready`` waits for it."""

    def __init__(self, directory: Path, founding: ActivationConfiguration) -> None:
        """Start nothing yet.

        Args:
            directory: The process's own.
            founding: Its configuration if the directory has none yet; later starts ignore it.
        """
        self.directory = directory
        self._founding = founding
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = False
        self._reviving = threading.Lock()

    @property
    def socket(self) -> Path:
        """Where it answers."""
        return self.directory / SOCKET

    @property
    def pid(self) -> int | None:
        """Process id while it runs here."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def begin(self) -> None:
        """Start the process unless it runs."""
        if self.pid is not None:
            return
        self.stop()
        self.directory.mkdir(parents=True, exist_ok=True)
        asked = {"directory": str(self.directory), "founding": self._founding.as_json()}
        command = [sys.executable, "-m", "api.activation_process", json.dumps(asked, ensure_ascii=False)]
        with self._complaints.open("ab") as complaints:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )
        self._answered = False

    def ready(self) -> None:
        """Wait until it answers, here or from another process of this installation.

        Raises:
            ActivationStartError: It ended or stayed silent.
        """
        if self._answered:
            return
        assert self._process is not None, "begin() comes first"  # noqa: S101 - a fault of the caller
        try:
            elsewhere = not _first_line(self._process) and self._process.wait(_STOP_SECONDS) == LOCKED
            self._answered = elsewhere or self._process.poll() is None
        except (OSError, subprocess.TimeoutExpired):
            self._answered = False
        if not self._answered:
            said = self._complaints.read_bytes()[-2000:].decode("utf-8", "replace").strip()
            raise ActivationStartError(
                f"the activation process did not start: {said or 'no answer in time'}",
                f"签署激活服务未能启动：{said or '超时无响应'}",
            )

    def revive(self) -> None:
        """Begin it again, with its keys and memory, and wait: ours died, or another's does not answer.

        Raises:
            ActivationStartError: It does not come back.
        """
        with self._reviving:
            if self.pid is None:
                self.begin()
            self.ready()

    def ask_to_stop(self) -> None:
        """Let it end while others are asked."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self.ask_to_stop()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if process.returncode != LOCKED:
            self.socket.unlink(missing_ok=True)  # a copy of a stopped installation meets files alone

    @property
    def _complaints(self) -> Path:
        return self.directory.with_name(f"{self.directory.name}.log")


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe above
    descriptor, patience, line = process.stdout.fileno(), time.monotonic() + _READY_SECONDS, b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([descriptor], [], [], max(patience - time.monotonic(), 0))
        more = os.read(descriptor, 65536) if readable else b""
        if not more:
            break
        line += more
    return line


def _environment() -> dict[str, str]:
    """Let the child import this very package, installed or not."""
    here = str(Path(__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": here if not inherited else f"{here}{os.pathsep}{inherited}"}
