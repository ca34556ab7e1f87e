"""A disk of a few MiB of one's own, which can be filled to the last byte and freed again.

Needs root: it is a tmpfs mounted over a directory. Always unmounted at the end.
"""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["SmallDisk"]

MIB = 8
PAGE = 4096


class SmallDisk:
    """One mounted disk."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; nothing is mounted yet."""
        self.directory = directory

    def __enter__(self) -> Self:
        """Mount it, empty."""
        self.directory.mkdir(parents=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={MIB}m,mode=0700", "tmpfs", str(self.directory))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Unmount it; lazily, so that a process still alive there cannot keep it in the tree."""
        _run("umount", "--lazy", str(self.directory))

    def fill(self) -> None:
        """Take every page that is left."""
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while os.write(descriptor, bytes(PAGE)) == PAGE:
                pass
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Give everything back."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.directory / "ballast"


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}; root is needed to mount")
