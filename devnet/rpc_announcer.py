"""Tells listeners on the event loop of new blocks and of transactions that wait.

Decides the order of news: every committed block once, ascending, none before it is committed.
Whoever commits a block calls ``head_moved`` from any thread; blocks are read here, once for all
listeners. Must never wait for a listener: they take the news and return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from eth.abc import LogAPI, SignedTransactionAPI

from devnet.chain import Chain
from devnet.header import QbftHeader
from devnet.shapes import header_json, log_jsons, waiting_transaction_json
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import TransactionHash

__all__ = ["Announcer", "BlockNews", "Listener", "WaitingNews"]


class BlockNews:
    """A new block; its shapes are made once, when the first listener asks."""

    def __init__(self, chain: Chain, header: QbftHeader) -> None:
        """Wrap a committed header."""
        self._chain = chain
        self.header = header

    @cached_property
    def header_json(self) -> JsonValue:
        """The header as ``newHeads`` gives it."""
        return header_json(self.header)

    @cached_property
    def logs(self) -> tuple[tuple[LogAPI, JsonValue], ...]:
        """Every log of the block with its shape."""
        if not self.header.bloom:
            return ()
        body = self._chain.body(self.header.block_number)
        return tuple((log, shape) for _, log, shape in log_jsons(body, self.header))


class WaitingNews:
    """A transaction the pool has taken."""

    def __init__(self, transaction_hash: TransactionHash, waiting: SignedTransactionAPI | None) -> None:
        """Wrap a hash, and the transaction where this node holds it."""
        self.transaction_hash = transaction_hash
        self._waiting = waiting

    @cached_property
    def transaction_json(self) -> JsonValue:
        """The transaction in full; its hash alone where another node holds it."""
        if self._waiting is None:
            return self.transaction_hash.hex0x()
        return waiting_transaction_json(self._waiting)


class Listener(Protocol):
    """Something that takes news at once, on the event loop's thread."""

    def hear_block(self, news: BlockNews) -> None:
        """Take a new block."""
        ...

    def hear_waiting(self, news: WaitingNews) -> None:
        """Take a transaction that waits."""
        ...


class Announcer:
    """Spreads the news to its listeners.

    Attributes:
        chain: The chain whose blocks are announced.
    """

    def __init__(self, chain: Chain) -> None:
        """Announce blocks of this chain."""
        self.chain = chain
        self._listeners: dict[Listener, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = 0

    def listen(self, listener: Listener) -> None:
        """Tell this listener from now on; call it on the event loop."""
        if not self._listeners:
            self._loop = asyncio.get_running_loop()
            self._told = self.chain.head().block_number
        self._listeners[listener] = None

    def forget(self, listener: Listener) -> None:
        """Tell this listener no more."""
        self._listeners.pop(listener, None)

    def head_moved(self) -> None:
        """Say that blocks were committed; safe from any thread, cheap when nobody listens."""
        if self._loop is not None and self._listeners:
            self._loop.call_soon_threadsafe(self._tell_blocks)

    def transaction_taken(
        self, transaction_hash: TransactionHash, waiting: SignedTransactionAPI | None
    ) -> None:
        """Say that the pool has taken a transaction; call it on the event loop."""
        news = WaitingNews(transaction_hash, waiting)
        for listener in tuple(self._listeners):
            listener.hear_waiting(news)

    def _tell_blocks(self) -> None:
        for header in self._untold():
            self._told = header.block_number
            news = BlockNews(self.chain, header)
            for listener in tuple(self._listeners):
                listener.hear_block(news)

    def _untold(self) -> Iterator[QbftHeader]:
        for number in range(self._told + 1, self.chain.head().block_number + 1):
            header = self.chain.find_header(number)
            if header is not None:
                yield header
