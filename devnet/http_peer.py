"""POST bytes to one peer over kept-alive HTTP connections.

Decides nothing about what is said. Connections are kept for the next request, because a
block waits for its seals. Safe from any thread: each request has a connection to itself.
"""

from __future__ import annotations

import http.client
import threading
from http import HTTPStatus
from urllib.parse import urlsplit

from devnet.errors import PeerAwayError
from devnet.peer_message import peer_refused

__all__ = ["HttpPeer", "peer_away"]

_MOST_BYTES = 64 * 1024 * 1024
_KEPT = 4


class HttpPeer:
    """One base URL."""

    def __init__(self, url: str) -> None:
        """Talk to this URL, ``http://host:port``."""
        self.url = url
        self._place = urlsplit(url)
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def post(self, path: str, content: bytes, *, seconds: float) -> bytes:
        """Send and wait for the answer.

        Raises:
            PeerAwayError: No connection, no answer in time, or the connection broke.
            PeerRefusedError: ``unsigned``: it answered, but not as a node that knows us.
        """
        connection = self._taken()
        try:
            connection.timeout = seconds
            if connection.sock is not None:
                connection.sock.settimeout(seconds)
            connection.request("POST", path, content, {"Content-Type": "application/octet-stream"})
            response = connection.getresponse()
            answer = response.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            raise peer_away(self.url, problem) from problem
        self._give_back(connection)
        if response.status != HTTPStatus.OK:
            reason = answer[:300].decode("utf-8", "replace")
            raise peer_refused(
                "unsigned", f"{self.url} says {response.status}: {reason}", f"{self.url} 应答 {reason}"
            )
        return answer

    def close(self) -> None:
        """Drop idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _taken(self) -> http.client.HTTPConnection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return http.client.HTTPConnection(self._place.hostname or "", self._place.port or 80)

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()


def peer_away(url: str, problem: object) -> PeerAwayError:
    """Name where nobody answered and why."""
    return PeerAwayError(
        f"no answer from {url} ({problem}); see whether that node runs and can be reached",
        f"{url} 无应答（{problem}）；请检查该节点是否运行且网络可达",
    )
