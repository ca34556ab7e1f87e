"""Writes a file anew beside itself and renames it over: whole or not at all, owner and mode as before.

Another user's process reads these files, so a rewrite by root must not take them away from it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["PART", "replacing"]

PART: Final = ".rewrapped"
"""How a half-written neighbour ends; its name begins with a dot."""


@contextmanager
def replacing(path: Path) -> Iterator[int]:
    """A descriptor to write the new content to; it takes the place of ``path`` when the block ends well.

    Raises:
        OSError: The file system refuses; ``path`` is as it was.
    """
    before = path.stat()
    neighbour = path.with_name(f".{path.name}{PART}")
    descriptor = os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, before.st_mode & 0o777)
        yield descriptor
        os.fsync(descriptor)
        neighbour.replace(path)
    finally:
        os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            neighbour.unlink()
    _keep_folder(path.parent)


def _keep_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
