"""WebSocket on the same port: web3.py's AsyncWeb3 unpatched, admission, and a reader too slow."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from devnet_client import Starter, ask, wait_until
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import AsyncWeb3, Web3, WebSocketProvider
from web3.contract import Contract
from web3.middleware import ExtraDataToPOAMiddleware
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from devnet.launch import RunningDevnet

SENDER: LocalAccount = Account.from_key("0x" + "5c" * 32)
Scene = Callable[[AsyncWeb3[WebSocketProvider]], Awaitable[None]]


def ws(url: str) -> str:
    return url.replace("http://", "ws://")


def signed(nonce: int, **fields: Any) -> str:
    transaction = {"type": 2, "chainId": 20261, "nonce": nonce, "gas": 100_000, "value": 0}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "to": "0x" + "11" * 20, **fields}
    return "0x" + bytes(SENDER.sign_transaction(transaction).raw_transaction).hex()


def play(url: str, scene: Scene) -> None:
    """Run a scene on web3's own WebSocket connection."""

    async def played() -> None:
        async with asyncio.timeout(30), AsyncWeb3(WebSocketProvider(ws(url))) as w3:
            w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
            await scene(w3)

    asyncio.run(played())


async def next_news(w3: AsyncWeb3[WebSocketProvider], count: int) -> list[Any]:
    found: list[Any] = []
    async for message in w3.socket.process_subscriptions():
        found.append(message)
        if len(found) == count:
            break
    return found


def test_web3_subscribes_to_heads_logs_and_waiting_transactions(
    devnet: RunningDevnet, w3: Web3, contract: Contract
) -> None:
    async def scene(live: AsyncWeb3[WebSocketProvider]) -> None:
        heads = await live.eth.subscribe("newHeads")
        logs = await live.eth.subscribe("logs", {"address": contract.address})
        waiting = await live.eth.subscribe("newPendingTransactions")
        sent = await asyncio.to_thread(contract.functions.write(21, 7).transact)
        news = {item["subscription"]: item["result"] for item in await next_news(live, 3)}
        receipt = await live.eth.wait_for_transaction_receipt(sent)
        assert news[waiting] == sent
        assert news[heads]["number"] == receipt["blockNumber"]
        assert news[heads]["hash"] == receipt["blockHash"]
        assert news[logs] == receipt["logs"][0]
        for name in (heads, logs, waiting):
            assert await live.eth.unsubscribe(name)

    play(devnet.rpc_url, scene)


def test_every_other_method_is_answered_on_the_same_connection(
    devnet: RunningDevnet, w3: Web3, contract: Contract
) -> None:
    async def scene(live: AsyncWeb3[WebSocketProvider]) -> None:
        numbers = await asyncio.gather(*(live.eth.get_block(n) for n in (0, 1, 0, 1)))
        assert [block["number"] for block in numbers] == [0, 1, 0, 1]
        assert await live.eth.chain_id == 20261
        assert await live.eth.get_code(contract.address) == w3.eth.get_code(contract.address)
        count = w3.eth.get_storage_at(contract.address, 1)
        assert await live.eth.get_storage_at(contract.address, 1) == count
        async with live.batch_requests() as batch:
            batch.add(live.eth.get_block(1))
            batch.add(live.eth.get_block(0))
            assert [block["number"] for block in await batch.async_execute()] == [1, 0]

    play(devnet.rpc_url, scene)


def test_a_transaction_sent_over_the_connection_is_mined(devnet: RunningDevnet) -> None:
    async def scene(live: AsyncWeb3[WebSocketProvider]) -> None:
        sent = await live.eth.send_raw_transaction(signed(0))
        assert (await live.eth.wait_for_transaction_receipt(sent))["status"] == 1

    play(devnet.rpc_url, scene)


async def handshake(url: str, **headers: str) -> int:
    """Try to connect; the status the server answers with."""
    try:
        async with connect(ws(url), additional_headers=headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_web_pages_cannot_open_a_connection(devnet: RunningDevnet) -> None:
    assert asyncio.run(handshake(devnet.rpc_url, Origin="http://localhost:3000")) == 403
    assert asyncio.run(handshake(devnet.rpc_url)) == 101


def test_the_bearer_token_is_asked_of_connections_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n", "ascii")
    options = ["--dir", str(tmp_path / "chain"), "--token-file", str(tmp_path / "token")]
    process = subprocess.Popen(
        [sys.executable, "-m", "devnet", "up", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["rpc"]
    try:
        assert asyncio.run(handshake(url)) == 401
        assert asyncio.run(handshake(url, Authorization="Bearer wrong")) == 401
        assert asyncio.run(handshake(url, Authorization="Bearer s3cret")) == 101
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_a_message_beyond_the_size_limit_ends_the_connection(devnet: RunningDevnet) -> None:
    async def scene() -> None:
        async with connect(ws(devnet.rpc_url), max_size=None) as wire:
            with pytest.raises(ConnectionClosedError, match="1009"):
                await send_and_hear(wire, b" " * (9 * 1024 * 1024))

    asyncio.run(scene())
    assert ask(devnet.rpc_url, "eth_chainId")["result"] == "0x4f25"


def test_a_reader_too_slow_is_closed_with_a_reason_and_the_node_goes_on(launched: Starter) -> None:
    running = launched()

    async def scene() -> None:
        place = running.rpc_url.removeprefix("http://").split(":")
        narrow = socket.create_connection((place[0], int(place[1])))
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131072)
        # no queue on this side: what is not asked for stays on the wire
        async with connect(ws(running.rpc_url), sock=narrow, max_queue=1, max_size=None) as wire:
            await wire.send(json.dumps(call("eth_subscribe", "newPendingTransactions", True)))
            assert "result" in json.loads(await wire.recv())
            await asyncio.to_thread(flood)
            with pytest.raises(ConnectionClosedError) as closed:
                await read_to_the_end(wire)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, "too slowly" in closed.value.rcvd.reason) == (1013, True)

    def flood() -> None:
        for nonce in range(60):
            bulk = {"data": os.urandom(120_000), "gas": 2_500_000}
            answer = ask(running.rpc_url, "eth_sendRawTransaction", signed(nonce, **bulk))
            assert "result" in answer, answer

    asyncio.run(scene())
    wait_until(lambda: ask(running.rpc_url, "eth_blockNumber")["result"] != "0x0")


async def send_and_hear(wire: ClientConnection, content: bytes) -> None:
    await wire.send(content)
    await asyncio.wait_for(wire.recv(), 20)


async def read_to_the_end(wire: ClientConnection) -> None:
    while True:
        await asyncio.wait_for(wire.recv(), 20)


def call(name: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": name, "params": params}
