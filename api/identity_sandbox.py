"""``python -m api.identity_sandbox``: a stand-in for an identity provider, labelled SANDBOX everywhere.

A process of its own with a key of its own. It prints one JSON line with address and public key and
ends with its parent. It checks nobody: whoever presses the button passes, unless the script says
otherwise, and every attestation carries ``"sandbox": true``. Real providers are named in settings.
A directory has one at a time: a second one gives way and says so by its exit code.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from api.child_process import LOCKED
from api.child_server import ChildServer
from api.identity_directory import IdentityDirectory, IdentityDirectoryLockedError
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
        directory: Holds the key, the lock and the address; made on first use.
        host: Address to bind.
        port: 0 takes a free one.

    Raises:
        IdentityDirectoryLockedError: Another process runs this provider, and answers.
        PortInUseError: Another program listens there.
        FaultError: Directory or key cannot be used.
    """
    with IdentityDirectory(directory) as place, bound_socket(host, port) as listening:
        desk = SandboxDesk(secret_bytes(directory, "key"), SystemClock())
        url = url_of(listening)
        told = {
            "name": PROVIDER,
            "url": url,
            "public_key": desk.public_key.hex(),
            "parent": os.getppid(),
            "pid": os.getpid(),
            "sandbox": True,
        }
        app = create_identity_sandbox(desk, url)
        ready = json.dumps(told, ensure_ascii=False)
        ChildServer(app, ready, before_ready=place.tell_address).run(sockets=[listening])
    return 0


def main(arguments: str) -> int:
    """Run with ``{"directory": …, "port": …}``.

    Returns:
        0 after a clean stop; ``LOCKED`` if another process runs this directory; 1 if it cannot run, with
        both sentences on standard error.
    """
    asked = json.loads(arguments)
    try:
        return identity_sandbox_forever(Path(asked["directory"]), "127.0.0.1", int(asked["port"]))
    except IdentityDirectoryLockedError:
        return LOCKED
    except ContractsChainError as problem:
        sys.stderr.write(f"{problem.code}  {problem.zh}\n{problem.en}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
