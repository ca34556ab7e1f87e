"""Four operators on a network of namespaces, each with its own process, and what befalls them.

Begins a chain as four operators on four machines would: a key each, one agreed genesis file, then
``python -m devnet join`` alone. Processes end with this one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devnet_client import CONTRACT, ask, wait_until
from devnet_namespaces import Network
from devnet_traffic import signed

from devnet.genesis import agree_genesis, write_genesis
from devnet.keys import draw_key
from devnet.seals import address_of
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.clock import SystemClock
from kernel.sized_bytes import Address

__all__ = ["OPERATORS", "PROPOSER", "Consortium"]

OPERATORS = ("utility", "notary", "court", "ca")
PROPOSER = "utility"
PORT = 8545
READY_SECONDS = 30.0


@dataclass(kw_only=True)
class Consortium:
    """The operators' processes by name; those that were killed are absent."""

    network: Network
    directory: Path
    members: Mapping[str, Address]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    skewed: set[str] = field(default_factory=set)
    _said_before: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, network: Network, directory: Path) -> Consortium:
        """Draw four keys, agree on a genesis file, start all four."""
        keys = {name: draw_key(directory / name) for name in OPERATORS}
        members = {name: address_of(key.public_key) for name, key in keys.items()}
        genesis = agree_genesis(
            ((address, name) for name, address in members.items()),
            proposer=PROPOSER,
            chain_id=CHAIN_ID,
            gas_limit=GAS_LIMIT,
            start_utc=SystemClock().now(),
        )
        write_genesis(directory / "genesis.json", genesis)
        begun = cls(network=network, directory=directory, members=members)
        begun.start(*OPERATORS)
        return begun

    def url(self, name: str) -> str:
        return f"http://{self.network.host(name)}:{PORT}"

    def urls(self) -> Sequence[str]:
        """Nodes that a client could reach, the proposer last: clients mostly ask others."""
        names = [name for name in reversed(OPERATORS) if name in self.running and name not in self.paused]
        return [self.url(name) for name in names]

    def start(self, *names: str, skew_seconds: int = 0) -> None:
        """Start processes and wait until each answers; the clock of each is off by ``skew_seconds``."""
        for name in names:
            self.launch(name, skew_seconds=skew_seconds)
        for name in names:
            wait_until(lambda name=name: self._answers(name), READY_SECONDS)  # type: ignore[misc]

    def launch(self, name: str, *, skew_seconds: int = 0) -> None:
        """Start a process and do not wait: it may be one that cannot live."""
        self._said_before[name] = len(self.complaints(name))
        self.running[name] = self._started(name, skew_seconds)
        if skew_seconds:
            self.skewed.add(name)

    def wait_for_end(self, name: str, seconds: float) -> tuple[int, str]:
        """Wait until a process has ended by itself; its exit code and what this run of it wrote."""
        process = self.running[name]
        process.wait(seconds)
        self.kill(name)
        return process.returncode, self.complaints(name)[self._said_before[name] :]

    def kill(self, *names: str) -> None:
        """SIGKILL, as a power cut."""
        ended = [self.running.pop(name) for name in names]
        for process in ended:
            process.send_signal(signal.SIGKILL)
        for process in ended:
            process.communicate()
        self.paused -= set(names)
        self.skewed -= set(names)

    def pause(self, *names: str) -> None:
        """SIGSTOP: the kernel still takes connections, nobody answers."""
        for name in names:
            self.running[name].send_signal(signal.SIGSTOP)
            self.paused.add(name)

    def go_on(self, *names: str) -> None:
        """SIGCONT."""
        for name in tuple(names):
            self.running[name].send_signal(signal.SIGCONT)
            self.paused.discard(name)

    @property
    def is_whole(self) -> bool:
        """Whether all run, awake and by the right clock."""
        return self.running.keys() == set(OPERATORS) and not self.paused and not self.skewed

    def heal(self) -> None:
        """Join the network, wake those paused, set clocks right, start those that are down."""
        self.network.heal()
        self.go_on(*self.paused)
        self.kill(*self.skewed)
        self.start(*(name for name in OPERATORS if name not in self.running))

    def complaints(self, name: str) -> str:
        """What the operator's process wrote on standard error so far."""
        log = self.directory / f"{name}.log"
        return log.read_text("utf-8") if log.exists() else ""

    def stop(self) -> None:
        """End everything, whatever state it is in."""
        self.kill(*tuple(self.running))

    def place_contract(self) -> str:
        """Deploy the test contract by transaction 0; returns its address."""
        url = self.url(PROPOSER)
        sent = ask(url, "eth_sendRawTransaction", signed(0, data=CONTRACT["bytecode"]))["result"]
        receipt = wait_until(lambda: ask(url, "eth_getTransactionReceipt", sent)["result"])
        return str(receipt["contractAddress"])

    def wait_for_rest(self, seconds: float = 30.0) -> None:
        """Wait until nothing waits anywhere and all nodes have one head; nobody sends meanwhile."""
        wait_until(lambda: len({self._head(name) for name in OPERATORS}) == 1 and self._is_idle(), seconds)

    def places(self) -> dict[str, tuple[str, Path]]:
        """URL and directory of every operator."""
        return {name: (self.url(name), self.directory / name) for name in OPERATORS}

    def _started(self, name: str, skew_seconds: int) -> subprocess.Popen[bytes]:
        peers = ",".join(self.url(other) for other in OPERATORS if other != name)
        command = [sys.executable, "-m", "devnet", "join", "--dir", str(self.directory / name)]
        command += ["--operator", name, "--genesis", str(self.directory / "genesis.json"), "--peers", peers]
        command += ["--host", self.network.host(name), "--http-port", str(PORT), "--period", "0"]
        with (self.directory / f"{name}.log").open("ab") as complaints:
            return subprocess.Popen(
                [*self.network.inside(name), *command, "--until-stdin-closes"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                env=os.environ | (_wrong_clock(skew_seconds) if skew_seconds else {}),
            )

    def _answers(self, name: str) -> bool:
        assert self.running[name].poll() is None, self.complaints(name)
        try:
            return "result" in ask(self.url(name), "eth_blockNumber")
        except urllib.error.URLError:
            return False

    def _head(self, name: str) -> str:
        return str(ask(self.url(name), "eth_getBlockByNumber", "latest", False)["result"]["hash"])

    def _is_idle(self) -> bool:
        pools = [ask(self.url(name), "txpool_status")["result"]["pending"] for name in OPERATORS]
        return pools == ["0x0"] * len(pools)


def _wrong_clock(skew_seconds: int) -> dict[str, str]:
    """The environment that faketime gives a program.

    Not faketime itself: it stays as the parent, and a kill would hit it instead of the node.
    """
    _sweep_shared_clocks()
    words = ["faketime", "--exclude-monotonic", "-f", f"{skew_seconds:+d}s", "env"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    pairs = dict(line.split("=", 1) for line in listed if "=" in line)
    wanted = {"LD_PRELOAD", "FAKETIME", "DONT_FAKE_MONOTONIC", "FAKETIME_DONT_FAKE_MONOTONIC"}
    return {name: value for name, value in pairs.items() if name in wanted}


def _sweep_shared_clocks() -> None:
    """Remove what faketime left in shared memory for processes that were killed.

    It names its segments by process number and does not start where one of that number stands.
    """
    for segment in Path("/dev/shm").glob("*faketime_s*_*"):
        number = segment.name.rpartition("_")[2]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            segment.unlink(missing_ok=True)
