"""Starts the sandbox provider as a process of its own, and begins a dead one again.

Decides nothing about persons. The process ends with its parent, also when the parent is killed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from api.child_process import ChildProcess
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["IdentitySandboxProcess", "IdentitySandboxStartError", "ProviderAddress"]


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
        self._process = ChildProcess("api.identity_sandbox", directory.with_name(f"{directory.name}.log"))
        self._address: ProviderAddress | None = None

    def begin(self) -> None:
        """Start the process unless it runs; on the port it had before, if it had one."""
        if self._process.is_running:
            return
        port = 0 if self._address is None else int(self._address.url.rpartition(":")[2])
        self._process.start({"directory": str(self._directory), "port": port})

    def address(self) -> ProviderAddress:
        """Where it answers.

        Raises:
            IdentitySandboxStartError: It ended or stayed silent.
        """
        if self._address is not None and self._process.is_running:
            return self._address
        self.begin()
        try:
            told = json.loads(self._process.first_line())
            key = Bytes32.from_hex(told["public_key"])
            self._address = ProviderAddress(name=str(told["name"]), url=str(told["url"]), public_key=key)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            said = self._process.last_words
            raise IdentitySandboxStartError(
                f"the sandbox identity provider did not start: {said or 'no answer in time'}",
                f"身份核验沙箱未能启动：{said or '超时无响应'}",
            ) from problem
        return self._address

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self._process.stop()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid
