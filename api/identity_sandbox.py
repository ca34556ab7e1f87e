"""``python -m api.identity_sandbox``: a stand-in for an identity provider, labelled SANDBOX everywhere.

A process of its own with a key of its own. It prints one JSON line with address and public key and
ends with its parent. It checks nobody: whoever presses the button passes, unless the script says
otherwise, and every attestation carries ``"sandbox": true``. Real providers are named in settings.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from api.child_server import ChildServer
from api.identity_sandbox_app import PROVIDER, create_identity_sandbox
from api.identity_sandbox_desk import SandboxDesk
from api.keyring import secret_bytes
from api.listening import bound_socket, url_of
from kernel.clock import SystemClock
from kernel.errors import ContractsChainError

__all__ = ["identity_sandbox_forever", "main"]


def identity_sandbox_forever(directory: Path, host: str, port: int) -> int:
    """Answer until standard input closes, SIGTERM or SIGINT.

    Args:
        directory: Holds the key; made on first use.
        host: Address to bind.
        port: 0 takes a free one.

    Raises:
        PortInUseError: Another program listens there.
        FaultError: Directory or key cannot be used.
    """
    desk = SandboxDesk(secret_bytes(directory, "key"), SystemClock())
    with bound_socket(host, port) as listening:
        url = url_of(listening)
        told = {
            "name": PROVIDER,
            "url": url,
            "public_key": desk.public_key.hex(),
            "pid": os.getpid(),
            "sandbox": True,
        }
        app = create_identity_sandbox(desk, url)
        ChildServer(app, json.dumps(told, ensure_ascii=False)).run(sockets=[listening])
    return 0


def main(arguments: str) -> int:
    """Run with ``{"directory": …, "port": …}``; 0 after a clean stop, 1 if it cannot run."""
    asked = json.loads(arguments)
    try:
        return identity_sandbox_forever(Path(asked["directory"]), "127.0.0.1", int(asked["port"]))
    except ContractsChainError as problem:
        sys.stderr.write(f"{problem.code}  {problem.zh}\n{problem.en}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
