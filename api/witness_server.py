"""``contracts-chain witness``: one witness in a process of its own, until it is told to stop.

It prints one JSON line when it answers: url, name, public key, process id. It needs neither
database nor chain, and imports neither.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from api.listening import bound_socket, url_of
from api.stoppable_server import StoppableServer
from api.witness_app import create_witness_app, verifier_key
from api.witness_memory import WitnessDirectory
from contracts_chain.evidence.checkpoint import load_log_key
from contracts_chain.evidence.signed_note import is_key_name
from contracts_chain.evidence.witness import Witness
from kernel.clock import SystemClock
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = ["WitnessArgumentsError", "witness_forever"]

_LOG = re.compile(r"(?P<origin>[^=\n]+)=(?P<key>[0-9a-f]{64})")
_STOP_SECONDS = 2
_MOST_CONNECTIONS = 200


class WitnessArgumentsError(RejectedError):
    """A name or a log on the command line is not of the form due."""

    code = "witness_arguments"


class _Server(StoppableServer):
    """uvicorn that tells its parent when it answers, and ends when the parent does."""

    def __init__(
        self, app: object, ready_line: str, memory: WitnessDirectory, *, until_stdin_closes: bool
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=_STOP_SECONDS,
                limit_concurrency=_MOST_CONNECTIONS,
            )
        )
        self._ready_line = ready_line
        self._memory = memory
        self._until_stdin_closes = until_stdin_closes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._memory.tell_address(self._ready_line)
        sys.stdout.write(self._ready_line + "\n")
        sys.stdout.flush()
        if self._until_stdin_closes:
            threading.Thread(target=self._watch_parent, daemon=True).start()

    def _watch_parent(self) -> None:
        while os.read(0, 4096):  # by descriptor: a read of sys.stdin would hold its lock at exit
            pass
        self.should_exit = True


def witness_forever(
    directory: Path, name: str, logs: Sequence[str], host: str, port: int, *, until_stdin_closes: bool
) -> int:
    """Cosign for the given logs until SIGTERM or SIGINT; 0 after a clean stop.

    Args:
        directory: The witness's own; made on first use, with a fresh key.
        name: Key name, a URL without scheme.
        logs: ``ORIGIN=PUBLICKEY`` in hex; an origin may have several keys.
        host: Address to bind.
        port: 0 takes a free one.
        until_stdin_closes: End also when standard input ends, as it does with the parent's life; and
            wait for the directory if the witness of a killed parent is just leaving it.

    Raises:
        WitnessArgumentsError: A name or log is not of the form due.
        WitnessDirectoryLockedError: Another process runs this witness.
        PortInUseError: Another program listens there.
        FaultError: Directory or key cannot be used.
    """
    watched = _watched(logs)
    if not is_key_name(name):
        raise WitnessArgumentsError(
            f"{name!r} is no name for a key; give --name without spaces and plus signs",
            f"{name!r} 不能作密钥名称；--name 不得含空白或加号",
        )
    with (
        WitnessDirectory(directory, wait_for_orphan=until_stdin_closes) as memory,
        bound_socket(host, port) as listening,
    ):
        key = load_log_key(memory.seed())
        witness = Witness(name=name, key=key, logs=watched, memory=memory, clock=SystemClock())
        server = _Server(
            create_witness_app(witness),
            _ready_line(witness, listening),
            memory,
            until_stdin_closes=until_stdin_closes,
        )
        server.run(sockets=[listening])
    return 0


def _watched(logs: Sequence[str]) -> dict[str, tuple[Bytes32, ...]]:
    watched: dict[str, tuple[Bytes32, ...]] = {}
    for text in logs:
        found = _LOG.fullmatch(text)
        if found is None:
            raise WitnessArgumentsError(
                f"{text!r} names no log; give --log ORIGIN=PUBLICKEY, the key in 64 lower-case hex digits",
                f"{text!r} 不是日志；请用 --log 名称=公钥，公钥为 64 位小写十六进制",
            )
        origin = found["origin"]
        watched[origin] = (*watched.get(origin, ()), Bytes32.from_hex(found["key"]))
    return watched


def _ready_line(witness: Witness, listening: socket.socket) -> str:
    told = {
        "url": url_of(listening),
        "name": witness.name,
        "public_key": witness.public_key.hex(),
        "vkey": verifier_key(witness),
        "pid": os.getpid(),
        "parent": os.getppid(),
    }
    return json.dumps(told, ensure_ascii=False)
