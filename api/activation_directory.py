"""The activation process's directory: who owns it, who holds it, and how the process goes apart.

``activation.sock`` (the service's user alone may connect) and ``private/`` (0700, the process's own
user): ``lock``, ``activation.json``, ``kek.secret``, ``vault/``, ``test-ca/``, ``outbox/``. Started by
root, the process takes a user id of its own that nobody logs in with, dumps no core and lets no
other process look into its memory. Started by another user, it cannot: the ready line says so.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.directory_lock import take_lock
from kernel.atomic_file import UnwritableError
from kernel.errors import FaultError
from kernel.os_reason import reason_en, reason_zh

__all__ = [
    "CONFIGURATION",
    "PRIVATE",
    "SOCKET",
    "ActivationDirectory",
    "ActivationDirectoryLockedError",
    "Separation",
]

SOCKET: Final = "activation.sock"
PRIVATE: Final = "private"
CONFIGURATION: Final = Path("activation.json")
"""In the private directory, which is the working directory once the process went apart."""
_FIRST_USER: Final = 64_820
"""Below the range of systemd's dynamic users, above what distributions hand out."""
_SET_DUMPABLE: Final = 4
_SET_NO_NEW_PRIVILEGES: Final = 38


class ActivationDirectoryLockedError(FaultError):
    """Another process is the activation process of this directory."""

    code = "activation_directory_locked"

    def __init__(self, directory: Path) -> None:
        """Name the directory."""
        super().__init__(
            f"another process runs the activation of {directory}; stop it, or give another directory",
            f"目录 {directory} 的签署激活服务正由另一进程运行；请先停止，或指定其他目录",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How far the process stands apart from the service.

    Attributes:
        user: Its own user id; ``None`` if it shares the service's.
    """

    user: int | None

    @property
    def word(self) -> str:
        """For the ready line: ``own_user`` or ``none``."""
        return "none" if self.user is None else "own_user"


class ActivationDirectory:
    """Holds the directory's lock; afterwards the working directory is the private one."""

    def __init__(self, directory: Path, *, wait_for_orphan: bool) -> None:
        """Take the directory for this process, making it on first use.

        Args:
            directory: The process's own; its parents must let the service pass.
            wait_for_orphan: Wait for a process to leave it whose parent is dead.

        Raises:
            ActivationDirectoryLockedError: Another process has it.
            UnwritableError: It cannot be made or locked.
        """
        self._directory = directory
        self.separation = Separation(user=_own_user(directory) if os.geteuid() == 0 else None)
        try:
            _make(directory, 0o711 if self.separation.user is not None else 0o700, self.separation.user)
            _make(directory / PRIVATE, 0o700, self.separation.user)
            lock = take_lock(
                directory / PRIVATE / "lock",
                worth_waiting=lambda held: wait_for_orphan and not _has_living_parent(held),
            )
        except OSError as problem:
            raise UnwritableError(
                f"cannot use {directory} ({reason_en(problem)}); check the folder and its permissions",
                f"无法使用 {directory}（{reason_zh(problem)}）；请检查目录和权限",
            ) from problem
        if lock is None:
            raise ActivationDirectoryLockedError(directory)
        self._lock = lock
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getppid()}\n".encode(), 0)

    def listen(self) -> socket.socket:
        """A listening socket that the starter's user alone may connect to.

        Raises:
            UnwritableError: It cannot be made.
        """
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.chdir(self._directory)  # the kernel allows 107 bytes of path: the name alone is short
            Path(SOCKET).unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                listening.bind(SOCKET)
            finally:
                os.umask(before)
            listening.listen(128)
        except OSError as problem:
            listening.close()
            raise UnwritableError(
                f"cannot listen in {self._directory} ({reason_en(problem)}); check the folder",
                f"无法在 {self._directory} 监听（{reason_zh(problem)}）；请检查目录",
            ) from problem
        return listening

    def go_apart(self) -> None:
        """Enter the private directory, take the own user, and shut the memory to others.

        Everything that is imported later must be readable to that user; import before this.
        """
        os.chdir(self._directory / PRIVATE if self.separation.user is None else PRIVATE)
        if self.separation.user is not None:
            _hand_over(Path(), self.separation.user)
            os.setgroups([])
            os.setgid(self.separation.user)
            os.setuid(self.separation.user)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        kernel = ctypes.CDLL(None, use_errno=True)
        for option, value in ((_SET_DUMPABLE, 0), (_SET_NO_NEW_PRIVILEGES, 1)):
            if kernel.prctl(option, value, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl refused")
        os.umask(0o077)

    def close_door(self) -> None:
        """Take the socket away, while the lock is still held: it is nobody else's yet.

        A copy of a stopped installation then meets files alone.
        """
        (Path("..") / SOCKET).unlink(missing_ok=True)


def _has_living_parent(lock: int) -> bool:
    """Whether the process that started the one holding the lock lives, as far as is known."""
    try:
        os.kill(int(os.pread(lock, 32, 0)), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _make(directory: Path, mode: int, user: int | None) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(mode)
    if user is not None:
        os.chown(directory, user, user)


def _own_user(directory: Path) -> int:
    """The owner of a directory that stands, else the first id from ours on that has no account."""
    private = directory / PRIVATE
    if private.exists() and private.stat().st_uid:
        return private.stat().st_uid
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(user for user in range(_FIRST_USER, _FIRST_USER + 1000) if user not in taken)


def _hand_over(directory: Path, user: int) -> None:
    """What root made here so far becomes the process's own."""
    for path in (directory, *directory.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
