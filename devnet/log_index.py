"""Which blocks hold logs of an address or with a first topic.

Decides how ``eth_getLogs`` finds its blocks without reading all of them. Keys only:
``a`` + address (20) or ``t`` + topic 0 (32), then the block number (8, big-endian).
The index says "look here", never "it is so": the receipts decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eth.abc import ReceiptAPI

from devnet.store_lmdb import LmdbStore, Table

__all__ = ["candidate_blocks", "index_entries"]


def index_entries(number: int, receipts: Iterable[ReceiptAPI]) -> dict[bytes, bytes | None]:
    """Entries to commit with a block."""
    suffix = number.to_bytes(8)
    entries: dict[bytes, bytes | None] = {}
    for receipt in receipts:
        for log in receipt.logs:
            entries[b"a" + bytes(log.address) + suffix] = b""
            if log.topics:
                entries[b"t" + int(log.topics[0]).to_bytes(32) + suffix] = b""
    return entries


def candidate_blocks(
    store: LmdbStore, *, first: int, last: int, addresses: tuple[bytes, ...], topics: tuple[bytes, ...]
) -> Sequence[int]:
    """Blocks in ``first..last`` that can hold a match, ascending.

    Args:
        store: The committed store.
        first: Lowest block number.
        last: Highest block number.
        addresses: Any of these emitters; empty means any address.
        topics: Any of these as topic 0, 32 bytes each; empty means any topic.
    """
    wanted = [tuple(b"a" + item for item in addresses), tuple(b"t" + item for item in topics)]
    found = [
        {number for prefix in prefixes for number in _blocks(store, prefix, first, last)}
        for prefixes in wanted
        if prefixes
    ]
    return sorted(set.intersection(*found)) if found else range(first, last + 1)


def _blocks(store: LmdbStore, prefix: bytes, first: int, last: int) -> Iterator[int]:
    for key in store.keys_from(Table.LOGS, prefix + first.to_bytes(8), prefix):
        number = int.from_bytes(key[-8:])
        if number > last:
            return
        yield number
