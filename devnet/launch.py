"""Start a devnet as processes of its own and wait until they answer.

Decides what a caller gets: a running chain with its facts, or the fault that kept it from
starting, as the same class and sentences the process printed. The processes end with their
parent, also when the parent is killed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from devnet.errors import (
    BrokenSettingsError,
    DirectoryLockedError,
    ForeignChainError,
    NotStartedError,
    PortInUseError,
    StoreFullError,
    ValidatorCountError,
)
from kernel.atomic_file import DiskFullError, UnwritableError
from kernel.canonical_json import JsonObject, JsonValue, parse_json
from kernel.errors import FaultError
from kernel.sized_bytes import Address, BlockHash

__all__ = ["RunningDevnet", "start"]

_FAULTS: dict[str, type[FaultError]] = {
    kind.code: kind
    for kind in (
        BrokenSettingsError,
        DirectoryLockedError,
        DiskFullError,
        ForeignChainError,
        PortInUseError,
        StoreFullError,
        UnwritableError,
        ValidatorCountError,
    )
}
_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDevnet:
    """A devnet whose processes answer.

    Attributes:
        rpc_url: JSON-RPC of the proposer, on this machine.
        rpc_urls: Operator to its own node's JSON-RPC.
        chain_id: 20261.
        genesis_hash: Hash of block 0.
        validators: (address, operator) of the genesis, ascending by address.
        pid: Process id of the supervisor.
        pids: Operator to its node's process id.
    """

    rpc_url: str
    rpc_urls: Mapping[str, str]
    chain_id: int
    genesis_hash: BlockHash
    validators: tuple[tuple[Address, str], ...]
    pid: int
    pids: Mapping[str, int]
    _process: subprocess.Popen[bytes] = field(repr=False)

    def stop(self) -> None:
        """Ask the process to end and wait; safe to call twice."""
        if self._process.poll() is None:
            self._process.terminate()
        self._gone()

    def kill(self) -> None:
        """End all processes at once (SIGKILL), as a power cut would; for crash tests."""
        self._process.kill()
        for pid in self.pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._gone()

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at the end of the block."""
        self.stop()

    def _gone(self) -> None:
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def start(
    directory: Path,
    *,
    http_port: int = 0,
    period: float = 4.0,
    validators: int | None = None,
    map_mib: int = 4096,
) -> RunningDevnet:
    """Start ``python -m devnet up`` and wait for its ready line.

    Args:
        directory: Chain directory; a chain is begun when it is empty.
        http_port: Port on 127.0.0.1; 0 takes any free one.
        period: Seconds between empty blocks; 0 seals none.
        validators: How many; ``None`` takes what the chain has, 4 for a new one.
        map_mib: Largest size of the block store in MiB.

    Raises:
        PortInUseError: Another program has the port.
        DirectoryLockedError: Another devnet works in the directory.
        ForeignChainError: The directory holds another chain.
        ValidatorCountError: The chain has another number of validators.
        NotStartedError: It ended or stayed silent for another reason.
        FaultError: Disk full, store full, directory unwritable.
    """
    options = ["--dir", str(directory), "--http-port", str(http_port), "--period", str(period)]
    options += ["--map-mib", str(map_mib), "--until-stdin-closes"]
    if validators is not None:
        options += ["--validators", str(validators)]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "devnet", "up", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_environment(),
        )
        line = _first_line(process)
        if not line.startswith(b'{"rpc"'):
            _end(process)
            complaints.seek(0)
            raise _fault(line, complaints.read()[-2000:].decode("utf-8", "replace"))
    return _running(process, line)


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """The first line of output; what came before the end or the time limit otherwise."""
    assert process.stdout is not None  # noqa: S101 - opened as a pipe above
    descriptor = process.stdout.fileno()
    patience = time.monotonic() + _READY_SECONDS
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not line.endswith(b"\n") and selector.select(max(patience - time.monotonic(), 0)):
            more = os.read(descriptor, 65536)
            if not more:
                break
            line += more
    return line


def _running(process: subprocess.Popen[bytes], line: bytes) -> RunningDevnet:
    match parse_json(line):
        case {
            "rpc": str(rpc),
            "rpc_urls": {**urls},
            "chain_id": int(chain_id),
            "genesis_hash": str(genesis_hash),
            "validators": [*listed],
            "pid": int(pid),
            "pids": {**pids},
        }:
            members = tuple(_member(item) for item in listed)
            return RunningDevnet(
                rpc_url=rpc,
                rpc_urls={str(operator): str(url) for operator, url in urls.items()},
                chain_id=chain_id,
                genesis_hash=BlockHash.from_hex(genesis_hash),
                validators=members,
                pid=pid,
                pids={str(name): number for name, number in pids.items() if isinstance(number, int)},
                _process=process,
            )
        case _:
            _end(process)
            raise _fault(b"", line.decode("utf-8", "replace"))


def _member(item: JsonValue) -> tuple[Address, str]:
    if not isinstance(item, dict):
        raise TypeError("the ready line lists validators as objects")
    return Address.from_hex(str(item["address"])), str(item["operator"])


def _fault(line: bytes, complaints: str) -> FaultError:
    report = _report(line)
    kind = _FAULTS.get(str(report.get("code")), NotStartedError)
    if report:
        return kind(str(report.get("en")), str(report.get("zh")))
    return NotStartedError(
        f"the devnet did not start: {complaints.strip() or 'no answer in time'}; mend that and start again",
        f"开发链未能启动：{complaints.strip() or '超时无响应'}；请排除原因后重新启动",
    )


def _report(line: bytes) -> JsonObject:
    try:
        content = parse_json(line)
    except ValueError:
        return {}
    report = content.get("error") if isinstance(content, dict) else None
    return report if isinstance(report, dict) else {}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _environment() -> dict[str, str]:
    """Let the child import this very package, installed or not."""
    here = str(Path(__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": here if not inherited else f"{here}{os.pathsep}{inherited}"}
