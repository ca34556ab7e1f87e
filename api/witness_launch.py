"""Starts a witness as a process of its own, finds one that runs already, and begins a dead one again.

Decides nothing about checkpoints. The process ends with its parent, also when the parent is killed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from api.http_witnesses import WitnessAddress
from api.witness_memory import ADDRESS
from api.witness_process import LOCKED
from contracts_chain.evidence.checkpoint import TrustedWitness
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["WitnessProcess", "WitnessStartError"]

_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0


class WitnessStartError(FaultError):
    """A witness process ended, or stayed silent."""

    code = "witness_start"


class WitnessProcess:
    """One witness of this machine; ``begin`` returns at once, ``address`` waits for it."""

    def __init__(self, directory: Path, name: str, operator: str, log: str) -> None:
        """Start nothing yet; ``log`` is ``ORIGIN=PUBLICKEY``."""
        self._directory = directory
        self._name = name
        self._operator = operator
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._address: WitnessAddress | None = None
        self._elsewhere = False

    def begin(self) -> None:
        """Start the process unless it runs; on the port it had before, if it had one."""
        if self._process is not None and self._process.poll() is None:
            return
        port = 0 if self._address is None or self._elsewhere else int(self._address.url.rpartition(":")[2])
        self.stop()
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        asked = {"directory": str(self._directory), "name": self._name, "logs": [self._log], "port": port}
        command = [sys.executable, "-m", "api.witness_process", json.dumps(asked, ensure_ascii=False)]
        with self._complaints.open("ab") as complaints:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )

    def address(self) -> WitnessAddress:
        """Where it answers, or where another process of this installation runs it.

        Raises:
            WitnessStartError: It ended or stayed silent.
        """
        if self._address is not None:
            return self._address
        try:
            told = json.loads(self._ready_line())
            public_key = Bytes32.from_hex(told["public_key"])
            url = str(told["url"])
        except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as problem:
            said = self._complaints.read_bytes()[-2000:].decode("utf-8", "replace").strip()
            raise WitnessStartError(
                f"the witness {self._name} did not start: {said or 'no answer in time'}",
                f"见证人 {self._name} 未能启动：{said or '超时无响应'}",
            ) from problem
        witness = TrustedWitness(name=self._name, public_key=public_key, operator=self._operator)
        self._address = WitnessAddress(url=url, witness=witness)
        return self._address

    def revive(self, *, unanswered: bool) -> None:
        """Begin it again, with its key and memory, and wait: if ours died, or another's does not answer.

        Raises:
            WitnessStartError: It does not come back.
        """
        died = self._process is not None and self._process.poll() is not None
        if unanswered if self._elsewhere else died:
            self.begin()
            self._address = None
            self.address()

    def ask_to_stop(self) -> None:
        """Let it end while others are asked."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self.ask_to_stop()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def known_address(self) -> WitnessAddress | None:
        """Where it answered when it last told so."""
        return self._address

    @property
    def pid(self) -> int | None:
        """Process id while it runs here."""
        return None if self._process is None or self._elsewhere else self._process.pid

    @property
    def _complaints(self) -> Path:
        return self._directory.with_name(f"{self._directory.name}.log")

    def _ready_line(self) -> bytes:
        assert self._process is not None, "begin() comes first"  # noqa: S101 - a fault of the caller
        line = self._first_line(self._process)
        self._elsewhere = not line and self._process.wait(_STOP_SECONDS) == LOCKED
        return (self._directory / ADDRESS).read_bytes() if self._elsewhere else line

    def _first_line(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe above
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
