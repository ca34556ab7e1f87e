"""The gateway over HTTP hands a message over, or says that it was not taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api.activation_sms import HttpSmsGateway
from contracts_chain.activation.errors import MessageNotSentError


class _Gateway(BaseHTTPRequestHandler):
    taken: list[dict[str, str]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append(json.loads(body))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[tuple[str, type[_Gateway]]]:
    handler = type("Gateway", (_Gateway,), {"taken": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/sms", handler
        server.shutdown()
        thread.join()


def test_a_message_arrives_with_phone_and_text(gateway: tuple[str, type[_Gateway]]) -> None:
    url, handler = gateway
    HttpSmsGateway(url).send("13800001234", "签署码000000")
    assert handler.taken == [{"phone": "13800001234", "text": "签署码000000"}]


def test_a_refusal_and_a_dead_gateway_are_told(gateway: tuple[str, type[_Gateway]]) -> None:
    url, handler = gateway
    handler.status = 500
    with pytest.raises(MessageNotSentError):
        HttpSmsGateway(url).send("13800001234", "签署码000000")
    with pytest.raises(MessageNotSentError):
        HttpSmsGateway("http://127.0.0.1:1/sms").send("13800001234", "签署码000000")
