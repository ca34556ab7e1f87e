"""Run one operator's node until told to stop.

Decides start and stop order: the directory is opened, the port answers, then the node is
reported ready; on stop a block that waits for seals is left as a stored proposal.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devnet.errors import BrokenSettingsError, StoppedError
from devnet.http_peer_desk import peer_application
from devnet.node import Node, NodeSettings, directory_fault, open_node
from devnet.node_parts import NodeParts
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_http import RpcServer
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonObject, JsonValue, parse_json
from kernel.clock import SystemClock
from kernel.errors import FaultError
from kernel.sized_bytes import Address

__all__ = ["ServeSettings", "serve"]

_ANY_HOST = "0.0.0.0"  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How a node is run.

    Attributes:
        node: The directory and how it is opened.
        host: Address it listens on.
        period: Seconds between empty blocks; 0 seals none; the proposer's business.
        allowlist: JSON file with an array of sender addresses; ``None`` lets everybody send.
        token: Bearer token to ask for, or ``None``.
        peers: URLs of other nodes; those stored before are used when there are none.
    """

    node: NodeSettings
    host: str = "127.0.0.1"
    period: float = 4.0
    allowlist: Path | None = None
    token: str | None = None
    peers: tuple[str, ...] = ()

    @property
    def may_vote(self) -> bool:
        """Whether JSON-RPC offers votes: only to this machine, or to who has the token."""
        return self.token is not None or self.host == "127.0.0.1"


def serve(
    settings: ServeSettings,
    listener: socket.socket,
    *,
    ready: Callable[[JsonObject], None],
    until: Callable[[Callable[[], None]], None],
) -> None:
    """Run until SIGTERM, SIGINT, or until told to stop.

    Args:
        settings: How.
        listener: The bound port; closed at the end.
        ready: Told the node's facts once it answers.
        until: Given a function that stops the node and may be called from any thread.

    Raises:
        FaultError: Directory, settings file or store cannot be used.
        RefutedError: The chain contradicts itself; the node stops rather than go on.
    """
    clock = SystemClock()
    allowed = None if settings.allowlist is None else _allowed_senders(settings.allowlist)
    with contextlib.closing(listener), contextlib.closing(open_node(settings.node, clock)) as node:
        port = int(listener.getsockname()[1])
        url = "" if settings.host == _ANY_HOST else f"http://{settings.host}:{port}"
        write_atomically(settings.node.directory / "port", f"{port}\n".encode())
        try:
            parts = NodeParts(
                node,
                clock,
                period=settings.period,
                allowed=allowed,
                own_url=url,
                peer_urls=settings.peers,
                may_vote=settings.may_vote,
            )
            asyncio.run(_Run(settings, parts).until_stopped(listener, ready, until))
        except OSError as problem:  # a seal record that cannot be written
            raise directory_fault(settings.node.directory, problem) from problem


class _Run:
    """One node on an event loop."""

    def __init__(self, settings: ServeSettings, parts: NodeParts) -> None:
        self._settings = settings
        self._parts = parts

    async def until_stopped(
        self,
        listener: socket.socket,
        ready: Callable[[JsonObject], None],
        until: Callable[[Callable[[], None]], None],
    ) -> None:
        """Serve, follow and seal; the first fault of any part ends all."""
        loop = asyncio.get_running_loop()
        self._parts.attach(loop)
        failure: asyncio.Future[None] = loop.create_future()
        with ThreadPoolExecutor(8, "peer") as threads:
            server = self._server(threads, functools.partial(_fail, failure))
            stop = functools.partial(setattr, server, "should_exit", True)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop)
            until(functools.partial(_from_any_thread, loop, stop))
            works = [asyncio.ensure_future(work) for work in self._works()]
            for work in (*works, failure):
                work.add_done_callback(lambda _: stop())
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            ready(_facts(self._parts.node, int(listener.getsockname()[1]), self._settings.host))
            await serving
            self._parts.stop()
            failure.cancel()
            works[-1].cancel()
            for ended in await asyncio.gather(failure, *works, return_exceptions=True):
                if ended is not None and not isinstance(ended, StoppedError | asyncio.CancelledError):
                    raise ended
        self._parts.peers.close()

    def _server(
        self, threads: ThreadPoolExecutor, failed: Callable[[FaultError | OSError], None]
    ) -> RpcServer:
        return RpcServer.over(
            Dispatcher(self._parts.methods),
            token=self._settings.token,
            host_names=frozenset({self._settings.host}),
            peer=peer_application(self._parts.desk, threads, failed),
        )

    def _works(self) -> list[Coroutine[None, None, None]]:
        following = asyncio.to_thread(self._parts.follower.run)
        if self._parts.node.proposes:
            return [following, self._parts.sealing.run()]
        return [following, asyncio.to_thread(self._parts.forwarder.run)]


def _fail(failure: asyncio.Future[None], fault: FaultError | OSError) -> None:
    if not failure.done():
        failure.set_exception(fault)


def _from_any_thread(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop may be closed already
        loop.call_soon_threadsafe(stop)


def _facts(node: Node, port: int, host: str) -> JsonObject:
    return {
        "rpc": f"http://{host}:{port}",
        "chain_id": node.genesis.chain_id,
        "genesis_hash": node.genesis.header().block_hash.hex0x(),
        "operator": node.key.operator,
        "address": node.key.address.hex0x(),
    }


def _allowed_senders(path: Path) -> frozenset[Address]:
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
