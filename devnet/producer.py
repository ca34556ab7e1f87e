"""The proposer: puts transactions into a block, has it sealed, commits it.

Decides order and contents of blocks. Steps, each durable before the next:

1. execute in memory and commit the unsealed proposal (intent before act);
2. ask every validator for its seal; each records first, then signs;
3. prove the quorum and commit the sealed block, its contents, its log index, and the
   removal of the proposal, in one store transaction.

After a crash the stored proposal is taken up unchanged: validators that have sealed it
seal the same digest again, so no height ever gets a second sealed block. Must never
report a block before step 3 returned.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from eth.abc import BlockAPI, ReceiptAPI, SignedTransactionAPI
from eth_utils.exceptions import ValidationError

from devnet.body import Body, body_key
from devnet.chain import Chain
from devnet.errors import ProposalRefusedError
from devnet.header import VANITY, ExtraData, QbftHeader
from devnet.log_index import index_entries
from devnet.seals import verify_seals
from devnet.store_lmdb import CommittedDB, ScratchDB, Table
from devnet.validator import Proposal, Validator
from devnet.vm import QbftChainDB, QbftVM, child_header, machine_at, qbft_header
from kernel.sized_bytes import Address, TransactionHash

__all__ = ["Produced", "Producer"]

PROPOSAL_NOTE = b"proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A committed block.

    Attributes:
        header: The sealed header.
        included: Hashes of its transactions.
        refused: Hashes of transactions no block will ever take in their present form.
    """

    header: QbftHeader
    included: tuple[TransactionHash, ...]
    refused: tuple[TransactionHash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Executed:
    block: BlockAPI
    receipts: tuple[ReceiptAPI, ...]
    refused: tuple[SignedTransactionAPI, ...]
    scratch: ScratchDB


class Producer:
    """Builds one block after the other on the committed head. Not for two threads at once."""

    def __init__(self, chain: Chain, validators: Sequence[Validator], *, budget_seconds: float = 0.8) -> None:
        """Propose for these validators.

        Args:
            chain: The committed chain.
            validators: Ascending by address; all are asked for a seal.
            budget_seconds: Execution time after which a block takes no more transactions.
        """
        self._chain = chain
        self._validators = tuple(validators)
        self._budget = budget_seconds

    def resume(self) -> Produced | None:
        """Finish the proposal a crash left behind, if there is one.

        Raises:
            ProposalRefusedError: It no longer executes to the same header.
        """
        encoded = self._chain.store.get(Table.NOTES, PROPOSAL_NOTE)
        if encoded is None:
            return None
        left = Proposal.decode(encoded)
        block = left.block()
        executed = self._execute(qbft_header(block.header), block.transactions, deadline=None)
        if Proposal.of(executed.block) != left:
            raise ProposalRefusedError(
                "the unfinished block in the store executes differently now; run the version that wrote it",
                "区块库中未完成的区块重新执行后结果不同；请使用写入该区块的软件版本",
            )
        return self._finish(executed, left)

    def produce(self, transactions: Sequence[SignedTransactionAPI], *, timestamp: int) -> Produced:
        """Seal and commit the next block.

        Args:
            transactions: In the order wanted; may be empty.
            timestamp: Unix seconds, above the head's, not ahead of the clock.

        Raises:
            StoreFullError: Nothing was committed.
            ProposalRefusedError: A validator disagrees; a fault of this software.
        """
        parent = self._chain.head()
        height = parent.block_number + 1
        proposer = self._validators[height % len(self._validators)].address
        extra = ExtraData(
            vanity=VANITY, validators=self._chain.genesis.validators, vote=(), round=0, seals=()
        )
        empty = child_header(parent, timestamp=timestamp, coinbase=proposer, extra_data=extra.encode())
        executed = self._execute(empty, transactions, deadline=time.monotonic() + self._budget)
        proposal = Proposal.of(executed.block)
        self._chain.store.commit({Table.NOTES: {PROPOSAL_NOTE: proposal.encode()}})
        return self._finish(executed, proposal)

    def _execute(
        self, like: QbftHeader, transactions: Sequence[SignedTransactionAPI], *, deadline: float | None
    ) -> _Executed:
        """Run transactions on the head under time, proposer and extraData of ``like``."""
        scratch = ScratchDB(CommittedDB(self._chain.store))
        chaindb = QbftChainDB(scratch.atomic())
        empty = child_header(
            qbft_header(chaindb.get_canonical_head()),
            timestamp=like.timestamp,
            coinbase=Address(like.coinbase),
            extra_data=like.extra_data,
        )
        machine = machine_at(empty, chaindb, chain_id=self._chain.genesis.chain_id)
        filled = _fill(machine, empty, transactions, deadline)
        header, taken, receipts, refused = filled
        block = machine.set_block_transactions_and_withdrawals(
            machine.get_block(), header, taken, receipts, withdrawals=()
        )
        final = machine.finalize_block(block).block
        return _Executed(block=final, receipts=receipts, refused=refused, scratch=scratch)

    def _finish(self, executed: _Executed, proposal: Proposal) -> Produced:
        seals = tuple(validator.seal(proposal) for validator in self._validators)
        header = qbft_header(executed.block.header).sealed(seals)
        verify_seals(header, self._chain.genesis.validators)
        self._commit(executed, header)
        return Produced(
            header=header,
            included=tuple(TransactionHash(item.hash) for item in executed.block.transactions),
            refused=tuple(TransactionHash(item.hash) for item in executed.refused),
        )

    def _commit(self, executed: _Executed, header: QbftHeader) -> None:
        block = executed.block.copy(header=header)
        QbftChainDB(executed.scratch.atomic()).persist_block(block)
        body = Body.of(block.transactions, executed.receipts)
        number = header.block_number
        self._chain.store.commit(
            {
                Table.CHAIN: executed.scratch.writes,
                Table.BODIES: {body_key(number): body.encode()},
                Table.LOGS: index_entries(number, executed.receipts),
                Table.NOTES: {PROPOSAL_NOTE: None},
            }
        )


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
