"""A peer that keeps a caller waiting: each byte comes in good time, the whole answer never.

httpx bounds one read; only a bound over the whole exchange ends any of these. Real sockets, one
connection after another; ``ended`` says that the caller let go of the last one.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

__all__ = ["MANNERS", "SlowPeer", "slow_peer"]

_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
MANNERS: Final = {
    "says nothing": (b"", b""),
    "trickles its header": (_HEAD + b"X-Slow: ", b"a"),
    "trickles its body": (_HEAD + b"Content-Length: 100000\r\n\r\n", b"a"),
    "trickles chunks": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
}
"""First bytes, and what comes every hundredth of a second afterwards."""
ENDLESS: Final = (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + b"a" * 0x2000 + b"\r\n")


@dataclass(slots=True, kw_only=True)
class SlowPeer:
    """Where it listens, how many came, and whether the last of them hung up."""

    url: str
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def serve(
        self, listener: socket.socket, manners: tuple[bytes, bytes], tls: ssl.SSLContext | None
    ) -> None:
        """Keep one caller after another waiting, until the listener is shut."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self.connections += 1
                self.ended.clear()
                if tls is None:
                    _dawdle(connection, *manners)
                else:
                    with tls.wrap_socket(connection, server_side=True) as wrapped:
                        _dawdle(wrapped, *manners)
            self.ended.set()


def _dawdle(connection: socket.socket, head: bytes, rest: bytes) -> None:
    connection.recv(65_536)
    connection.sendall(head)
    while True:
        readable, _, _ = select.select([connection], [], [], 0.01)
        if readable and not connection.recv(65_536):
            return
        connection.sendall(rest)


@contextmanager
def slow_peer(
    manners: tuple[bytes, bytes], *, scheme: str = "http", tls: ssl.SSLContext | None = None
) -> Iterator[SlowPeer]:
    """A peer of these manners on a loopback port; everybody has hung up when the block is left.

    With ``https`` and no context it never finishes the handshake either.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = SlowPeer(url=f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=peer.serve, args=(listener, manners, tls))
        thread.start()
        try:
            yield peer
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
