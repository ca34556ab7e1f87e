"""Signed transactions that do nothing but count."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

SENDER: LocalAccount = Account.from_key("0x" + "5a" * 32)


def signed(nonce: int, **fields: Any) -> str:
    """A type-2 transaction of the test sender, as hex."""
    transaction = {"type": 2, "chainId": 20261, "nonce": nonce, "gas": 100_000, "value": 0}
    transaction |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "to": "0x" + "11" * 20, **fields}
    return "0x" + bytes(SENDER.sign_transaction(transaction).raw_transaction).hex()
