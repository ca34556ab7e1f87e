"""One client loop for every chain that is compared: raw transactions in, the last receipt out."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from web3 import HTTPProvider, Web3

__all__ = ["SLOT_AND_LOG", "SlotWriter", "anvil"]

ANVIL = Path(__file__).parents[1] / "tools/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
CHAIN_ID = 20261
SLOT_AND_LOG = bytes.fromhex("6f6020356000355560003560006000a10060005260106010f3")
"""Deploys: a slot named by the first word is set to the second, and logged under the first."""


class SlotWriter:
    """Writes numbered slots of its own contract on one chain; the signing is done beforehand."""

    def __init__(self, w3: Web3, account: LocalAccount, *, fee: int, chain_id: int) -> None:
        self._w3 = w3
        self._account = account
        self._fee = fee
        self._chain_id = chain_id
        self._nonce = w3.eth.get_transaction_count(account.address)
        receipt = self._mined(self._signed(None, SLOT_AND_LOG))
        self._target = receipt["contractAddress"]

    def sign(self, count: int) -> list[bytes]:
        """Raw transactions for so many slots never written before."""
        first = self._nonce
        words = (bytes(keccak(number.to_bytes(32))) for number in range(first, first + count))
        return [self._signed(self._target, word + (1).to_bytes(32)) for word in words]

    def send(self, raws: Sequence[bytes]) -> float:
        """Seconds from the first send to the receipt of the last."""
        started = time.perf_counter()
        names = [self._w3.eth.send_raw_transaction(raw) for raw in raws]
        self._last_receipt(names[-1])
        return time.perf_counter() - started

    def send_and_read(self, raws: Sequence[bytes]) -> float:
        """The same, and every receipt read, as a client must that wants to know of each."""
        started = time.perf_counter()
        names = [self._w3.eth.send_raw_transaction(raw) for raw in raws]
        self._last_receipt(names[-1])
        for name in names:
            self._w3.eth.get_transaction_receipt(name)
        return time.perf_counter() - started

    def _last_receipt(self, name: bytes) -> None:
        receipt = self._w3.eth.wait_for_transaction_receipt(name, timeout=120, poll_latency=0.01)
        if receipt["status"] != 1 or not receipt["logs"]:
            raise AssertionError("the last transaction did nothing")

    def _mined(self, raw: bytes) -> Any:
        name = self._w3.eth.send_raw_transaction(raw)
        return self._w3.eth.wait_for_transaction_receipt(name, timeout=60, poll_latency=0.01)

    def _signed(self, to: str | None, payload: bytes) -> bytes:
        transaction = {"type": 2, "chainId": self._chain_id, "nonce": self._nonce, "gas": 120_000, "value": 0}
        transaction |= {"maxFeePerGas": self._fee, "maxPriorityFeePerGas": 0, "data": payload}
        self._nonce += 1
        return bytes(
            self._account.sign_transaction(transaction | ({} if to is None else {"to": to})).raw_transaction
        )


@contextmanager
def anvil() -> Iterator[SlotWriter]:
    """A fresh anvil, one block a transaction as it comes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--hardfork", "cancun", "--port", str(port), "--chain-id", str(CHAIN_ID), "--base-fee", "0"]
    process = subprocess.Popen([ANVIL, *options, "--gas-price", "0"], stdout=subprocess.DEVNULL)
    w3 = Web3(HTTPProvider(f"http://127.0.0.1:{port}"))
    try:
        patience = time.monotonic() + 20
        while not w3.is_connected():
            if time.monotonic() > patience:
                raise AssertionError("anvil does not answer")
            time.sleep(0.02)
        yield SlotWriter(w3, Account.create(), fee=0, chain_id=CHAIN_ID)
    finally:
        process.terminate()
        process.wait()
