"""Starts the sandbox provider as a process of its own, finds one that runs, begins a dead one again.

Decides nothing about persons. The process ends with its parent, also when the parent is killed.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from api.child_process import ChildProcess
from api.identity_directory import ADDRESS
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["IdentitySandboxProcess", "IdentitySandboxStartError", "ProviderAddress"]

_KNOCKING_SECONDS: Final = 5.0


class IdentitySandboxStartError(FaultError):
    """The sandbox provider ended, or stayed silent."""

    code = "identity_sandbox_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAddress:
    """Where a provider answers, its name and the key that signs its attestations."""

    name: str
    url: str
    public_key: Bytes32


class IdentitySandboxProcess:
    """The sandbox provider of this installation; ``begin`` returns at once, ``address`` waits for it."""

    def __init__(self, directory: Path) -> None:
        """Start nothing yet; the directory holds its key."""
        self._directory = directory
        self._process = ChildProcess("api.identity_sandbox", directory.with_name(f"{directory.name}.log"))
        self._address: ProviderAddress | None = None
        self._elsewhere = False
        self._finding = threading.Lock()

    def begin(self) -> None:
        """Start the process unless it runs; on the port it had before, if it had one here."""
        if self._process.is_running:
            return
        port = 0 if self._address is None or self._elsewhere else int(self._address.url.rpartition(":")[2])
        self._process.start({"directory": str(self._directory), "port": port})

    def address(self) -> ProviderAddress:
        """Where it answers, here or from another process of this installation.

        Begins it where it died here, or where that of another process answers no longer.

        Raises:
            IdentitySandboxStartError: It ended or stayed silent.
        """
        with self._finding:
            if self._address is not None and self._is_there(self._address):
                return self._address
            if self._address is not None or self._process.pid is None:
                self.begin()
            self._address = self._told_address()
            return self._address

    def ask_to_stop(self) -> None:
        """Let it end while others are asked."""
        self._process.ask_to_stop()

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self._process.stop()

    @property
    def pid(self) -> int | None:
        """Process id of what was started here last; ``None`` where another process runs it."""
        return None if self._elsewhere else self._process.pid

    def _is_there(self, address: ProviderAddress) -> bool:
        if not self._elsewhere:
            return self._process.is_running
        where = urlsplit(address.url)
        try:
            socket.create_connection((where.hostname, where.port), _KNOCKING_SECONDS).close()
        except OSError:
            return False
        return True

    def _told_address(self) -> ProviderAddress:
        try:
            told = json.loads(self._ready_line())
            key = Bytes32.from_hex(told["public_key"])
            return ProviderAddress(name=str(told["name"]), url=str(told["url"]), public_key=key)
        except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as problem:
            self._process.stop()  # the next to ask begins another
            said = self._process.last_words
            raise IdentitySandboxStartError(
                f"the sandbox identity provider did not start: {said or 'no answer in time'}",
                f"身份核验沙箱未能启动：{said or '超时无响应'}",
            ) from problem

    def _ready_line(self) -> bytes:
        line = self._process.first_line()
        self._elsewhere = not line and self._process.ended_locked()
        return (self._directory / ADDRESS).read_bytes() if self._elsewhere else line
