"""``eth_getLogs``: read a query, find its blocks by the index, let the receipts decide.

Decides which logs match and how much one query may name, read and return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eth.abc import LogAPI

from devnet.chain import Chain
from devnet.log_index import candidate_blocks
from devnet.rpc_params import LIMIT_EXCEEDED, RpcError, invalid, sized_param
from devnet.shapes import log_jsons
from kernel.canonical_json import JsonValue
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["LogQuery", "find_logs", "log_query_param"]

MOST_LOGS = 10_000
MOST_BLOCKS_UNINDEXED = 50_000
MOST_BLOCKS_READ = 100_000
MOST_ALTERNATIVES = 1_000
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

    def covers(self, number: int) -> bool:
        """Whether a block is in the range."""
        return self.first <= number and (self.last is None or number <= self.last)


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
        if fields.get("fromBlock") is not None or fields.get("toBlock") is not None:
            raise invalid("blockHash stands instead of fromBlock and toBlock")
        header = chain.find_header_by_hash(sized_param(BlockHash, fields["blockHash"], "blockHash"))
        if header is None:
            raise RpcError(-32000, "unknown block", "没有该区块")
        first = last = header.block_number
    listed = fields.get("address")
    addresses = listed if isinstance(listed, list) else [] if listed is None else [listed]
    return LogQuery(
        first=chain.head().block_number if first is None else first,
        last=last,
        addresses=frozenset(sized_param(Address, item, "address") for item in _few(addresses)),
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
    if len(numbers) > MOST_BLOCKS_READ:
        raise _too_much(f"more than {MOST_BLOCKS_READ} blocks to read")
    found: list[JsonValue] = []
    for number in numbers:
        found.extend(_matching(chain, query, number))
        if len(found) > MOST_LOGS:
            raise _too_much(f"more than {MOST_LOGS} logs")
    return found


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
    return frozenset(int.from_bytes(sized_param(Bytes32, item, "topic")) for item in _few(listed))


def _few(listed: Sequence[JsonValue]) -> Sequence[JsonValue]:
    if len(listed) > MOST_ALTERNATIVES:
        raise _too_much(f"more than {MOST_ALTERNATIVES} alternatives")
    return listed


def _too_much(en: str) -> RpcError:
    return RpcError(LIMIT_EXCEEDED, f"{en}; narrow the query", f"{en}；请缩小查询范围")
