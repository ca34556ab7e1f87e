"""``up``: one process per operator, started together, watched, ended together.

Decides order: ports are taken first, then one child per operator is forked, the children
draw their keys, the genesis is agreed from their addresses, and they begin. The supervisor
holds no key and opens no store. A child that ends is reported, the others run on; it can
be started again alone with ``join``. Children end with the supervisor, however it ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from devnet.errors import ReportedFaultError, foreign_chain, validator_count
from devnet.genesis import Genesis, agree_genesis, load_genesis, write_genesis
from devnet.keys import OPERATORS
from devnet.node import NodeSettings, lock_directory
from devnet.operator_process import OperatorProcess, start_operator
from devnet.rpc_http import bind_address
from devnet.serve import ServeSettings
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.clock import SystemClock
from kernel.sized_bytes import Address

__all__ = ["UpSettings", "up"]

_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpSettings:
    """How a set of validators is run.

    Attributes:
        directory: Holds one directory per operator, and ``genesis.json``.
        validators: How many; ``None`` takes what the chain has, 4 for a new one.
        http_port: The proposer's port; 0 takes any free one. The others take any.
        until_stdin_closes: Stop when the parent that holds standard input is gone.
        each: What every operator's node has in common.
    """

    directory: Path
    validators: int | None
    http_port: int
    until_stdin_closes: bool
    each: ServeSettings


def up(settings: UpSettings) -> int:
    """Run until told to stop; returns the exit code: 0 as asked, 1 when every child ended.

    Raises:
        FaultError: A port, directory or file cannot be used; nothing runs then.
    """
    with contextlib.ExitStack() as opened:
        opened.callback(os.close, lock_directory(settings.directory))
        genesis = _held_genesis(settings)
        operators = _operators(settings, genesis)
        told = _Told()
        opened.callback(told.close)
        children: list[OperatorProcess] = []
        opened.callback(_end, children)
        _start(settings, operators, children, begun=genesis is not None)
        addresses = {child.operator: Address.from_hex(_fact(child, "address")) for child in children}
        genesis = genesis or _agree(settings, addresses, proposer=operators[0])
        for child in children:
            child.begin()
        _print_ready(genesis, {child.operator: _fact(child, "rpc") for child in children}, children)
        return _watch(children, settings, told)


class _Told:
    """Whether a signal told the supervisor to stop; readable by a selector."""

    def __init__(self) -> None:
        self.readable, self._written = socket.socketpair()
        self._written.setblocking(False)
        self._before = {
            number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)
        }
        signal.set_wakeup_fd(self._written.fileno())

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self.readable.close()
        self._written.close()


def _held_genesis(settings: UpSettings) -> Genesis | None:
    path = settings.directory / "genesis.json"
    if path.exists():
        return load_genesis(path, chain_id=CHAIN_ID)
    if any(settings.directory.glob("*/chain")):
        raise foreign_chain(
            settings.directory, en="there are blocks but no genesis.json", zh="有区块数据但缺少 genesis.json"
        )
    return None


def _operators(settings: UpSettings, genesis: Genesis | None) -> list[str]:
    """Who runs, the proposer first."""
    if genesis is None:
        return list(OPERATORS[: 4 if settings.validators is None else settings.validators])
    if settings.validators not in {None, len(genesis.members)}:
        raise validator_count(settings.directory, asked=settings.validators or 0, held=len(genesis.members))
    names = [operator for _, operator in genesis.members]
    return sorted(names, key=lambda operator: (operator != genesis.proposer, operator))


def _start(
    settings: UpSettings, operators: list[str], children: list[OperatorProcess], *, begun: bool
) -> None:
    """Take every port, then fork every child; ports are closed here as the children have them."""
    host = settings.each.host
    with contextlib.ExitStack() as ports:
        listeners = {
            operator: ports.enter_context(
                contextlib.closing(bind_address(host, 0 if place else settings.http_port))
            )
            for place, operator in enumerate(operators)
        }
        urls = {name: f"http://{host}:{listener.getsockname()[1]}" for name, listener in listeners.items()}
        for operator in operators:
            peers = tuple(url for name, url in urls.items() if name != operator)
            children.append(
                start_operator(
                    _own(settings, operator, peers),
                    listeners[operator],
                    begun=begun,
                    foreign=functools.partial(_close_foreign, listeners, operator, tuple(children)),
                )
            )


def _close_foreign(
    listeners: dict[str, socket.socket], operator: str, earlier: tuple[OperatorProcess, ...]
) -> None:
    """In a child: let go of the others' ports and lines, or they would outlive the supervisor."""
    for name, listener in listeners.items():
        if name != operator:
            listener.close()
    for child in earlier:
        child.line.close()


