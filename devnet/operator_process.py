"""One operator's node as a child process of ``up``, and the line between the two.

Decides what crosses that line: the child's address, the word to begin, its facts or its
fault, one JSON object a line. Keys are drawn and read in the child only. When the line
breaks, because the supervisor ended in whatever way, the child stops.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from devnet.errors import NotStartedError, ReportedFaultError
from devnet.keys import draw_key, load_key
from devnet.seals import address_of
from devnet.serve import ServeSettings, serve
from kernel.canonical_json import JsonObject, parse_json
from kernel.errors import ContractsChainError

__all__ = ["OperatorProcess", "fault_report", "start_operator"]

_BEGIN = b"begin\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorProcess:
    """A child as the supervisor holds it."""

    operator: str
    pid: int
    line: socket.socket

    def read(self) -> JsonObject:
        """The next object from the child.

        Raises:
            NotStartedError: The child ended without a word.
        """
        content = b""
        while not content.endswith(b"\n"):
            more = self.line.recv(65536)
            if not more:
                raise NotStartedError(
                    f"the process of {self.operator} ended before it was ready; see its message above",
                    f"运营方 {self.operator} 的进程在就绪前退出；请查看上方信息",
                )
            content += more
        said = parse_json(content)
        return said if isinstance(said, dict) else {}

    def begin(self) -> None:
        """Let it open its directory; a child that is gone already is noticed when it is read."""
        with contextlib.suppress(OSError):
            self.line.sendall(_BEGIN)


def start_operator(
    settings: ServeSettings,
    listener: socket.socket,
    *,
    begun: bool,
    foreign: Callable[[], None],
) -> OperatorProcess:
    """Fork a child that works in one operator's directory.

    Args:
        settings: How it runs; ``settings.node.operator`` names it.
        listener: Its bound port; the caller closes its own copy.
        begun: Whether the chain exists, so that no key may be drawn.
        foreign: Called in the child first: closes what is not the child's.
    """
    operator = settings.node.operator or ""
    here, there = socket.socketpair()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        there.close()
        return OperatorProcess(operator=operator, pid=pid, line=here)
    here.close()
    foreign()
    os._exit(_live(settings, listener, there, begun=begun))


def fault_report(problem: ContractsChainError) -> JsonObject:
    """A fault as one JSON object, under the code of the process it comes from."""
    code = problem.reported if isinstance(problem, ReportedFaultError) else problem.code
    return {"error": {"code": code, "en": problem.en, "zh": problem.zh}}


def _live(settings: ServeSettings, listener: socket.socket, line: socket.socket, *, begun: bool) -> int:
    """The child's whole life; returns its exit code."""
    operator = settings.node.operator
    logging.basicConfig(level=logging.WARNING, format=f"{operator}: %(name)s: %(message)s", force=True)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    started = False

    def ready(facts: JsonObject) -> None:
        nonlocal started
        started = True
        _say(line, facts)

    try:
        secret = (load_key if begun else draw_key)(settings.node.directory)
        _say(line, {"address": address_of(secret.public_key).hex0x()})
        if line.recv(len(_BEGIN), socket.MSG_WAITALL) != _BEGIN:
            return 0
        serve(settings, listener, ready=ready, until=lambda stop: _watch(line, stop))
    except ContractsChainError as problem:
        if started:
            print(f"{operator}: {problem.en}\n{operator}: {problem.zh}", file=sys.stderr, flush=True)
        else:
            _say(line, fault_report(problem))
        return 1
    return 0


def _say(line: socket.socket, content: JsonObject) -> None:
    with contextlib.suppress(OSError):  # the supervisor is gone; the watch stops this process
        line.sendall(json.dumps(content).encode() + b"\n")


def _watch(line: socket.socket, stop: Callable[[], None]) -> None:
    """Stop when the supervisor is gone."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while line.recv(4096):
                pass
        stop()

    threading.Thread(target=wait, daemon=True).start()
