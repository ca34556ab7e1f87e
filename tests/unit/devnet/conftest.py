"""A chain in a temporary directory, without sockets, and transactions to put on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from devnet_trade import NOON, SENDER, Sign
from eth_utils import to_checksum_address

from devnet.node import Node, NodeSettings, open_node
from devnet.vm import CHAIN_ID
from kernel.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def reopen(tmp_path: Path, clock: FixedClock) -> Iterator[Callable[[], Node]]:
    """Open the same directory again and again; the node opened before is closed first.

    Every opening moves the clock on by an hour, so that tests can seal that many seconds.
    """
    opened: list[Node] = []

    def reopened() -> Node:
        if opened:
            opened.pop().close()
        opened.append(open_node(NodeSettings(directory=tmp_path, map_mib=64), clock))
        clock.advance(timedelta(hours=1))
        return opened[0]

    yield reopened
    for node in opened:
        node.close()


@pytest.fixture
def node(reopen: Callable[[], Node]) -> Node:
    return reopen()


@pytest.fixture
def sign() -> Sign:
    """Sign a type-2 transaction with fees 0; ``to`` absent creates a contract."""

    def signed(nonce: int, *, to: str | None = None, data: bytes = b"", **fields: int) -> bytes:
        transaction = {
            "type": 2,
            "chainId": CHAIN_ID,
            "nonce": nonce,
            "gas": 500_000,
            "value": 0,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "data": data,
            **({"to": to_checksum_address(to)} if to else {}),
            **fields,
        }
        return bytes(SENDER.sign_transaction(transaction).raw_transaction)

    return signed
