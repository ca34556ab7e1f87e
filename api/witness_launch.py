"""Starts a witness as a process of its own, finds one that runs already, and begins a dead one again.

Decides nothing about checkpoints. The process ends with its parent, also when the parent is killed.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from api.child_process import ChildProcess
from api.http_witnesses import WitnessAddress
from api.witness_memory import ADDRESS
from contracts_chain.evidence.checkpoint import TrustedWitness
from kernel.errors import FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["WitnessProcess", "WitnessStartError"]


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
        self._process = ChildProcess("api.witness_process", directory.with_name(f"{directory.name}.log"))
        self._address: WitnessAddress | None = None
        self._elsewhere = False

    def begin(self) -> None:
        """Start the process unless it runs; on the port it had before, if it had one."""
        if self._process.is_running:
            return
        port = 0 if self._address is None or self._elsewhere else int(self._address.url.rpartition(":")[2])
        self._process.start(
            {"directory": str(self._directory), "name": self._name, "logs": [self._log], "port": port}
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
            said = self._process.last_words
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
        died = self._process.pid is not None and not self._process.is_running
        if unanswered if self._elsewhere else died:
            self.begin()
            self._address = None
            self.address()

    def ask_to_stop(self) -> None:
        """Let it end while others are asked."""
        self._process.ask_to_stop()

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        self._process.stop()

    @property
    def known_address(self) -> WitnessAddress | None:
        """Where it answered when it last told so."""
        return self._address

    @property
    def pid(self) -> int | None:
        """Process id while it runs here."""
        return None if self._elsewhere else self._process.pid

    def _ready_line(self) -> bytes:
        line = self._process.first_line()
        self._elsewhere = not line and self._process.ended_locked()
        return (self._directory / ADDRESS).read_bytes() if self._elsewhere else line
