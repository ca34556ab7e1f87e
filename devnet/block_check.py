"""Proving a block right by running it: a proposal before sealing, a sealed block in catch-up.

Decides what a node believes of another's block: nothing but the bytes. Time, set, voter
and parent are compared with the own chain, the transactions are run again, and every
byte of the resulting header must be the same.
"""

from __future__ import annotations

import rlp
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from devnet.ballot import Ballot, verify_ballot, verify_vote_matters
from devnet.chain import Chain
from devnet.errors import BallotRefusedError
from devnet.execution import Executed, execute
from devnet.header import QbftHeader
from devnet.proposal import Proposal, proposal_refused
from devnet.validator_set import EPOCH, SetState, vote_of
from devnet.vm import QbftBlock, qbft_header
from kernel.clock import Clock
from kernel.sized_bytes import Address

__all__ = ["ALLOWED_SKEW_SECONDS", "BlockCheck"]

ALLOWED_SKEW_SECONDS = 2


class BlockCheck:
    """Runs others' blocks above the committed chain. Not for two threads at once."""

    def __init__(self, chain: Chain, clock: Clock) -> None:
        """Check against this chain; the clock bounds the future."""
        self._chain = chain
        self._clock = clock
        self._passed: tuple[Proposal, Executed] | None = None

    def verify(self, proposal: Proposal) -> Executed:
        """Prove a proposal right for the next height; the same one again costs nothing.

        Raises:
            ProposalRefusedError: Wrong parent, set, voter, time, rule or result.
        """
        if self._passed is None or self._passed[0] != proposal:
            block = proposal.block()
            self._verify_place(qbft_header(block.header), proposal.ballot)
            self._passed = (proposal, self.run(block))
        return self._passed[1]

    def passed(self) -> Executed | None:
        """The last proposal that proved right, as it ran."""
        return None if self._passed is None else self._passed[1]

    def run(self, block: QbftBlock) -> Executed:
        """Execute a block on the head and compare every header byte, seals aside.

        Raises:
            ProposalRefusedError: It does not follow the head, or gives another result.
        """
        wanted = qbft_header(block.header).sealed(())
        parent = self._chain.head()
        if wanted.parent_hash != parent.hash or wanted.timestamp <= parent.timestamp:
            raise proposal_refused("it does not follow the head")
        try:
            executed = execute(
                self._chain,
                block.transactions,
                timestamp=wanted.timestamp,
                coinbase=Address(wanted.coinbase),
                extra_data=wanted.extra_data,
            )
        except (ValidationError, BadSignature) as problem:
            raise proposal_refused(f"a rule is broken ({problem})") from problem
        if len(executed.block.transactions) != len(block.transactions):
            raise proposal_refused("it holds a transaction that cannot run, or more gas than a block has")
        if rlp.encode(executed.header) != rlp.encode(wanted):
            raise proposal_refused("executing it again gives another result")
        return executed

    def _verify_place(self, header: QbftHeader, ballot: bytes) -> None:
        head = self._chain.head()
        state = self._chain.set_after(head.block_number)
        extra = header.extra
        if extra.validators != state.validators or extra.seals or extra.round:
            raise proposal_refused("validators, round or seals in extraData are not as agreed")
        if header.timestamp > self._clock.now().timestamp() + ALLOWED_SKEW_SECONDS:
            raise proposal_refused("its time is in the future")
        self._verify_voter(header, ballot, state)

    def _verify_voter(self, header: QbftHeader, ballot: bytes, state: SetState) -> None:
        """Coinbase is the proposer, or who signed the ballot behind the vote (Besu names the voter)."""
        vote = vote_of(header)
        proposer = self._chain.genesis.proposer_address
        if vote is None:
            if Address(header.coinbase) != proposer or ballot:
                raise proposal_refused("it is not the proposer's block")
            return
        try:
            signed = Ballot.decode(ballot)
            verify_ballot(signed, genesis_hash=self._chain.genesis.header().block_hash, state=state)
            verify_vote_matters(vote.candidate, vote.add, state=state, proposer=proposer)
        except BallotRefusedError as problem:
            raise proposal_refused(problem.en) from problem
        if signed.vote != vote or header.block_number % EPOCH == 0:
            raise proposal_refused("the vote in the header is not the ballot's")
