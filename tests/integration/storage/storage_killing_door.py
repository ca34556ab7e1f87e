"""A door before an S3 server that kills it, kill -9, at a chosen byte of the next upload.

Either the server has half of the request, or it has stored all of it and its answer goes nowhere.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from seaweed_server import SeaweedServer

__all__ = ["HALF_OF_THE_REQUEST", "KillingDoor", "Moment", "killing_door"]

Moment = Literal["half of the request", "before the answer"]
HALF_OF_THE_REQUEST: Final = 100_000
"""Bytes let through; uploads through this door are longer."""


@dataclass(slots=True, kw_only=True)
class KillingDoor:
    """Carries everything until it is armed."""

    server: SeaweedServer
    endpoint: str
    armed: Moment | None = None

    def carry(self, client: socket.socket) -> None:
        """One connection, until either side or the armed moment ends it."""
        place = ("127.0.0.1", self.server.ports["s3.port"])
        uploading, sent = False, 0
        with client, contextlib.suppress(OSError), socket.create_connection(place) as upstream:
            while True:
                readable, _, _ = select.select([client, upstream], [], [])
                content = readable[0].recv(16_384)
                if not content:
                    return
                if readable[0] is client:
                    uploading = content.startswith(b"PUT ") or (uploading and sent > 0)
                    sent = len(content) if content.startswith(b"PUT ") else sent + len(content)
                    upstream.sendall(content)
                    due = self.armed == "half of the request" and sent > HALF_OF_THE_REQUEST
                else:
                    due = self.armed == "before the answer" and content.startswith(b"HTTP/1.1 200")
                if uploading and due:
                    self._strike()
                    return
                if readable[0] is upstream:
                    client.sendall(content)

    def _strike(self) -> None:
        self.armed = None
        self.server.kill()

    def keep(self, listener: socket.socket) -> None:
        """Let everybody in, until the listener is shut."""
        threads = []
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                break
            threads.append(threading.Thread(target=self.carry, args=(client,)))
            threads[-1].start()
        for thread in threads:
            thread.join()


@contextmanager
def killing_door(server: SeaweedServer) -> Iterator[KillingDoor]:
    """An unarmed door on a loopback port; the server dies with it, so that no connection stays open."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = KillingDoor(server=server, endpoint=f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=door.keep, args=(listener,))
        thread.start()
        try:
            yield door
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.kill()
            thread.join()
