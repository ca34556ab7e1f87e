"""One process per directory: an advisory lock on a file in it, gone with the process however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["take_lock"]

_LEAVING_SECONDS: Final = 10.0
_LOOK_AGAIN_SECONDS: Final = 0.02


def take_lock(path: Path, *, worth_waiting: Callable[[int], bool]) -> int | None:
    """Lock a file for this process, made on first use with mode 0600.

    Args:
        path: The file; what it holds is its owner's business.
        worth_waiting: Given the open file while another process has the lock: whether that one is
            about to leave. Asked again and again, for ten seconds at most.

    Returns:
        The open file, locked until it is closed; ``None`` if the other process stays.

    Raises:
        OSError: It cannot be made or opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LEAVING_SECONDS
    while not _is_locked_now(descriptor):
        if not worth_waiting(descriptor) or time.monotonic() >= deadline:
            os.close(descriptor)
            return None
        time.sleep(_LOOK_AGAIN_SECONDS)  # flock knows no time limit of its own
    return descriptor


def _is_locked_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
