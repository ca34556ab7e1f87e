"""The proposer: puts transactions into a block, has it sealed, commits it.

Decides order and contents of blocks. Steps, each durable before the next:

1. execute in memory and commit the unsealed proposal (intent before act);
2. ask the other validators for their seals, in parallel; each runs the block, records,
   then signs. With fewer than a quorum, ask again: the proposal stays, nothing is lost;
3. seal it here, last, recorded like any seal;
4. prove the quorum and commit the sealed block, its contents, its log index, the set of
   the next height, and the removal of the proposal, in one store transaction;
5. tell the others. They hold the block already and need its header only.

After a crash the stored proposal is taken up unchanged: validators that have sealed it
seal the same digest again, so no height ever gets a second sealed block. A proposal is
given up in one case: this node has not sealed it, and so many others refuse it without
having sealed at its height that, with this node, they are a quorum. Then the old block
can never be sealed, and a new one can. That is how a block stamped by a clock that ran
ahead does not stop the chain. Must never report a block before step 4 returned.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import rlp
from eth.abc import SignedTransactionAPI

from devnet.ballot import Ballot
from devnet.chain import PROPOSAL_NOTE
from devnet.chain_head import ChainHead
from devnet.errors import PeerRefusedError, ProposalRefusedError, StoppedError, WithdrawnError
from devnet.execution import Executed, execute
from devnet.header import VANITY, ExtraData, QbftHeader
from devnet.proposal import Proposal
from devnet.seal_round import Colleagues
from devnet.seals import quorum
from devnet.store_lmdb import Table
from devnet.validator import Validator
from devnet.vm import qbft_header
from kernel.sized_bytes import Address, TransactionHash

__all__ = ["Produced", "Producer"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_PATIENCE_SECONDS, _PATIENCE_FACTOR = 2.0, 6.0
_log = logging.getLogger("devnet.producer")


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


class Producer:
    """Builds one block after the other on the committed head. Not for two threads at once."""

    def __init__(
        self, head: ChainHead, validator: Validator, colleagues: Colleagues, *, budget_seconds: float = 0.8
    ) -> None:
        """Propose with the others.

        Args:
            head: Where the chain grows.
            validator: This node's own.
            colleagues: All others.
            budget_seconds: Execution time after which a block takes no more transactions.
        """
        self._head = head
        self._chain = head.chain
        self._validator = validator
        self._colleagues = colleagues
        self._budget = budget_seconds
        self._stopping = threading.Event()
        self._said = ""

    def stop(self) -> None:
        """Stop waiting for seals; a stored proposal is taken up by the next start."""
        self._stopping.set()

    def resume(self) -> Produced | None:
        """Finish the proposal that a stop or crash left behind, if there is one.

        Raises:
            ProposalRefusedError: It no longer executes to the same header.
            StoppedError: Stopped while waiting for seals.
            WithdrawnError: It was given up.
            StoreFullError: Nothing was committed.
        """
        encoded = self._chain.store.get(Table.NOTES, PROPOSAL_NOTE)
        if encoded is None:
            return None
        left = Proposal.decode(encoded)
        block = left.block()
        like = qbft_header(block.header)
        if like.parent_hash != self._chain.head().hash:
            self._chain.store.commit({Table.NOTES: {PROPOSAL_NOTE: None}})
            return None  # a block of that height came from the others meanwhile
        executed = execute(
            self._chain,
            block.transactions,
            timestamp=like.timestamp,
            coinbase=Address(like.coinbase),
            extra_data=like.extra_data,
        )
        if Proposal.of(executed.block, ballot=left.ballot) != left:
            raise ProposalRefusedError(
                "the unfinished block in the store executes differently now; run the version that wrote it",
                "区块库中未完成的区块重新执行后结果不同；请使用写入该区块的软件版本",
            )
        return self._finish(executed, left)

    def produce(
        self, transactions: Sequence[SignedTransactionAPI], *, timestamp: int, ballot: Ballot | None = None
    ) -> Produced:
        """Seal and commit the next block.

        Args:
            transactions: In the order wanted; may be empty.
            timestamp: Unix seconds, above the head's, not ahead of the clock.
            ballot: A proven ballot whose vote the block carries.

        Raises:
            WithdrawnError: The proposal was given up; its transactions are as they were.
            StoreFullError: Nothing was committed.
            StoppedError: Stopped while waiting for seals; the proposal stays.
        """
        with self._head.turn:
            executed = execute(
                self._chain,
                transactions,
                timestamp=timestamp,
                coinbase=self._validator.address if ballot is None else ballot.vote.voter,
                extra_data=self._extra_data(ballot),
                deadline=time.monotonic() + self._budget,
            )
            proposal = Proposal.of(executed.block, ballot=b"" if ballot is None else ballot.encode())
            self._chain.store.commit({Table.NOTES: {PROPOSAL_NOTE: proposal.encode()}})
        return self._finish(executed, proposal)

    def _extra_data(self, ballot: Ballot | None) -> bytes:
        extra = ExtraData(
            vanity=VANITY,
            validators=self._chain.set_after(self._chain.head().block_number).validators,
            vote=() if ballot is None else ballot.vote.extra_items(),
            round=0,
            seals=(),
        )
        return extra.encode()

    def _finish(self, executed: Executed, proposal: Proposal) -> Produced:
        header = executed.header
        members = header.extra.validators
        seals: dict[Address, bytes] = {}
        pause = _FIRST_PAUSE
        while True:
            gathered = self._colleagues.gather(
                proposal.encode(),
                header.commit_digest,
                asked={*members} - {self._validator.address} - {*seals},
                enough=quorum(len(members)) - 1 - len(seals),
                seconds=_PATIENCE_SECONDS + _PATIENCE_FACTOR * executed.seconds,
            )
            seals |= gathered.seals
            if len(seals) + 1 >= quorum(len(members)):
                return self._commit(executed, tuple(seals.values()))
            refused = [item for item in gathered.refusals.values() if item.word == ProposalRefusedError.code]
            self._say_why(header, gathered.refusals)
            if len(refused) + 1 >= quorum(len(members)) and not self._validator.sealed_at(
                header.block_number
            ):
                raise self._withdrawn(header, "a quorum refuses it")
            if self._chain.head().hash != header.parent_hash:
                raise self._withdrawn(header, "another block is sealed at its height")
            if self._stopping.wait(pause):
                raise StoppedError(
                    "stopped while a block waits for seals", "停止时有区块正等待封印，重启后继续"
                )
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _commit(self, executed: Executed, others: tuple[bytes, ...]) -> Produced:
        with self._head.turn:
            if self._chain.head().hash != executed.header.parent_hash:
                raise self._withdrawn(executed.header, "another block is sealed at its height")
            own = self._validator.seal_executed(executed)
            sealed = executed.header.sealed((own, *others))
            grown = self._head.grow(executed, sealed)
        self._said = ""
        self._colleagues.announce(bytes(rlp.encode(sealed)))
        return Produced(
            header=sealed,
            included=grown.included,
            refused=tuple(TransactionHash(item.hash) for item in executed.refused),
        )

    def _withdrawn(self, header: QbftHeader, why: str) -> WithdrawnError:
        self._chain.store.commit({Table.NOTES: {PROPOSAL_NOTE: None}})
        return WithdrawnError(
            f"the proposal for block {header.block_number} is given up: {why}; its transactions wait on",
            f"第 {header.block_number} 号区块的提案已撤回，其中交易继续等待；请核对各节点的时钟与日志",
        )

    def _say_why(self, header: QbftHeader, refusals: Mapping[Address, PeerRefusedError]) -> None:
        """Warn once for each new reason, not once a second."""
        reasons = sorted({refusal.en for refusal in refusals.values()}) or ["the others do not answer"]
        said = f"block {header.block_number} waits for a quorum: {'; '.join(reasons)}"
        if said != self._said:
            _log.warning("%s", said)
            self._said = said
