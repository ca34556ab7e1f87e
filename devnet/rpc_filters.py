"""Polling filters: logs, new blocks, new waiting transactions.

Decides what a poll reports: each log, block or transaction once. Filters live in memory, are
few, and the one polled longest ago gives way to a new one. Must never report a block before it is
committed.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field, replace

from devnet.chain import Chain
from devnet.rpc_logs import LogQuery, find_logs
from devnet.rpc_params import RpcError
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import TransactionHash

__all__ = ["Filters"]

MOST_FILTERS = 256
MOST_WAITING = 10_000
MOST_BLOCKS_A_POLL = 10_000


@dataclass(slots=True, kw_only=True)
class _Filter:
    """One filter: ``query`` for logs, ``pending`` for transactions, neither for blocks."""

    since: int
    query: LogQuery | None = None
    pending: deque[TransactionHash] | None = field(default=None)


class Filters:
    """The filters of one node. ``changes`` may run beside the event loop's thread."""

    def __init__(self, chain: Chain) -> None:
        """Start without filters."""
        self._chain = chain
        self._filters: dict[str, _Filter] = {}

    def add_logs(self, query: LogQuery) -> str:
        """Remember a log query; returns the filter id."""
        return self._add(_Filter(since=self._next(), query=query))

    def add_blocks(self) -> str:
        """Watch for blocks; returns the filter id."""
        return self._add(_Filter(since=self._next()))

    def add_pending(self) -> str:
        """Watch for transactions that the pool takes; returns the filter id."""
        return self._add(_Filter(since=0, pending=deque(maxlen=MOST_WAITING)))

    def remove(self, name: JsonValue) -> bool:
        """Forget a filter; say whether it was there."""
        return isinstance(name, str) and self._filters.pop(name, None) is not None

    def transaction_taken(self, transaction_hash: TransactionHash) -> None:
        """Tell the filters on waiting transactions; beyond the bound the oldest are lost."""
        for watching in tuple(self._filters.values()):
            if watching.pending is not None:
                watching.pending.append(transaction_hash)

    def all_logs(self, name: JsonValue) -> list[JsonValue]:
        """All logs of a log filter; nothing for the other kinds."""
        query = self._load(name).query
        return [] if query is None else find_logs(self._chain, query)

    def changes(self, name: JsonValue) -> list[JsonValue]:
        """What is new since the last poll.

        Raises:
            RpcError: There is no such filter, or too much is new.
        """
        watching = self._load(name)
        if watching.pending is not None:
            return [watching.pending.popleft().hex0x() for _ in range(len(watching.pending))]
        last = min(self._next(), watching.since + MOST_BLOCKS_A_POLL) - 1
        found = (
            self._hashes(watching.since, last)
            if watching.query is None
            else self._logs(watching.query, watching.since, last)
        )
        watching.since = last + 1
        return found

    def _logs(self, query: LogQuery, since: int, last: int) -> list[JsonValue]:
        bound = last if query.last is None else min(query.last, last)
        return find_logs(self._chain, replace(query, first=max(since, query.first), last=bound))

    def _hashes(self, since: int, last: int) -> list[JsonValue]:
        headers = (self._chain.find_header(number) for number in range(since, last + 1))
        return [header.block_hash.hex0x() for header in headers if header is not None]

    def _next(self) -> int:
        return self._chain.head().block_number + 1

    def _add(self, watching: _Filter) -> str:
        while len(self._filters) >= MOST_FILTERS:
            self._filters.pop(next(iter(self._filters)))
        name = hex(secrets.randbits(64) | 1 << 63)
        self._filters[name] = watching
        return name

    def _load(self, name: JsonValue) -> _Filter:
        """The filter, moved to the end of those that may give way."""
        if not isinstance(name, str) or name not in self._filters:
            raise RpcError(-32000, "filter not found", "没有该过滤器，请重新创建")
        watching = self._filters[name] = self._filters.pop(name)
        return watching
