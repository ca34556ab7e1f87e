"""The gateway over HTTP hands a message over, or says that it was not taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from slow_peer import ENDLESS, MANNERS, slow_peer
from sms_behaviour import Line, SmsBehaviour

from api.activation_sms import HttpSmsGateway
from contracts_chain.activation.errors import MessageNotSentError


class _Gateway(BaseHTTPRequestHandler):
    taken: list[dict[str, str]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if type(self).status == 200:
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


class TestTheGatewayOverHttp(SmsBehaviour):
    @pytest.fixture
    def line(self, gateway: tuple[str, type[_Gateway]]) -> Line:
        url, handler = gateway

        def taken() -> list[tuple[str, str]]:
            return [(one["phone"], one["text"]) for one in handler.taken]

        def cut() -> None:
            handler.status = 500

        return Line(gateway=HttpSmsGateway(url), taken=taken, cut=cut)


def test_a_gateway_that_is_not_there_takes_nothing() -> None:
    with pytest.raises(MessageNotSentError):
        HttpSmsGateway("http://127.0.0.1:1/sms").send("13800001234", "签署码000000")


def test_a_gateway_that_never_finishes_its_answer_takes_nothing() -> None:
    with slow_peer(MANNERS["trickles its header"]) as peer:
        with pytest.raises(MessageNotSentError):
            HttpSmsGateway(peer.url, seconds=0.2).send("13800001234", "签署码000000")
        assert peer.ended.wait(5)


def test_the_status_alone_says_that_a_message_was_taken() -> None:
    with slow_peer(ENDLESS) as peer:
        HttpSmsGateway(peer.url).send("13800001234", "签署码000000")
        assert peer.ended.wait(5)
