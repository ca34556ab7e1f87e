"""A validator: checks a proposed block by running it, records, then signs the commit digest.

Decides to seal. Believes nothing the proposer says. Must never sign two digests at one
height: the seal record is on disk before the seal leaves, and it is written only after
the block proved right.
"""

from __future__ import annotations

from pathlib import Path

from devnet.block_check import BlockCheck
from devnet.chain_head import ChainHead, Grown
from devnet.execution import Executed
from devnet.header import QbftHeader
from devnet.keys import ValidatorKey
from devnet.peer_message import peer_refused
from devnet.proposal import Proposal
from devnet.seal_record import SealRecord
from devnet.seals import seal_digest
from kernel.sized_bytes import Address

__all__ = ["Validator"]


class Validator:
    """One operator's signer, beside the chain it follows."""

    def __init__(self, key: ValidatorKey, *, head: ChainHead, check: BlockCheck, directory: Path) -> None:
        """Open the seal record beside the key.

        Args:
            key: The operator's key.
            head: Where its chain grows.
            check: Proves proposals before they are sealed.
            directory: The operator's directory.
        """
        self._key = key
        self._head = head
        self._check = check
        self._record = SealRecord(directory / "sealed")

    @property
    def address(self) -> Address:
        """The validator's address."""
        return self._key.address

    def seal(self, proposal: Proposal) -> bytes:
        """Check, record durably, sign: in that order.

        Returns:
            65 bytes r‖s‖v over the commit digest.

        Raises:
            PeerRefusedError: ``behind`` or ``ahead`` of the proposal's height, or ``member``:
                this node is not in the set; nothing was sealed.
            ProposalRefusedError: The proposal is wrong; ``sealed_at`` tells whether one was sealed.
            DoubleSealError: Another block is already sealed at this height.
        """
        with self._head.turn:
            self._verify_height(proposal.number())
            return self.seal_executed(self._check.verify(proposal))

    def seal_executed(self, executed: Executed) -> bytes:
        """Record durably and sign a block that ran in this very process.

        Raises:
            DoubleSealError: Another block is already sealed at this height.
        """
        header = executed.header
        digest = header.commit_digest
        self._record.permit(height=header.block_number, round_=header.extra.round, digest=digest)
        return seal_digest(digest, self._key.secret)

    def sealed_at(self, height: int) -> bool:
        """Whether a seal may have left at this height or above."""
        return self._record.last is not None and self._record.last.height >= height

    def accept(self, sealed: QbftHeader) -> Grown:
        """Commit the block that was sealed here, now that a quorum did.

        Raises:
            PeerRefusedError: ``behind``: another block is needed first, or this one did not run here.
            SealsRefutedError: No quorum carries it.
        """
        with self._head.turn:
            passed = self._check.passed()
            if passed is None or passed.header.hash != sealed.hash or self._is_past(sealed):
                raise peer_refused("behind", "this block did not run here", "本节点尚未执行该区块")
            return self._head.grow(passed, sealed)

    def close(self) -> None:
        """Release the seal record."""
        self._record.close()

    def _is_past(self, sealed: QbftHeader) -> bool:
        return self._head.chain.head().hash != sealed.parent_hash

    def _verify_height(self, number: int) -> None:
        head = self._head.chain.head()
        if number <= head.block_number:
            raise peer_refused(
                "ahead", f"block {head.block_number} is sealed", f"区块 {head.block_number} 已封印"
            )
        if number > head.block_number + 1:
            raise peer_refused(
                "behind", f"only at block {head.block_number}", f"仅到区块 {head.block_number}"
            )
        if self.address not in self._head.chain.set_after(head.block_number).validators:
            raise peer_refused("member", "this node is not a validator now", "本节点当前不是验证人")
