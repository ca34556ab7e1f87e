"""A witness's directory: its key, the newest note of each log, and evidence of forks.

``key.secret`` (mode 0600), ``lock`` (held while the witness runs), ``logs/SHA256(ORIGIN)``
(the note, replaced whole and flushed to disk), ``forks/SHA256.txt`` (two notes that contradict
each other, never removed by us), ``address.json`` (where it answers, or did last). The
directory is its owner's alone (0700). It must never be restored from an older copy: a witness
that forgot could sign a fork.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from api.directory_lock import take_lock
from api.keyring import secret_bytes
from contracts_chain.evidence.witness_errors import WitnessMemoryError
from kernel.atomic_file import UnwritableError, write_atomically
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh

__all__ = ["ADDRESS", "WitnessDirectory", "WitnessDirectoryLockedError"]

ADDRESS = "address.json"
_KEPT_FORKS = 1000


class WitnessDirectoryLockedError(FaultError):
    """Another process is the witness of this directory."""

    code = "witness_directory_locked"

    def __init__(self, directory: Path) -> None:
        """Name the directory."""
        super().__init__(
            f"another process runs the witness of {directory}; stop it, or give --dir another directory",
            f"目录 {directory} 的见证人正由另一进程运行；请先停止，或用 --dir 指定其他目录",
        )


class WitnessDirectory:
    """Implements ``WitnessMemory`` on files; a context that holds the lock."""

    def __init__(self, directory: Path, *, wait_for_orphan: bool = False) -> None:
        """Take the directory for this process, making it on first use.

        Args:
            directory: The witness's own.
            wait_for_orphan: Wait for a witness to leave it whose parent is dead.

        Raises:
            WitnessDirectoryLockedError: Another process has it.
            UnwritableError: It cannot be made or locked.
        """
        self._directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
            lock = take_lock(
                directory / "lock",
                worth_waiting=lambda _: wait_for_orphan and not self._has_living_parent(),
            )
        except OSError as problem:
            raise UnwritableError(
                f"cannot use {directory} ({reason_en(problem)}); check the folder and its permissions",
                f"无法使用 {directory}（{reason_zh(problem)}）；请检查目录和权限",
            ) from problem
        if lock is None:
            raise WitnessDirectoryLockedError(directory)
        self._lock = lock

    def __enter__(self) -> Self:
        """The lock is held already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        os.close(self._lock)

    def seed(self) -> bytes:
        """The 32 secret bytes of the witness's key, drawn on first use.

        Raises:
            SecretUnreadableError: The file is damaged.
        """
        return secret_bytes(self._directory, "key")

    def held(self, origin: str) -> str | None:
        """The newest note cosigned for this log; ``None`` only if there never was one.

        Raises:
            WitnessMemoryError: The file is there and cannot be read.
        """
        path = self._note(origin)
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as problem:
            raise WitnessMemoryError(
                f"{path} cannot be read ({type(problem).__name__}); nothing is cosigned before it is mended",
                f"{path} 无法读取（{type(problem).__name__}）；修复前不再联署",
            ) from problem

    def keep(self, origin: str, note: str) -> None:
        """Replace the newest note; durable on return.

        Raises:
            DiskFullError: No space; the old note stands.
            UnwritableError: The folder refuses; the old note stands.
        """
        write_atomically(self._note(origin), note.encode())

    def keep_fork(self, origin: str, held: str, shown: str) -> None:
        """Store both notes under the hash of their text; beyond a thousand none is added.

        Raises:
            DiskFullError: No space.
            UnwritableError: The folder refuses.
        """
        del origin  # both notes name it
        content = f"{held}\n{shown}".encode()
        if len(self.forks()) < _KEPT_FORKS:
            name = hashlib.sha256(content).hexdigest()
            write_atomically(self._directory / "forks" / f"{name}.txt", content)

    def tell_address(self, line: str) -> None:
        """Let siblings of the parent know where this witness answers.

        Raises:
            FaultError: It cannot be written.
        """
        write_atomically(self._directory / ADDRESS, line.encode())

    def forks(self) -> tuple[Path, ...]:
        """Files with two notes that contradict each other."""
        return tuple(sorted((self._directory / "forks").glob("*.txt")))

    def _has_living_parent(self) -> bool:
        """Whether the process that started the running witness lives, as far as is known."""
        try:
            os.kill(int(json.loads((self._directory / ADDRESS).read_bytes())["parent"]), 0)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            return isinstance(problem, PermissionError)
        return True

    def _note(self, origin: str) -> Path:
        return self._directory / "logs" / hashlib.sha256(origin.encode()).hexdigest()
