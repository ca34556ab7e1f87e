"""Subscriptions of one connection: what is told, in which order, and when it is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from devnet_ask import Client, call_body
from devnet_trade import CONTRACT, Sign, write_call

from devnet.node import Node
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_websocket import Closing, Connection

EVERYTHING: list[list[Any]] = [["newHeads"], ["logs", {}], ["newPendingTransactions"]]


class Wire:
    """The far end of one connection, inside this process."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sent: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.heard: list[Any] = []
        self.answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.reads = asyncio.Event()
        self.reads.set()
        dispatcher = Dispatcher(client.methods)
        self._running = asyncio.create_task(Connection(dispatcher, self._take).run(self.sent.get))

    async def _take(self, text: str) -> None:
        await self.reads.wait()
        self.heard.append(json.loads(text))
        if "method" not in self.heard[-1]:
            self.answered.set_result(self.heard[-1])

    async def ask(self, name: str, *params: Any) -> Any:
        return await self.send(call_body(name, *params))

    async def send(self, content: bytes) -> Any:
        self.answered = asyncio.get_running_loop().create_future()
        self.sent.put_nowait({"type": "websocket.receive", "bytes": content})
        return await asyncio.wait_for(self.answered, 5)

    async def sealed(self) -> None:
        self.client.seal()
        self.client.methods.announcer.head_moved()
        for _ in range(20):
            await asyncio.sleep(0)

    def news(self, name: str) -> list[Any]:
        told = [item["params"] for item in self.heard if "method" in item]
        return [item["result"] for item in told if item["subscription"] == name]

    async def hang_up(self) -> Closing | None:
        self.sent.put_nowait({"type": "websocket.disconnect"})
        return await asyncio.wait_for(self._running, 5)


@pytest.fixture
def client(node: Node) -> Client:
    return Client(node)


@pytest.fixture
def scene(client: Client) -> Callable[[Callable[[Wire], Awaitable[None]]], None]:
    """Run one scene on an open connection and hang up."""

    def played(scene: Callable[[Wire], Awaitable[None]]) -> None:
        async def play() -> None:
            wire = Wire(client)
            await scene(wire)
            await wire.hang_up()

        asyncio.run(play())

    return played


def test_a_subscriber_hears_every_head_log_and_waiting_transaction_once(
    client: Client, sign: Sign, scene: Callable[..., None]
) -> None:
    async def played(wire: Wire) -> None:
        heads, logs, waiting = [(await wire.ask("eth_subscribe", *kind))["result"] for kind in EVERYTHING]
        deployed = client.put(sign(0, data=bytes.fromhex(CONTRACT["bytecode"][2:])))
        await wire.sealed()
        target = client.direct("eth_getBlockReceipts", "latest")[0]["contractAddress"]
        written = client.put(sign(1, to=target, data=write_call(7, 42)))
        await wire.sealed()
        assert [head["number"] for head in wire.news(heads)] == ["0x1", "0x2"]
        block = client.direct("eth_getBlockByNumber", "0x2", False)
        assert wire.news(heads)[1].items() <= block.items()
        assert wire.news(logs) == client.direct("eth_getLogs", {"fromBlock": "0x0"})
        assert wire.news(waiting) == [deployed, written]

    scene(played)


def test_logs_are_told_by_address_and_topic(client: Client, sign: Sign, scene: Callable[..., None]) -> None:
    async def played(wire: Wire) -> None:
        client.put(sign(0, data=bytes.fromhex(CONTRACT["bytecode"][2:])))
        await wire.sealed()
        target = client.direct("eth_getBlockReceipts", "latest")[0]["contractAddress"]
        eight = [None, None, "0x" + (8).to_bytes(32).hex()]
        wanted = (await wire.ask("eth_subscribe", "logs", {"address": target, "topics": eight}))["result"]
        other = (await wire.ask("eth_subscribe", "logs", {"address": "0x" + "22" * 20}))["result"]
        for nonce in (1, 2):
            client.put(sign(nonce, to=target, data=write_call(6 + nonce, 1)))
        await wire.sealed()
        assert [log["topics"][2] for log in wire.news(wanted)] == [eight[2]]
        assert wire.news(other) == []

    scene(played)


def test_after_unsubscribing_nothing_more_is_told(client: Client, scene: Callable[..., None]) -> None:
    async def played(wire: Wire) -> None:
        heads = (await wire.ask("eth_subscribe", "newHeads"))["result"]
        await wire.sealed()
        assert [(await wire.ask("eth_unsubscribe", heads))["result"] for _ in range(2)] == [True, False]
        await wire.sealed()
        assert len(wire.news(heads)) == 1

    scene(played)


def test_waiting_transactions_come_in_full_when_asked_for(
    client: Client, sign: Sign, scene: Callable[..., None]
) -> None:
    async def played(wire: Wire) -> None:
        full = (await wire.ask("eth_subscribe", "newPendingTransactions", True))["result"]
        name = client.put(sign(0, to="0x" + "11" * 20))
        await asyncio.sleep(0)
        await wire.ask("eth_chainId")
        assert wire.news(full) == [client.direct("eth_getTransactionByHash", name)]

    scene(played)


def test_the_answer_comes_before_the_first_news_of_its_subscription(
    client: Client, scene: Callable[..., None]
) -> None:
    async def played(wire: Wire) -> None:
        batch = [json.loads(call_body("eth_subscribe", "newHeads", call_id=number)) for number in range(60)]
        asked = asyncio.create_task(wire.send(json.dumps(batch).encode()))
        for _ in range(4):  # the batch breathes after its first call: a block comes in between
            await asyncio.sleep(0)
        assert not asked.done()
        await wire.sealed()
        names = {answer["result"] for answer in await asked}
        assert isinstance(wire.heard[0], list)
        assert all("method" in item for item in wire.heard[1:])
        assert {item["params"]["subscription"] for item in wire.heard[1:]} <= names

    scene(played)


def test_a_subscription_too_many_is_refused(client: Client, scene: Callable[..., None]) -> None:
    async def played(wire: Wire) -> None:
        for _ in range(64):
            assert "result" in await wire.ask("eth_subscribe", "newHeads")
        assert (await wire.ask("eth_subscribe", "newHeads"))["error"]["code"] == -32005

    scene(played)


@pytest.mark.parametrize("params", [[], ["syncing"], ["logs", {"topics": 1}], [None], ["logs", 3]])
def test_an_unknown_kind_of_news_is_refused(scene: Callable[..., None], params: list[Any]) -> None:
    async def played(wire: Wire) -> None:
        assert (await wire.ask("eth_subscribe", *params))["error"]["code"] == -32602

    scene(played)


@pytest.mark.parametrize(("bound", "most"), [("MOST_UNREAD", 2), ("MOST_UNREAD_BYTES", 4_000)])
def test_a_client_that_does_not_read_is_cut_off_with_a_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(f"devnet.rpc_websocket.{bound}", most)

    async def play() -> Closing | None:
        wire = Wire(client)
        await wire.ask("eth_subscribe", "newHeads")
        wire.reads.clear()
        for _ in range(4):
            await wire.sealed()
        return await asyncio.wait_for(wire._running, 5)

    closing = asyncio.run(play())
    assert closing is not None
    assert closing.code == 1013
    assert "too slowly" in closing.reason
    assert len(closing.reason.encode()) <= 123
    assert not client.methods.announcer._listeners


def test_a_connection_that_ends_leaves_no_listener(client: Client, scene: Callable[..., None]) -> None:
    async def played(wire: Wire) -> None:
        await wire.ask("eth_subscribe", "newHeads")

    scene(played)
    assert not client.methods.announcer._listeners
