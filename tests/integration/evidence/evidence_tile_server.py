"""A published log (C2SP tlog-tiles) over HTTP, as honest or as dishonest as the test wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def tile_server(note: Callable[[], str], leaves: Callable[[], Sequence[bytes]]) -> Iterator[str]:
    """Serve under ``/log`` until the block ends; yields the URL of the log."""

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = _answer(self.path, note, leaves())
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/log"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(path: str, note: Callable[[], str], leaves: Sequence[bytes]) -> bytes | None:
    if path == "/log/checkpoint":
        return note().encode()
    groups = path.removeprefix("/log/tile/0/").partition(".p/")
    try:
        number = int(groups[0].replace("x", "").replace("/", ""))
        width = int(groups[2] or 256)
    except ValueError:
        return None
    tile = leaves[number * 256 : number * 256 + width]
    return b"".join(tile) if len(tile) == width else None
