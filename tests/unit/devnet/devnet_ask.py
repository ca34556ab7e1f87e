"""Ask a chain in this process by JSON-RPC, without a socket; seal when a test wants a block."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from devnet.node import Node
from devnet.pool import Pool
from devnet.rpc_dispatch import Dispatcher
from devnet.rpc_methods import Methods
from devnet.sealing_loop import facts_at_head


class Client:
    """Asks, and seals when a test wants a block."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.woken = 0
        self.pool = Pool(chain_id=node.genesis.chain_id, facts=partial(facts_at_head, node))
        self.methods = Methods(node.chain, self.pool, wake=self._count)

    def _count(self) -> None:
        self.woken += 1

    def send_body(self, content: bytes) -> Any:
        async def ask() -> Any:
            return await Dispatcher(self.methods).answer(content)

        return asyncio.run(ask())

    def ask(self, name: str, *params: Any) -> Any:
        return self.send_body(call_body(name, *params))

    def result(self, name: str, *params: Any) -> Any:
        answer = self.ask(name, *params)
        assert "error" not in answer, answer
        return answer["result"]

    def seal(self) -> None:
        second = self.node.chain.head().timestamp + 1
        produced = self.node.producer.produce(tuple(self.pool.ready()), timestamp=second)
        self.pool.discard(produced.included)

    def send(self, raw: bytes) -> str:
        return str(self.result("eth_sendRawTransaction", "0x" + raw.hex()))

    def direct(self, name: str, *params: Any) -> Any:
        """Call a method without the envelope: for tests that are inside an event loop already."""
        return (self.methods.quick() | self.methods.slow())[name](params)

    def put(self, raw: bytes) -> str:
        return str(self.direct("eth_sendRawTransaction", "0x" + raw.hex()))


def call_body(name: str, *params: Any, call_id: Any = 1) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": call_id, "method": name, "params": list(params)}).encode()
