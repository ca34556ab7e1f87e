"""Another system as a process of its own: takes callbacks, keeps what came, answers as it is told.

Each path is a receiver of its own, so that tests share the process. ``script`` tells a path how to
answer its next requests, one after another; what is not scripted is answered with 204. Control
requests go to paths below ``/control``, which no endpoint uses.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

PATIENCE_SECONDS = 30.0
LONG = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """The running process, as a test holds it."""

    url: str
    control: httpx.Client

    def script(self, path: str, *answers: int | str) -> None:
        """Answer the next requests so: a status, ``hang``, ``close``, ``redirect``, ``trickle``, ``long``."""
        self.control.put(f"/control{path}", json=list(answers)).raise_for_status()

    def release(self) -> None:
        """Let every request that hangs end without an answer."""
        self.control.post("/control/release").raise_for_status()

    def received(self, path: str) -> list[Received]:
        lines = self.control.get(f"/control{path}").raise_for_status().json()
        return [Received(headers=line["headers"], body=line["body"].encode()) for line in lines]

    def wait_for(self, path: str, count: int) -> list[Received]:
        """What has come, once there are so many."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.received(path)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} requests came to {path}"
            threading.Event().wait(0.05)
        return found


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """The process while the block lasts; ``certificate`` (PEM with its key) makes it speak TLS."""
    command = [sys.executable, __file__, *([str(certificate)] if certificate else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        scheme = "https" if certificate else "http"
        url = f"{scheme}://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False) as control:
                yield Receiver(url=url, control=control)
        finally:
            process.kill()


class _Desk:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.scripts: dict[str, deque[int | str]] = defaultdict(deque)
        self.log: dict[str, list[dict[str, object]]] = defaultdict(list)
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    """Control and callbacks on one port."""

    desk = _Desk()

    def do_PUT(self) -> None:
        with self.desk.lock:
            self.desk.scripts[self._controlled()] = deque(json.loads(self._body()))
        self._answer(204)

    def do_GET(self) -> None:
        with self.desk.lock:
            content = json.dumps(self.desk.log[self._controlled()]).encode()
        self._answer(200, content)

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/control/release":
            self.desk.released.set()
            self.desk.released = threading.Event()
            self._answer(204)
            return
        released = self.desk.released
        with self.desk.lock:
            line = {"headers": {name.lower(): value for name, value in self.headers.items()}}
            self.desk.log[self.path].append({**line, "body": body.decode()})
            script = self.desk.scripts[self.path]
            told = script.popleft() if script else 204
        self._obey(told, released)

    def _obey(self, told: int | str, released: threading.Event) -> None:
        if isinstance(told, int):
            self._answer(told, b"refused" if told >= 400 else b"")
        elif told == "redirect":
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif told == "long":
            self._answer(200, bytes(LONG))
        elif told == "trickle":
            while not released.wait(0.1):
                self.wfile.write(b"H")  # never a whole status line
        elif told == "hang":
            released.wait()
        self.close_connection = True  # "close" does nothing else

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _controlled(self) -> str:
        return self.path.removeprefix("/control")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is no news."""
        del request, client_address


def _serve(certificate: str | None) -> None:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()  # until whoever started it ends


if __name__ == "__main__":
    _serve(sys.argv[1] if len(sys.argv) > 1 else None)
