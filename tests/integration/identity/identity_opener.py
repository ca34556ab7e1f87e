"""A process that opens the sandbox provider of a directory, says where it is, and waits to be ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.identity_launch import IdentitySandboxProcess

__all__ = ["Opener", "opened_elsewhere"]


class Opener:
    """A real process that has the provider of a directory open."""

    def __init__(self, directory: Path) -> None:
        """Begin it and wait until it has said where the provider is."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()

    def kill(self) -> None:
        """As the out-of-memory killer would: its provider is told nothing."""
        self._process.kill()
        self._wait()

    def leave(self) -> None:
        """As a service that is stopped; safe to call twice."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._wait()

    def _wait(self) -> None:
        self._process.wait(30)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def opened_elsewhere(directory: Path) -> Iterator[Opener]:
    """An opener beside this process."""
    opener = Opener(directory)
    try:
        yield opener
    finally:
        opener.leave()


def main(directory: Path) -> None:
    process = IdentitySandboxProcess(directory)
    process.begin()
    try:
        sys.stdout.write(f"{process.address().url}\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        process.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
