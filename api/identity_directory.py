"""The sandbox provider's directory: its key, who runs it, and where that one answers.

``key.secret`` (mode 0600), ``lock`` (held while the provider runs), ``address.json`` (there while it
answers; left behind by kill -9, taken away by whoever takes the lock next). The sessions are in the
memory of one process: a second provider of the same directory would call every open check lost.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.directory_lock import take_lock
from kernel.atomic_file import UnwritableError, write_atomically
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh

__all__ = ["ADDRESS", "IdentityDirectory", "IdentityDirectoryLockedError"]

ADDRESS: Final = "address.json"


class IdentityDirectoryLockedError(FaultError):
    """Another process is the sandbox provider of this directory."""

    code = "identity_directory_locked"

    def __init__(self, directory: Path) -> None:
        """Name the directory."""
        super().__init__(
            f"another process runs the sandbox identity provider of {directory}; use that one, or stop it",
            f"目录 {directory} 的身份核验沙箱正由另一进程运行；请使用该进程，或先将其停止",
        )


class IdentityDirectory:
    """A context that holds the lock; the kernel releases it with the process, however that ends."""

    def __init__(self, directory: Path) -> None:
        """Take the directory for this process, making it on first use.

        Waits at most ten seconds for one that is not answering yet, or whose parent is dead.

        Raises:
            IdentityDirectoryLockedError: Another process has it, and answers.
            UnwritableError: It cannot be made or locked.
        """
        self._address = directory / ADDRESS
        try:
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
            lock = take_lock(directory / "lock", worth_waiting=lambda _: not self._is_served())
        except OSError as problem:
            raise UnwritableError(
                f"cannot use {directory} ({reason_en(problem)}); check the folder and its permissions",
                f"无法使用 {directory}（{reason_zh(problem)}）；请检查目录和权限",
            ) from problem
        if lock is None:
            raise IdentityDirectoryLockedError(directory)
        self._lock = lock
        self._address.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """The lock is held already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the address away while it is still ours, then release the lock."""
        self._address.unlink(missing_ok=True)
        os.close(self._lock)

    def tell_address(self, line: str) -> None:
        """Let siblings of the parent know where this provider answers.

        Raises:
            FaultError: It cannot be written.
        """
        write_atomically(self._address, line.encode())

    def _is_served(self) -> bool:
        """Whether the one that holds the lock answers, and the process that started it lives."""
        try:
            os.kill(int(json.loads(self._address.read_bytes())["parent"]), 0)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            return isinstance(problem, PermissionError)
        return True
