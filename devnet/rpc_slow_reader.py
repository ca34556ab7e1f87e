"""uvicorn's WebSocket transport, with a way out of a connection whose client stopped reading.

Decides one thing: a close that this side asks for does not wait for room in the socket. uvicorn
would wait for the client to read first, and keep the connection for ever when it never does. The
close frame is queued behind what the kernel still holds, and after a grace the socket is dropped.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["SlowReaderProtocol"]

GRACE_SECONDS = 10.0


class SlowReaderProtocol(WebSocketsSansIOProtocol):
    """One WebSocket on the wire."""

    async def send(self, message: Any) -> None:
        """Send; a close goes out at once where the socket is full."""
        full = self.handshake_complete and not self.writable.is_set()
        if not (full and message["type"] == "websocket.close") or self.close_sent:
            await super().send(message)
            return
        self.conn.send_close(message["code"], message["reason"])
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # the client's own close must be seen
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE_SECONDS, self.transport.abort)
