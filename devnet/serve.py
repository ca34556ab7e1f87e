"""Run a node: HTTP and sealing loop side by side until told to stop.

Decides start and stop order: the port is taken before the directory is opened, the ready
line is printed when both answer, and on stop the running block is finished first.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devnet.node import Node, NodeSettings, directory_fault, open_node
from devnet.pool import Pool
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_http import RpcServer, bind_loopback
from devnet.rpc_methods import Methods
from devnet.sealing_loop import SealingLoop, facts_at_head
from kernel.canonical_json import JsonValue, parse_json
from kernel.clock import Clock, SystemClock
from kernel.errors import FaultError
from kernel.sized_bytes import Address

__all__ = ["BrokenSettingsError", "ServeSettings", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How a node is run.

    Attributes:
        node: The directory and how it is opened.
        http_port: Port on 127.0.0.1; 0 takes any free one.
        period: Seconds between empty blocks; 0 seals none.
        allowlist: JSON file with an array of sender addresses; ``None`` lets everybody send.
        token: Bearer token to ask for, or ``None``.
        until_stdin_closes: Stop when the parent that holds standard input is gone.
    """

    node: NodeSettings
    http_port: int = 0
    period: float = 4.0
    allowlist: Path | None = None
    token: str | None = None
    until_stdin_closes: bool = False


class BrokenSettingsError(FaultError):
    """An allowlist or token file cannot be used."""

    code = "broken_settings"


def serve(settings: ServeSettings) -> None:
    """Run until SIGTERM, SIGINT, or the end of standard input when asked for.

    Raises:
        FaultError: Port, directory, settings file or store cannot be used.
        RefutedError: Proposer and validators disagree; the chain stops rather than go on.
    """
    clock = SystemClock()
    allowed = _allowed_senders(settings)
    listener = bind_loopback(settings.http_port)
    with contextlib.closing(listener):
        node = open_node(settings.node, clock)
        with contextlib.closing(node):
            port = int(listener.getsockname()[1])
            try:
                asyncio.run(_Run(settings, node, clock, allowed).until_stopped(listener, port))
            except OSError as problem:  # a seal record that cannot be written
                raise directory_fault(settings.node.directory, problem) from problem


class _Run:
    """The parts of one running node, wired."""

    def __init__(
        self, settings: ServeSettings, node: Node, clock: Clock, allowed: frozenset[Address] | None
    ) -> None:
        self._settings = settings
        self._node = node
        pool = Pool(
            chain_id=node.genesis.chain_id, facts=functools.partial(facts_at_head, node), allowed=allowed
        )
        self._loop = SealingLoop(node, pool, clock, period=settings.period)
        self._methods = Methods(node.chain, pool, wake=self._loop.wake)

    async def until_stopped(self, listener: socket.socket, port: int) -> None:
        """Serve and seal until told to stop; a sealing fault ends both."""
        server = RpcServer.over(Dispatcher(self._methods), token=self._settings.token)
        self._stop_on_signals(lambda: setattr(server, "should_exit", True))
        sealing = asyncio.create_task(self._loop.run())
        sealing.add_done_callback(lambda _: setattr(server, "should_exit", True))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        _print_ready(self._node, port)
        await serving
        sealing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sealing

    def _stop_on_signals(self, stop: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        if self._settings.until_stdin_closes:
            threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop may be closed already
        loop.call_soon_threadsafe(stop)


def _print_ready(node: Node, port: int) -> None:
    ready = {
        "rpc": f"http://127.0.0.1:{port}",
        "chain_id": node.genesis.chain_id,
        "genesis_hash": node.genesis.header().block_hash.hex0x(),
        "validators": [
            {"address": address.hex0x(), "operator": operator} for address, operator in node.genesis.members
        ],
        "pid": os.getpid(),
    }
    print(json.dumps(ready), flush=True)


def _allowed_senders(settings: ServeSettings) -> frozenset[Address] | None:
    path = settings.allowlist or settings.node.directory / "allowlist.json"
    if settings.allowlist is None and not path.exists():
        return None
    try:
        return _addresses(parse_json(path.read_bytes()))
    except (OSError, ValueError) as problem:
        raise BrokenSettingsError(
            f"{path} must be a JSON array of addresses; mend it or remove it",
            f"{path} 应为账户地址的 JSON 数组；请改正或删除该文件",
        ) from problem


def _addresses(listed: JsonValue) -> frozenset[Address]:
    if not isinstance(listed, list):
        raise ValueError("not an array")  # noqa: TRY004 - read as one more malformed file
    return frozenset(Address.from_hex(str(item)) for item in listed)
