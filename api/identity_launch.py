"""Starts the sandbox provider as a process of its own, and begins a dead one again.

Decides nothing about persons. The process ends with its parent, also when the parent is killed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["IdentitySandboxProcess", "IdentitySandboxStartError", "ProviderAddress"]

_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0


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
    """The sandbox provider of this machine; ``begin`` returns at once, ``address`` waits for it."""

    def __init__(self, directory: Path) -> None:
        """Start nothing yet; the directory holds its key."""
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._address: ProviderAddress | None = None

    def begin(self) -> None:
        """Start the process unless it runs; on the port it had before, if it had one."""
        if self._process is not None and self._process.poll() is None:
            return
        port = 0 if self._address is None else int(self._address.url.rpartition(":")[2])
        self.stop()
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        asked = json.dumps({"directory": str(self._directory), "port": port}, ensure_ascii=False)
        command = [sys.executable, "-m", "api.identity_sandbox", asked]
        with self._complaints.open("ab") as complaints:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )

    def address(self) -> ProviderAddress:
        """Where it answers.

        Raises:
            IdentitySandboxStartError: It ended or stayed silent.
        """
        if self._address is not None and self._process is not None and self._process.poll() is None:
            return self._address
        self.begin()
        try:
            told = json.loads(self._first_line())
            key = Bytes32.from_hex(told["public_key"])
            self._address = ProviderAddress(name=str(told["name"]), url=str(told["url"]), public_key=key)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            said = self._complaints.read_bytes()[-2000:].decode("utf-8", "replace").strip()
            raise IdentitySandboxStartError(
                f"the sandbox identity provider did not start: {said or 'no answer in time'}",
                f"身份核验沙箱未能启动：{said or '超时无响应'}",
            ) from problem
        return self._address

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return None if self._process is None else self._process.pid

    @property
    def _complaints(self) -> Path:
        return self._directory.with_name(f"{self._directory.name}.log")

    def _first_line(self) -> bytes:
        process = self._process
        assert process is not None  # noqa: S101 - begun by the caller
        assert process.stdout is not None  # noqa: S101 - opened as a pipe
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
