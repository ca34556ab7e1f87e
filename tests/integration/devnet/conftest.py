"""Real devnet processes and a web3 client in front of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from devnet_client import CONTRACT, Starter, connected
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.contract import Contract

from devnet.launch import RunningDevnet, start


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Starter]:
    """Start devnets; whatever still runs at the end is stopped."""
    running: list[RunningDevnet] = []

    def begin(directory: Path | None = None, **options: Any) -> RunningDevnet:
        devnet = start(directory or tmp_path / "chain", **{"period": 0, **options})
        running.append(devnet)
        return devnet

    yield begin
    for devnet in running:
        devnet.stop()


@pytest.fixture(scope="module")
def devnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnet]:
    """One devnet for all tests of a module."""
    with start(tmp_path_factory.mktemp("devnet"), period=0) as running:
        yield running


@pytest.fixture(scope="module")
def account() -> LocalAccount:
    return Account.create()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def w3(devnet: RunningDevnet, account: LocalAccount) -> Web3:
    return connected(devnet, account)


@pytest.fixture(scope="module")
def contract(w3: Web3) -> Contract:
    """The test contract, deployed once a module."""
    built = w3.eth.contract(abi=CONTRACT["abi"], bytecode=CONTRACT["bytecode"])
    receipt = w3.eth.wait_for_transaction_receipt(built.constructor().transact(), poll_latency=0.02)
    return w3.eth.contract(address=receipt["contractAddress"], abi=CONTRACT["abi"])
