"""``contracts-chain witness``: one witness in a process of its own, until it is told to stop.

It prints one JSON line when it answers: url, name, public key, process id. It needs neither
database nor chain, and imports neither.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from api.child_server import ChildServer
from api.listening import bound_socket, url_of
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


class WitnessArgumentsError(RejectedError):
    """A name or a log on the command line is not of the form due."""

    code = "witness_arguments"


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
        server = ChildServer(
            create_witness_app(witness),
            _ready_line(witness, listening),
            until_stdin_closes=until_stdin_closes,
            before_ready=memory.tell_address,
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
