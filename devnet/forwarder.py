"""Bringing transactions to the proposer from a node that does not propose.

Decides that a transaction taken here is offered to the proposer until a block holds it:
at once, so that its refusal reaches the sender, and again after the proposer was away or
restarted, for its pool is in memory. One the proposer refuses is dropped here too.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable, Mapping

import rlp
from rlp.exceptions import RLPException

from devnet.errors import PeerAwayError, PeerRefusedError, TransactionRefusedError
from devnet.peer_link import PeerLink
from devnet.peer_message import peer_refused
from devnet.peers import Peers
from devnet.pool import Pool
from kernel.sized_bytes import Address, TransactionHash

__all__ = ["Forwarder"]

_TICK_SECONDS = 1.0
_ANSWER_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_MOST_TRANSACTIONS = 200
_log = logging.getLogger("devnet.forwarder")


class Forwarder:
    """The one thread that forwards."""

    def __init__(self, pool: Pool, peers: Peers, proposer: Address) -> None:
        """Bring this pool's transactions to the proposer."""
        self._pool = pool
        self._peers = peers
        self._proposer = proposer
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._told: set[TransactionHash] = set()
        self._told_in = b""
        self._lock = threading.Lock()

    def wake(self) -> None:
        """Say that a transaction waits."""
        self._wake.set()

    def stop(self) -> None:
        """End the loop soon."""
        self._stopping.set()
        self._wake.set()

    async def relay(self, raw: bytes) -> TransactionHash:
        """Take one transaction and offer it at once; while the proposer is away it waits here.

        Raises:
            TransactionRefusedError: By this node's rules or the proposer's.
        """
        transaction_hash = self._pool.add(raw)
        link = self._peers.link(self._proposer)
        if link is not None:
            try:
                await asyncio.to_thread(self._offer, link, {transaction_hash: raw})
            except (PeerAwayError, PeerRefusedError):
                self._wake.set()
        return transaction_hash

    def run(self) -> None:
        """Forward until stopped."""
        while not self._stopping.is_set():
            self._wake.wait(_TICK_SECONDS)
            self._wake.clear()
            try:
                while self._forward():
                    pass
            except (PeerAwayError, PeerRefusedError):
                continue  # the follower reports peers; the transactions wait here

    def _forward(self) -> bool:
        """Offer one batch; say whether there was one."""
        link = self._peers.link(self._proposer)
        if link is None or self._stopping.is_set():
            return False
        batch = self._batch(link.session)
        if not batch:
            return False
        for refusal in self._offered(link, batch):
            _log.warning("the proposer refuses a transaction: %s", refusal.en)
        return True

    def _batch(self, session: bytes) -> dict[TransactionHash, bytes]:
        """What that run of the proposer has not been told yet, by arrival."""
        waiting = self._pool.waiting()
        told = self._told_to(session, waiting)
        batch: dict[TransactionHash, bytes] = {}
        size = 0
        for transaction_hash, transaction in waiting.items():
            if transaction_hash in told:
                continue
            if size > _MOST_BYTES or len(batch) == _MOST_TRANSACTIONS:
                break
            batch[transaction_hash] = transaction.encode()
            size += len(batch[transaction_hash])
        return batch

    def _offer(self, link: PeerLink, one: dict[TransactionHash, bytes]) -> None:
        for refusal in self._offered(link, one):
            raise refusal

    def _offered(self, link: PeerLink, batch: dict[TransactionHash, bytes]) -> list[TransactionRefusedError]:
        """Send a batch; what is refused leaves the pool."""
        before = link.session
        answer = link.ask("transactions", bytes(rlp.encode(list(batch.values()))), seconds=_ANSWER_SECONDS)
        try:
            results = [(bytes(en).decode(), bytes(zh).decode()) for en, zh in rlp.decode(answer)]
        except (RLPException, ValueError, TypeError) as problem:
            raise peer_refused("malformed", "the answer cannot be decoded", "应答无法解码") from problem
        refused = {
            transaction_hash: TransactionRefusedError(en, zh)
            for transaction_hash, (en, zh) in zip(batch, results, strict=False)
            if en
        }
        self._remember(before, batch)
        self._pool.discard(refused)
        return list(refused.values())

    def _told_to(
        self, session: bytes, waiting: Mapping[TransactionHash, object]
    ) -> frozenset[TransactionHash]:
        with self._lock:
            self._enter(session)
            self._told &= waiting.keys()
            return frozenset(self._told)

    def _remember(self, session: bytes, batch: Iterable[TransactionHash]) -> None:
        """Told at least to the run that was known before asking; to a later one they are told again."""
        with self._lock:
            if session == self._told_in:
                self._told.update(batch)

    def _enter(self, session: bytes) -> None:
        """Another run of the proposer began with an empty pool: whoever was told, this one was not."""
        if session != self._told_in:
            self._told.clear()
            self._told_in = session