def _own(settings: UpSettings, operator: str, peers: tuple[str, ...]) -> ServeSettings:
    directory = settings.directory / operator
    lists = (directory / "allowlist.json", settings.directory / "allowlist.json")
    return dataclasses.replace(
        settings.each,
        node=NodeSettings(
            directory=directory,
            operator=operator,
            genesis=settings.directory / "genesis.json",
            map_mib=settings.each.node.map_mib,
        ),
        allowlist=settings.each.allowlist or next((path for path in lists if path.exists()), None),
        peers=peers,
    )


def _agree(settings: UpSettings, addresses: dict[str, Address], *, proposer: str) -> Genesis:
    genesis = agree_genesis(
        ((address, operator) for operator, address in addresses.items()),
        proposer=proposer,
        chain_id=CHAIN_ID,
        gas_limit=GAS_LIMIT,
        start_utc=SystemClock().now(),
    )
    write_genesis(settings.directory / "genesis.json", genesis)
    return genesis


def _fact(child: OperatorProcess, name: str) -> str:
    """One fact from the child's next line; its fault is raised here instead."""
    match child.read():
        case {"error": {"code": str(code), "en": str(en), "zh": str(zh)}}:
            raise ReportedFaultError(code, en, zh)
        case facts:
            return str(facts.get(name))


def _print_ready(genesis: Genesis, urls: dict[str, str], children: list[OperatorProcess]) -> None:
    ready = {
        "rpc": urls[genesis.proposer],
        "rpc_urls": urls,
        "chain_id": genesis.chain_id,
        "genesis_hash": genesis.header().block_hash.hex0x(),
        "validators": [
            {"address": address.hex0x(), "operator": operator} for address, operator in genesis.members
        ],
        "pid": os.getpid(),
        "pids": {child.operator: child.pid for child in children},
    }
    print(json.dumps(ready), flush=True)


def _watch(children: list[OperatorProcess], settings: UpSettings, told: _Told) -> int:
    """Report children that end; return when told to stop, or when none is left."""
    with selectors.SelectSelector() as selector:
        selector.register(told.readable, selectors.EVENT_READ, None)
        if settings.until_stdin_closes:
            selector.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
        for child in children:
            selector.register(child.line, selectors.EVENT_READ, child)
        while children:
            for key, _ in selector.select():
                child = key.data
                if child is None and (key.fileobj is told.readable or not os.read(key.fd, 4096)):
                    return 0
                if child is not None and not child.line.recv(4096):
                    selector.unregister(child.line)
                    children.remove(child)
                    _report(child, settings.directory)
    return 1


def _report(child: OperatorProcess, directory: Path) -> None:
    child.line.close()
    _, status = os.waitpid(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    again = f"python -m devnet join --dir {directory / child.operator}"
    print(
        f"the node of {child.operator} ended ({code}), the others run on; start it again with: {again}\n"
        f"运营方 {child.operator} 的节点已退出（{code}），其余节点继续运行；重新启动：{again}",
        file=sys.stderr,
        flush=True,
    )


def _end(children: list[OperatorProcess]) -> None:
    """End every child, by force after a while."""
    for child in children:
        child.line.close()
        os.kill(child.pid, signal.SIGTERM)
    patience = time.monotonic() + _STOP_SECONDS
    for child in children:
        while os.waitpid(child.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > patience:
                os.kill(child.pid, signal.SIGKILL)
            time.sleep(0.01)
