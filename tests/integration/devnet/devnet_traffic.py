"""A client that keeps sending numbered transactions while nodes come and go.

Number n is the transaction with nonce n: the same bytes are sent to one node after another until
some node gives a receipt. What was told is remembered; it must never be untold.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from eth_utils import to_checksum_address

__all__ = ["SENDER", "Traffic", "signed", "stray"]

SENDER: LocalAccount = Account.from_key("0x" + "5d" * 32)
MOST_IN_FLIGHT = 6
RESEND_SECONDS = 2.0
ANSWER_SECONDS = 1.5


def signed(nonce: int, **fields: Any) -> str:
    transaction = {"type": 2, "chainId": 20261, "nonce": nonce, "gas": 900_000, "value": 0}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, **fields}
    return "0x" + bytes(SENDER.sign_transaction(transaction).raw_transaction).hex()


def stray() -> str:
    """A transaction of somebody else, who does not wait for it."""
    transaction = {"type": 2, "chainId": 20261, "nonce": 0, "gas": 21_000, "value": 0, "to": "0x" + "11" * 20}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    return "0x" + bytes(Account.create().sign_transaction(transaction).raw_transaction).hex()


class Traffic(threading.Thread):
    """The sending thread; ``contract`` takes ``write(number, number)``."""

    def __init__(self, urls: Callable[[], Sequence[str]], *, contract: str, first: int) -> None:
        """Send to these nodes, starting with this number."""
        super().__init__(daemon=True)
        self.told: dict[str, Any] = {}
        self.numbers: list[int] = []
        self._urls = urls
        self._contract = to_checksum_address(contract)
        self._next = first
        self._turn = 0
        self._waiting: dict[int, tuple[str, str, float]] = {}
        self._ending = threading.Event()
        self._progress = threading.Condition()

    def run(self) -> None:
        """Send, ask, send again until told to end."""
        while not self._ending.wait(0.05):
            while len(self._waiting) < MOST_IN_FLIGHT:
                self._begin()
            for number in tuple(self._waiting):
                self._look(number)

    def end(self) -> None:
        """Stop sending; what is still in flight stays untold."""
        self._ending.set()
        self.join()

    def wait_for(self, more: int, *, seconds: float) -> None:
        """Wait until so many further transactions were told; the test fails when they are not."""
        with self._progress:
            goal = len(self.told) + more
            if not self._progress.wait_for(lambda: len(self.told) >= goal, seconds):
                raise AssertionError(f"{len(self.told)} of {goal} transactions were mined in {seconds} s")

    def _begin(self) -> None:
        number, self._next = self._next, self._next + 1
        words = keccak(b"write(uint256,uint256)")[:4] + number.to_bytes(32) + (number + 1).to_bytes(32)
        raw = signed(number, to=self._contract, data=words)
        self._waiting[number] = (raw, "0x" + bytes(keccak(bytes.fromhex(raw[2:]))).hex(), 0.0)

    def _look(self, number: int) -> None:
        raw, name, sent = self._waiting[number]
        if time.monotonic() - sent > RESEND_SECONDS:
            self._waiting[number] = (raw, name, time.monotonic())
            self._ask("eth_sendRawTransaction", raw)
            return
        receipt = self._ask("eth_getTransactionReceipt", name)
        if receipt is None:
            return
        del self._waiting[number]
        with self._progress:
            self.told[name] = receipt
            self.numbers.append(number)
            self._progress.notify_all()

    def _ask(self, name: str, *params: Any) -> Any:
        """The result from the node whose turn it is; ``None`` when it refuses or is away."""
        urls = self._urls()
        if not urls:
            return None
        url = urls[self._turn % len(urls)]
        content = json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}).encode()
        request = urllib.request.Request(url, content, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return json.loads(answer.read()).get("result")
        except (OSError, http.client.HTTPException):
            self._turn += 1
            return None
