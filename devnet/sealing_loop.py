"""When a block is sealed: as soon as transactions wait, and an empty one each period.

Decides block times. A block's timestamp is the wall clock in whole seconds and must be
above its parent's, so at most one block is sealed a second and none runs ahead of the
clock: a transaction that comes right after a block waits for the next second, no longer.
If the clock was set back, sealing waits until it has passed the head again.
"""

from __future__ import annotations

import asyncio
import functools
import itertools

from eth_typing import Address as EvmAddress

from devnet.header import QbftHeader
from devnet.node import Node
from devnet.pool import AccountFacts, Pool
from devnet.producer import Produced
from kernel.clock import Clock
from kernel.sized_bytes import Address

__all__ = ["SealingLoop", "facts_at_head"]

_GATHER_SECONDS = 0.01
_MOST_TRANSACTIONS = 2_000


class SealingLoop:
    """The one task that produces blocks. Execution runs in a thread; reads go on meanwhile."""

    def __init__(self, node: Node, pool: Pool, clock: Clock, *, period: float) -> None:
        """Seal for this node.

        Args:
            node: The opened directory.
            pool: Where transactions wait.
            clock: Wall clock.
            period: Seconds after which an empty block is sealed; 0 seals no empty blocks.
        """
        self._node = node
        self._pool = pool
        self._clock = clock
        self._period = period
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that a transaction waits."""
        self._wake.set()

    async def run(self) -> None:
        """Seal until cancelled; a fault of the store or of a validator ends the loop.

        Raises:
            StoreFullError: The chain cannot grow.
            RefutedError: Proposer and validators disagree.
        """
        while True:
            await self._wait_for_occasion()
            await self._wait_for_next_second()
            await self._seal()

    async def _wait_for_occasion(self) -> None:
        head = self._node.chain.head()
        due = head.timestamp + self._period - self._now() if self._period else None
        try:
            await asyncio.wait_for(self._wake.wait(), None if due is None else max(due, 0.0))
        except TimeoutError:
            return
        await asyncio.sleep(_GATHER_SECONDS)  # let the rest of a burst arrive

    async def _wait_for_next_second(self) -> None:
        earliest = self._node.chain.head().timestamp + 1
        while (remaining := earliest - self._now()) > 0:  # noqa: ASYNC110 - a clock sends no event
            await asyncio.sleep(min(remaining, 1.0))

    async def _seal(self) -> None:
        self._wake.clear()
        batch = tuple(itertools.islice(self._pool.ready(), _MOST_TRANSACTIONS))
        if not batch and not self._is_due():
            return
        timestamp = int(self._now())
        produced = await asyncio.to_thread(self._node.producer.produce, batch, timestamp=timestamp)
        self._settle(produced)

    def _settle(self, produced: Produced) -> None:
        self._pool.discard(produced.included)
        self._pool.discard(produced.refused)
        if next(self._pool.ready(), None) is not None:
            self._wake.set()

    def _is_due(self) -> bool:
        head = self._node.chain.head()
        return bool(self._period) and self._now() >= head.timestamp + self._period

    def _now(self) -> float:
        return self._clock.now().timestamp()


def facts_at_head(node: Node, sender: Address) -> AccountFacts:
    """Nonce and balance of a sender after the newest block."""
    return _facts_at(node, node.chain.head(), sender)


@functools.lru_cache(maxsize=4096)
def _facts_at(node: Node, head: QbftHeader, sender: Address) -> AccountFacts:
    state = node.chain.state(head)
    return AccountFacts(
        nonce=state.get_nonce(EvmAddress(sender)), balance=state.get_balance(EvmAddress(sender))
    )
