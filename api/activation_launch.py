"""Starts the activation process, finds one that runs already, and begins a dead one again.

Decides nothing about wills or keys. The process ends with its parent, also when the parent is
killed; it keeps nothing in memory that a restart would lose but outstanding codes.
"""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from api.activation_directory import SOCKET
from api.child_process import ChildProcess
from contracts_chain.activation.configuration import ActivationConfiguration
from kernel.errors import FaultError

__all__ = ["ActivationProcess", "ActivationStartError"]


class ActivationStartError(FaultError):
    """The activation process ended, or stayed silent."""

    code = "activation_start"


class ActivationProcess:
    """One activation process of this machine; ``begin`` returns at once, ``ready`` waits for it."""

    def __init__(self, directory: Path, founding: ActivationConfiguration) -> None:
        """Start nothing yet.

        Args:
            directory: The process's own.
            founding: Its configuration if the directory has none yet; later starts only compare it.
        """
        self.directory = directory
        self._founding = founding
        self._process = ChildProcess("api.activation_process", directory.with_name(f"{directory.name}.log"))
        self._answered = False
        self._reviving = threading.Lock()

    @property
    def socket(self) -> Path:
        """Where it answers."""
        return self.directory / SOCKET

    @property
    def pid(self) -> int | None:
        """Process id while it runs here."""
        return self._process.pid if self._process.is_running else None

    def begin(self) -> None:
        """Start the process unless it runs."""
        if self._process.is_running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._process.start({"directory": str(self.directory), "founding": self._founding.as_json()})
        self._answered = False

    def ready(self) -> None:
        """Wait until it answers, here or from another process of this installation.

        Raises:
            ActivationStartError: It ended or stayed silent.
        """
        if self._answered:
            return
        try:
            elsewhere = not self._process.first_line() and self._process.ended_locked()
            self._answered = elsewhere or self._process.is_running
        except (OSError, subprocess.TimeoutExpired):
            self._answered = False
        if not self._answered:
            said = self._process.last_words
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
        self._process.ask_to_stop()

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self._process.stop()
