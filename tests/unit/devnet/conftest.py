"""A chain of four operators in a temporary directory, without sockets, and transactions to put on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from devnet_committee import Committee
from devnet_trade import NOON, SENDER, Sign
from eth_utils import to_checksum_address

from devnet.node import Node
from devnet.vm import CHAIN_ID
from kernel.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def committee(tmp_path: Path, clock: FixedClock) -> Iterator[Committee]:
    """Four operators, opened; the clock an hour past genesis, so that tests can seal that many seconds."""
    together = Committee(tmp_path, clock)
    together.open()
    clock.advance(timedelta(hours=1))
    yield together
    together.close()


@pytest.fixture
def reopen(committee: Committee, clock: FixedClock) -> Callable[[], Node]:
    """Close all and open them again, as after a crash; the proposer takes up what it left."""

    def reopened() -> Node:
        node = committee.open()
        clock.advance(timedelta(hours=1))
        node.producer.resume()
        return node

    return reopened


@pytest.fixture
def node(committee: Committee) -> Node:
    """The proposer's node."""
    return committee.proposer


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
