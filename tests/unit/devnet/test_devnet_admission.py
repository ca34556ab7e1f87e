"""Who may ask, and how much at once: headers in, a status out, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from devnet_ask import Client, call_body

from devnet.node import Node
from devnet.rpc_admission import Admission, RefusedRequestError
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_http import RpcApplication

JSON = (b"content-type", b"application/json")
HERE = (b"host", b"127.0.0.1:8545")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8545", "localhost:1", "[::1]:8545", "10.1.2.3:8545", "node.grid.example:8545"],
)
def test_an_address_localhost_and_a_configured_name_are_admitted(host: str) -> None:
    Admission(host_names=frozenset({"node.grid.example"})).verify([(b"host", host.encode())])


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[::1"]
)
def test_any_other_host_name_is_refused(host: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        Admission().verify([(b"host", host.encode())])
    assert refused.value.status == 403


@pytest.mark.parametrize("origin", [b"http://127.0.0.1:8545", b"https://evil.example", b"null"])
def test_whoever_names_an_origin_is_refused(origin: bytes) -> None:
    with pytest.raises(RefusedRequestError):
        Admission().verify([HERE, (b"origin", origin)])


@pytest.mark.parametrize("given", [None, b"", b"Bearer", b"Bearer other", b"s3cret", b"Basic s3cret"])
def test_without_the_token_the_answer_is_401(given: bytes | None) -> None:
    presented = [] if given is None else [(b"authorization", given)]
    with pytest.raises(RefusedRequestError) as refused:
        Admission(token="s3cret").verify([HERE, *presented])
    assert refused.value.status == 401
    Admission(token="s3cret").verify([HERE, (b"authorization", b"Bearer s3cret")])


class Exchange:
    """One ASGI conversation: what is received beforehand, what was sent."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = list(messages)
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self._messages.pop(0) if self._messages else {"type": "websocket.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)


@pytest.fixture
def application(node: Node) -> RpcApplication:
    return RpcApplication(Dispatcher(Client(node).methods), Admission(), peer=None)


def serve(application: RpcApplication, kind: str, *messages: dict[str, Any], **changed: Any) -> Exchange:
    scope = {"type": kind, "path": "/", "method": "POST", "headers": [HERE, JSON], **changed}
    exchange = Exchange(*messages)
    asyncio.run(application(scope, exchange.receive, exchange.send))
    return exchange


def test_a_call_is_answered(application: RpcApplication) -> None:
    exchange = serve(application, "http", {"type": "http.request", "body": call_body("eth_chainId")})
    assert exchange.sent[0]["status"] == 200
    assert b'"0x4f25"' in exchange.sent[1]["body"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"method": "GET"}, 405),
        ({"headers": [HERE]}, 415),
        ({"headers": [HERE, (b"content-type", b"text/plain")]}, 415),
        ({"headers": [JSON]}, 403),
    ],
)
def test_a_request_of_the_wrong_kind_is_refused(
    application: RpcApplication, changed: dict[str, Any], status: int
) -> None:
    assert serve(application, "http", **changed).sent[0]["status"] == status


def test_a_body_in_parts_beyond_the_limit_is_refused(application: RpcApplication) -> None:
    part = {"type": "http.request", "body": bytes(5 * 1024 * 1024), "more_body": True}
    assert serve(application, "http", part, part).sent[0]["status"] == 413


@pytest.mark.parametrize(
    ("kind", "bound"), [("http", "MOST_REQUESTS_IN_FLIGHT"), ("websocket", "MOST_CONNECTIONS")]
)
def test_one_too_many_is_told_that_the_service_is_busy(
    application: RpcApplication, monkeypatch: pytest.MonkeyPatch, kind: str, bound: str
) -> None:
    monkeypatch.setattr(f"devnet.rpc_http.{bound}", 0)
    assert serve(application, kind, {"type": "websocket.connect"}).sent[0]["status"] == 503


def test_paths_of_the_peers_go_to_the_peers_alone(node: Node) -> None:
    heard: list[str] = []

    async def peer(scope: MutableMapping[str, Any], _receive: Any, _send: Any) -> None:
        heard.append(scope["path"])

    application = RpcApplication(Dispatcher(Client(node).methods), Admission(token="s3cret"), peer=peer)
    assert serve(application, "http", path="/peer/hello", headers=[]).sent == []
    assert heard == ["/peer/hello"]
    assert serve(application, "http", path="/").sent[0]["status"] == 401
