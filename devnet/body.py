"""A block's transactions, receipts and senders as one stored value.

Decides how the store answers RPC without walking tries: one read per block. The tries
themselves stay in py-evm's tables and are the truth for proofs; this is their copy,
written in the same commit.

Encoding: RLP of three lists of byte strings (transaction, receipt, 20-byte sender),
all of one length, in block order. Transactions and receipts in canonical EIP-2718 form.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import rlp
from eth.abc import ReceiptAPI, SignedTransactionAPI

from devnet.vm import QbftBlock
from kernel.sized_bytes import Address

__all__ = ["Body", "body_key"]


@dataclass(frozen=True, kw_only=True)  # no slots: log_starts is kept
class Body:
    """Everything in a block beside its header."""

    transactions: tuple[bytes, ...]
    receipts: tuple[bytes, ...]
    senders: tuple[Address, ...]

    @classmethod
    def of(cls, transactions: Sequence[SignedTransactionAPI], receipts: Sequence[ReceiptAPI]) -> Self:
        """Encode an executed block's contents."""
        return cls(
            transactions=tuple(bytes(item.encode()) for item in transactions),
            receipts=tuple(bytes(item.encode()) for item in receipts),
            senders=tuple(Address(item.sender) for item in transactions),
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote."""
        transactions, receipts, senders = rlp.decode(encoded)
        return cls(
            transactions=tuple(transactions),
            receipts=tuple(receipts),
            senders=tuple(Address(sender) for sender in senders),
        )

    def encode(self) -> bytes:
        """RLP of the three lists."""
        return bytes(rlp.encode([list(self.transactions), list(self.receipts), list(self.senders)]))

    def transaction(self, index: int) -> SignedTransactionAPI:
        """The decoded transaction at a position."""
        return QbftBlock.get_transaction_builder().decode(self.transactions[index])

    def receipt(self, index: int) -> ReceiptAPI:
        """The decoded receipt at a position; its ``gas_used`` is cumulative."""
        return QbftBlock.get_receipt_builder().decode(self.receipts[index])

    @functools.cached_property
    def log_starts(self) -> tuple[int, ...]:
        """For each receipt, how many logs the block has before it."""
        counts = (len(self.receipt(index).logs) for index in range(len(self.receipts)))
        return tuple(itertools.accumulate(counts, initial=0))[:-1]

    def gas_used(self, index: int) -> int:
        """Gas of one transaction alone."""
        before = self.receipt(index - 1).gas_used if index else 0
        return int(self.receipt(index).gas_used) - int(before)


def body_key(number: int) -> bytes:
    """Key in ``Table.BODIES``: the block number, 8 bytes big-endian."""
    return number.to_bytes(8)
