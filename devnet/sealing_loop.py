"""When a block is sealed: as soon as transactions or a ballot wait, and an empty one each period.

Decides block times, on the proposer. A block's timestamp is the wall clock in whole seconds
and must be above its parent's, so at most one block is sealed a second and none runs ahead
of the clock: a transaction that comes right after a block waits for the next second, no
longer. If the clock was set back, sealing waits until it has passed the head again.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable

from eth_typing import Address as EvmAddress

from devnet.ballot import Ballot
from devnet.errors import WithdrawnError
from devnet.header import QbftHeader
from devnet.node import Node
from devnet.pool import AccountFacts, Pool
from devnet.producer import Produced
from kernel.clock import Clock
from kernel.sized_bytes import Address

__all__ = ["SealingLoop", "facts_at_head"]

_GATHER_SECONDS = 0.01
_AFTER_WITHDRAWAL_SECONDS = 0.5
_MOST_TRANSACTIONS = 2_000
_log = logging.getLogger("devnet.sealing")


class SealingLoop:
    """The one task that produces blocks. Execution runs in a thread; reads go on meanwhile."""

    def __init__(
        self, node: Node, pool: Pool, clock: Clock, *, period: float, ballot: Callable[[], Ballot | None]
    ) -> None:
        """Seal for this node.

        Args:
            node: The opened directory of the proposer.
            pool: Where transactions wait.
            clock: Wall clock.
            period: Seconds after which an empty block is sealed; 0 seals no empty blocks.
            ballot: Gives the ballot for the next block, if one waits.
        """
        self._node = node
        self._pool = pool
        self._clock = clock
        self._period = period
        self._ballot = ballot
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that a transaction or a ballot waits; on the event loop's thread."""
        self._wake.set()

    async def run(self) -> None:
        """Finish what a stop left behind, then seal until cancelled.

        Raises:
            StoreFullError: The chain cannot grow.
            RefutedError: The stored proposal or a seal contradicts this chain.
            StoppedError: The producer was told to stop.
        """
        await self._sealed(self._node.producer.resume)
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
        batch = self._pool.ready(_MOST_TRANSACTIONS)
        ballot = self._ballot()
        if not batch and ballot is None and not self._is_due():
            return
        timestamp = int(self._now())
        producer = self._node.producer
        await self._sealed(functools.partial(producer.produce, batch, timestamp=timestamp, ballot=ballot))
        if self._pool.ready(1) or self._ballot() is not None:
            self._wake.set()

    async def _sealed(self, producing: Callable[[], Produced | None]) -> None:
        try:
            produced = await asyncio.to_thread(producing)
        except WithdrawnError as withdrawn:
            _log.warning("%s", withdrawn.en)
            self._wake.set()
            await asyncio.sleep(_AFTER_WITHDRAWAL_SECONDS)
        else:
            if produced is not None:
                self._pool.discard(produced.refused)

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
