"""JSON-RPC over WebSocket: calls as over HTTP, and subscriptions.

Decides what a subscriber hears: ``newHeads``, ``logs`` and ``newPendingTransactions``, in order,
each once, never before the answer that names the subscription. Calls of one connection are
answered one after the other, so a client that does not read its answers stops being read. News
cannot wait: what has not been read is bounded in number and bytes, and beyond the bound the
connection is closed with code 1013 and a reason. Nothing is dropped silently.

Clauses: RFC 6455; the ``eth_subscribe`` convention of geth.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devnet.rpc_announcer import BlockNews, WaitingNews
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_logs import LogQuery, log_query_param
from devnet.rpc_params import LIMIT_EXCEEDED, Method, Params, RpcError, invalid, object_param, param
from devnet.rpc_tags import BlockTags
from kernel.canonical_json import JsonValue

__all__ = ["MOST_UNREAD_BYTES", "Closing", "Connection"]

MOST_SUBSCRIPTIONS = 64
MOST_UNREAD = 4_096
MOST_UNREAD_BYTES = 4 * 1024 * 1024
TRY_AGAIN_LATER = 1013
_TOO_SLOW = "read too slowly; reconnect and fetch what you missed 读取过慢，请重连并补查"
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
SendText = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Why this side ends the connection: RFC 6455 code, and at most 123 bytes of reason."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscription:
    kind: str
    query: LogQuery | None = None
    full: bool = False


class Connection:
    """One open WebSocket."""

    def __init__(self, dispatcher: Dispatcher, send: SendText) -> None:
        """Answer with this dispatcher; ``send`` waits while the client does not read."""
        self._dispatcher = dispatcher
        self._send = send
        self._subscriptions: dict[str, _Subscription] = {}
        self._unread: deque[tuple[str, int]] = deque()
        self._unread_news_bytes = 0
        self._something = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._held: list[str] | None = None
        self._ended: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()

    async def run(self, receive: Receive) -> Closing | None:
        """Serve until the client goes; returns why this side must close, if it must."""
        self._dispatcher.announcer.listen(self)
        tasks = [asyncio.create_task(self._read(receive)), asyncio.create_task(self._write())]
        try:
            over: list[asyncio.Future[Any]] = [self._ended, *tasks]
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._dispatcher.announcer.forget(self)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._ended.result() if self._ended.done() else None

    def hear_block(self, news: BlockNews) -> None:
        """Pass a block on to the subscriptions that want it."""
        for name, wanted in self._subscriptions.items():
            if wanted.kind == "newHeads":
                self._notify(name, news.header_json)
            elif wanted.query is not None and wanted.query.covers(news.header.block_number):
                for log, shape in news.logs:
                    if wanted.query.matches(log):
                        self._notify(name, shape)

    def hear_waiting(self, news: WaitingNews) -> None:
        """Pass a waiting transaction on."""
        for name, wanted in self._subscriptions.items():
            if wanted.kind == "newPendingTransactions":
                shape = news.transaction_json if wanted.full else news.transaction_hash.hex0x()
                self._notify(name, shape)

    async def _read(self, receive: Receive) -> None:
        """Answer messages one after the other until the client goes."""
        own: dict[str, Method] = {"eth_subscribe": self._subscribe, "eth_unsubscribe": self._unsubscribe}
        while (message := await receive())["type"] == "websocket.receive":
            content = message.get("bytes") or (message.get("text") or "").encode()
            self._held = []
            answer = await self._dispatcher.answer(content, own)
            held, self._held = self._held, None
            if answer is not None:
                self._queue(json.dumps(answer, separators=(",", ":")), weight=0)
            for text in held:
                self._queue(text, weight=len(text))
            await self._drained.wait()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            while self._unread:
                text, weight = self._unread[0]
                await self._send(text)
                self._unread.popleft()
                self._unread_news_bytes -= weight
            self._something.clear()
            self._drained.set()

    def _notify(self, name: str, result: JsonValue) -> None:
        news = {
            "jsonrpc": "2.0",
            "method": "eth_subscription",
            "params": {"subscription": name, "result": result},
        }
        self._offer(json.dumps(news, separators=(",", ":")))

    def _offer(self, text: str) -> None:
        """Send news when there is room; hold it back while an answer is being made."""
        waiting = len(self._unread) + len(self._held or ())
        held_bytes = sum(map(len, self._held or ()))
        if waiting >= MOST_UNREAD or self._unread_news_bytes + held_bytes + len(text) > MOST_UNREAD_BYTES:
            self._give_up()
        elif self._held is not None:
            self._held.append(text)
        else:
            self._queue(text, weight=len(text))

    def _give_up(self) -> None:
        if not self._ended.done():
            self._ended.set_result(Closing(code=TRY_AGAIN_LATER, reason=_TOO_SLOW))

    def _queue(self, text: str, *, weight: int) -> None:
        self._unread.append((text, weight))
        self._unread_news_bytes += weight
        self._drained.clear()
        self._something.set()

    def _subscribe(self, params: Params) -> JsonValue:
        if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            raise RpcError(
                LIMIT_EXCEEDED,
                f"at most {MOST_SUBSCRIPTIONS} subscriptions a connection",
                f"每个连接最多 {MOST_SUBSCRIPTIONS} 个订阅",
            )
        name = hex(secrets.randbits(128) | 1 << 127)
        self._subscriptions[name] = self._wanted(param(params, 0, "subscription kind"), params)
        return name

    def _wanted(self, kind: JsonValue, params: Params) -> _Subscription:
        second = params[1] if len(params) > 1 else None
        if kind == "newHeads":
            return _Subscription(kind="newHeads")
        if kind == "newPendingTransactions":
            return _Subscription(kind="newPendingTransactions", full=second is True)
        if kind == "logs":
            return _Subscription(kind="logs", query=self._query(second))
        raise invalid("subscribe to newHeads, logs or newPendingTransactions")

    def _query(self, fields: JsonValue) -> LogQuery:
        chain = self._dispatcher.announcer.chain
        return log_query_param(chain, object_param(fields or {}, "filter"), BlockTags(chain).number_of)

    def _unsubscribe(self, params: Params) -> JsonValue:
        name = param(params, 0, "subscription")
        return isinstance(name, str) and self._subscriptions.pop(name, None) is not None
