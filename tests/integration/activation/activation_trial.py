"""An activation process of its own for tests, its phone, and ways to kill and revive it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from activation_behaviour import Trial
from activation_dying_process import POINT
from activation_people import Vouchers

from api.activation_client import ActivationAuthority, ActivationChannel, HttpActivation
from api.activation_launch import ActivationProcess
from api.activation_sms import SandboxPhone
from api.child_process import ChildProcess
from kernel.clock import SystemClock
from signing.model import SignatureTrust

__all__ = ["RunningActivation", "running_activation"]


@dataclass
class RunningActivation:
    process: ActivationProcess
    channel: ActivationChannel
    vouchers: Vouchers

    @property
    def private(self) -> Path:
        return self.process.directory / "private"

    def trial(self) -> Trial:
        """A trial with people nobody else knows."""
        activation, authority = HttpActivation(self.channel), ActivationAuthority(self.channel)
        return Trial(
            activation=activation,
            vouchers=self.vouchers,
            newest_code=SandboxPhone(self.process.directory).newest_code,
            now=SystemClock().now,
            public_key=activation.public_key,
            trust=SignatureTrust(ca_roots=authority.roots, tsa_roots=authority.tsa_roots),
        )

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        pid = self.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.process.pid == pid and time.monotonic() < deadline:
            time.sleep(0.005)
        assert self.process.pid != pid

    @contextmanager
    def dying_at(self, point: str) -> Iterator[None]:
        """In the block, a process of this directory that dies there; it must, and a whole one follows it."""
        self.kill()
        self.channel.close()
        dying = ChildProcess("activation_dying_process", self.process.directory.with_name("dying.log"))
        founding = self.vouchers.configuration().as_json()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(POINT, point)
            patch.setenv("PYTHONPATH", str(Path(__file__).parent))
            dying.start({"directory": str(self.process.directory), "founding": founding})
        try:
            assert dying.first_line(), dying.last_words
            yield
        finally:
            code = dying.stop()
        assert code == -signal.SIGKILL, point


@contextmanager
def running_activation(directory: Path, vouchers: Vouchers, **changed: object) -> Iterator[RunningActivation]:
    """Run one; ``changed`` are members of the configuration that founds its directory."""
    process = ActivationProcess(directory, vouchers.configuration(**changed))
    process.begin()
    try:
        process.ready()
        channel = ActivationChannel(process.socket, process.revive)
        try:
            yield RunningActivation(process=process, channel=channel, vouchers=vouchers)
        finally:
            channel.close()
    finally:
        process.stop()
