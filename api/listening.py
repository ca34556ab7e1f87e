"""Takes an address before anything else is started, so that a second start says so at once."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from kernel.errors import FaultError

__all__ = ["PortInUseError", "PortUnusableError", "bound_socket", "url_of"]


class PortInUseError(FaultError):
    """Somebody else listens on this address and port."""

    code = "port_in_use"

    def __init__(self, host: str, port: int) -> None:
        """Name the address and a way out."""
        super().__init__(
            f"port {port} on {host} is in use; stop the other program, "
            f"or choose another port: --port {port + 1}",
            f"{host} 的端口 {port} 已被占用；请停止占用的程序，或换端口：--port {port + 1}",
        )


class PortUnusableError(FaultError):
    """The address cannot be bound for another reason."""

    code = "port_unusable"


@contextmanager
def bound_socket(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket; port 0 takes a free one.

    Raises:
        PortInUseError: The port is taken.
        PortUnusableError: The address is not ours, or the port needs more rights.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the socket names TCP; a kept connection waits 40 ms without it
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(128)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise PortInUseError(host, port) from problem
            raise PortUnusableError(
                f"cannot listen on {host}:{port} ({problem.strerror}); choose another --host or --port",
                f"无法监听 {host}:{port}（{problem.strerror}）；请更换 --host 或 --port",
            ) from problem
        yield listening


def url_of(listening: socket.socket) -> str:
    """Where a bound socket answers HTTP."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
