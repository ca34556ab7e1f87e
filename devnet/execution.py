"""Running a block's transactions above the committed head, and what must be kept of it.

Decides that proposer and validator run the very same code: a header is a function of its
parent, time, coinbase, extraData and transactions, and nothing else. Results live in
memory until ``committed_changes`` turns them into one store transaction. Never writes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eth.abc import BlockAPI, ReceiptAPI, SignedTransactionAPI
from eth_utils.exceptions import ValidationError

from devnet.body import Body, body_key
from devnet.chain import PROPOSAL_NOTE, Chain, set_entry
from devnet.header import QbftHeader
from devnet.log_index import index_entries
from devnet.store_lmdb import CommittedDB, ScratchDB, Table
from devnet.vm import QbftChainDB, QbftVM, child_header, machine_at, qbft_header
from kernel.sized_bytes import Address

__all__ = ["Executed", "committed_changes", "execute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """A block that ran, with everything it writes.

    Attributes:
        block: Complete but for seals.
        receipts: In block order.
        refused: Transactions no block will ever take in their present form; not in the block.
        scratch: State and tables written, in memory.
        seconds: How long it ran here.
    """

    block: BlockAPI
    receipts: tuple[ReceiptAPI, ...]
    refused: tuple[SignedTransactionAPI, ...]
    scratch: ScratchDB
    seconds: float

    @property
    def header(self) -> QbftHeader:
        """The header without seals."""
        return qbft_header(self.block.header)


def execute(
    chain: Chain,
    transactions: Sequence[SignedTransactionAPI],
    *,
    timestamp: int,
    coinbase: Address,
    extra_data: bytes,
    deadline: float | None = None,
) -> Executed:
    """Run transactions on the head.

    Args:
        chain: The committed chain.
        transactions: In the order wanted.
        timestamp: Unix seconds.
        coinbase: Proposer, or the voter of a block that carries a vote.
        extra_data: Encoded, without seals.
        deadline: ``time.monotonic`` after which no further transaction is taken.
    """
    begun = time.monotonic()
    scratch = ScratchDB(CommittedDB(chain.store))
    chaindb = QbftChainDB(scratch.atomic())
    empty = child_header(chain.head(), timestamp=timestamp, coinbase=coinbase, extra_data=extra_data)
    machine = machine_at(empty, chaindb, chain_id=chain.genesis.chain_id)
    header, taken, receipts, refused = _fill(machine, empty, transactions, deadline)
    block = machine.set_block_transactions_and_withdrawals(
        machine.get_block(), header, taken, receipts, withdrawals=()
    )
    final = machine.finalize_block(block).block
    seconds = time.monotonic() - begun
    return Executed(block=final, receipts=receipts, refused=refused, scratch=scratch, seconds=seconds)


def committed_changes(
    chain: Chain, executed: Executed, sealed: QbftHeader
) -> Mapping[Table, Mapping[bytes, bytes | None]]:
    """Everything a sealed block writes, for one store transaction.

    The set of the next height is part of it, and so is the end of the stored proposal.
    """
    block = executed.block.copy(header=sealed)
    QbftChainDB(executed.scratch.atomic()).persist_block(block)
    number = sealed.block_number
    return {
        Table.CHAIN: executed.scratch.writes,
        Table.BODIES: {body_key(number): Body.of(block.transactions, executed.receipts).encode()},
        Table.LOGS: index_entries(number, executed.receipts),
        Table.SETS: dict(_set_change(chain, sealed)),
        Table.NOTES: {PROPOSAL_NOTE: None},
    }


def _set_change(chain: Chain, sealed: QbftHeader) -> Iterator[tuple[bytes, bytes]]:
    before = chain.set_after(sealed.block_number - 1)
    after = before.after(sealed)
    if after != before:
        yield set_entry(sealed.block_number, after)


def _fill(
    machine: QbftVM, header: QbftHeader, transactions: Sequence[SignedTransactionAPI], deadline: float | None
) -> tuple[
    QbftHeader,
    tuple[SignedTransactionAPI, ...],
    tuple[ReceiptAPI, ...],
    tuple[SignedTransactionAPI, ...],
]:
    """Apply transactions until gas or time runs out.

    Returns:
        Header with gas and bloom, transactions taken, their receipts, transactions refused.
        Those that merely found no room are in neither list.
    """
    taken: list[SignedTransactionAPI] = []
    receipts: list[ReceiptAPI] = []
    refused: list[SignedTransactionAPI] = []
    for transaction in transactions:
        out_of_time = deadline is not None and bool(taken) and time.monotonic() > deadline
        if out_of_time or header.gas_used + transaction.gas > header.gas_limit:
            break
        try:
            receipt, _ = machine.apply_transaction(header, transaction)
        except ValidationError:
            refused.append(transaction)  # state is untouched: validation comes before any change
            continue
        header = qbft_header(machine.add_receipt_to_header(header, receipt))
        taken.append(transaction)
        receipts.append(receipt)
    return header, tuple(taken), tuple(receipts), tuple(refused)
