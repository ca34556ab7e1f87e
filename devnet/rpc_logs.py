"""``eth_getLogs`` and the polling filters.

Decides which logs match a query and how much one query may read. Filters live in
memory, are few, and are forgotten when nobody polls them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from eth.abc import LogAPI

from devnet.chain import Chain
from devnet.log_index import candidate_blocks
from devnet.rpc_params import RpcError, invalid, sized_param
from devnet.shapes import log_jsons
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["Filters", "LogQuery", "find_logs", "log_query_param"]

MOST_LOGS = 10_000
MOST_BLOCKS_UNINDEXED = 50_000
_MOST_FILTERS = 256
LIMIT_EXCEEDED = -32005
_Topics = tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Blocks first..last; any of the addresses; per position any of the topics (empty = any)."""

    first: int
    last: int | None
    addresses: frozenset[Address]
    topics: _Topics

    def matches(self, log: LogAPI) -> bool:
        """Whether a log is wanted."""
        if self.addresses and Address(log.address) not in self.addresses:
            return False
        if len(log.topics) < len(self.topics):
            return False
        return all(
            not any_of or topic in any_of for any_of, topic in zip(self.topics, log.topics, strict=False)
        )


def log_query_param(
    chain: Chain, fields: Mapping[str, JsonValue], number_of: Callable[[JsonValue], int | None]
) -> LogQuery:
    """Read a filter object.

    Args:
        chain: For ``blockHash``.
        fields: The filter object.
        number_of: Reads a block tag or number; ``None`` stands for the head, wherever it is.

    Raises:
        RpcError: Malformed, or an unknown block hash.
    """
    first, last = number_of(fields.get("fromBlock")), number_of(fields.get("toBlock"))
    if fields.get("blockHash") is not None:
        header = chain.find_header_by_hash(sized_param(BlockHash, fields["blockHash"], "blockHash"))
        if header is None:
            raise RpcError(-32000, "unknown block", "没有该区块")
        first = last = header.block_number
    listed = fields.get("address")
    addresses = listed if isinstance(listed, list) else [] if listed is None else [listed]
    return LogQuery(
        first=chain.head().block_number if first is None else first,
        last=last,
        addresses=frozenset(sized_param(Address, item, "address") for item in addresses),
        topics=_topics_param(fields.get("topics")),
    )


def find_logs(chain: Chain, query: LogQuery) -> list[JsonValue]:
    """Matching logs in chain order.

    Raises:
        RpcError: −32005, too many logs or too many blocks without address or topic.
    """
    head = chain.head().block_number
    last = head if query.last is None else min(query.last, head)
    first_topics = tuple(topic.to_bytes(32) for topic in (query.topics[0] if query.topics else ()))
    if not query.addresses and not first_topics and last - query.first > MOST_BLOCKS_UNINDEXED:
        raise _too_much(f"more than {MOST_BLOCKS_UNINDEXED} blocks without address or topic")
    numbers = candidate_blocks(
        chain.store, first=query.first, last=last, addresses=tuple(query.addresses), topics=first_topics
    )
    found: list[JsonValue] = []
    for number in numbers:
        found.extend(_matching(chain, query, number))
        if len(found) > MOST_LOGS:
            raise _too_much(f"more than {MOST_LOGS} logs")
    return found


class Filters:
    """Polling filters; the oldest gives way when there are too many."""

    def __init__(self, chain: Chain) -> None:
        """Start without filters."""
        self._chain = chain
        self._queries: dict[str, tuple[LogQuery | None, int]] = {}

    def add(self, query: LogQuery | None) -> str:
        """Remember a log query, or ``None`` for new blocks; returns the filter id."""
        while len(self._queries) >= _MOST_FILTERS:
            self._queries.pop(next(iter(self._queries)))
        name = "0x" + secrets.token_hex(8).lstrip("0")
        self._queries[name] = (query, self._chain.head().block_number + 1)
        return name

    def remove(self, name: JsonValue) -> bool:
        """Forget a filter; say whether it was there."""
        return isinstance(name, str) and self._queries.pop(name, None) is not None

    def all_logs(self, name: JsonValue) -> list[JsonValue]:
        """All logs of a log filter."""
        query, _ = self._load(name)
        return [] if query is None else find_logs(self._chain, query)

    def changes(self, name: JsonValue) -> list[JsonValue]:
        """Logs, or block hashes, since the last poll."""
        query, since = self._load(name)
        head = self._chain.head().block_number
        self._queries[str(name)] = (query, head + 1)
        if query is None:
            return [self._hash(number) for number in range(since, head + 1)]
        last = head if query.last is None else min(query.last, head)
        window = LogQuery(
            first=max(since, query.first), last=last, addresses=query.addresses, topics=query.topics
        )
        return find_logs(self._chain, window)

    def _hash(self, number: int) -> str:
        header = self._chain.find_header(number)
        return "" if header is None else header.block_hash.hex0x()

    def _load(self, name: JsonValue) -> tuple[LogQuery | None, int]:
        if not isinstance(name, str) or name not in self._queries:
            raise RpcError(-32000, "filter not found", "没有该过滤器，请重新创建")
        return self._queries[name]


def _matching(chain: Chain, query: LogQuery, number: int) -> Iterator[JsonValue]:
    header = chain.find_header(number)
    if header is None or not header.bloom:
        return
    for _, log, shape in log_jsons(chain.body(number), header):
        if query.matches(log):
            yield shape


def _topics_param(value: JsonValue) -> _Topics:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 4:
        raise invalid("topics must be an array of at most four")
    return tuple(_topic_alternatives(item) for item in value)


def _topic_alternatives(value: JsonValue) -> frozenset[int]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return frozenset(int.from_bytes(sized_param(Bytes32, item, "topic")) for item in listed)


def _too_much(en: str) -> RpcError:
    return RpcError(LIMIT_EXCEEDED, f"{en}; narrow the query", f"{en}；请缩小查询范围")
