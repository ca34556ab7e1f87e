"""Starts lives that may be killed, and tells how each ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path

CHILD = Path(__file__).with_name("workflows_killed_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a life ended: exit code (``-9`` killed), its last line, what it complained of."""

    code: int
    said: str
    complaints: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Lives:
    """One starter process; the modules of the service are imported once for all lives."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._said, self._complaints = folder / "said", folder / "complaints"

    def life(self, **asked: str) -> Life:
        """Have one lived, and wait until it is over."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        files = {"said": str(self._said), "complaints": str(self._complaints)}
        self._process.stdin.write(dumps({**asked, **files}) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        said = self._said.read_text().splitlines()
        return Life(code=code, said=said[-1] if said else "", complaints=self._complaints.read_text())


@contextmanager
def lives_in(folder: Path) -> Iterator[Lives]:
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    with process:
        yield Lives(process, folder)
        assert process.stdin is not None
        process.stdin.close()
