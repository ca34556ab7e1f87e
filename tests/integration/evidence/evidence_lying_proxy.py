"""A node that lies: a proxy before an honest one that changes what it is told to change."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Lie = Callable[[str, list[Any], Any], Any]
"""Method, params and honest result; returns what the node says instead."""


class GarbageError(Exception):
    """Raised by a lie: answer these bytes in place of JSON-RPC."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        super().__init__(status)
        self.content = content
        self.status = status


@contextmanager
def lying_node(honest: str, lie: Lie) -> Iterator[str]:
    """Serve lies until the block ends; yields the URL."""

    class Node(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = 200, b""
            try:
                content = json.dumps(_told(honest, asked, lie)).encode()
            except GarbageError as garbage:
                status, content = garbage.status, garbage.content
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Node)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _told(honest: str, asked: Any, lie: Lie) -> Any:
    request = urllib.request.Request(
        honest, json.dumps(asked).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        answers = json.loads(reply.read())
    if isinstance(asked, dict):
        return _changed(asked, answers, lie)
    by_id = {str(answer["id"]): answer for answer in answers}
    return [_changed(call, by_id[str(call["id"])], lie) for call in asked]


def _changed(call: Any, answer: Any, lie: Lie) -> Any:
    if "result" in answer:
        answer["result"] = lie(call["method"], call.get("params", []), answer["result"])
    return answer
