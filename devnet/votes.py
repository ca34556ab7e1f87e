"""What this node's operator wishes about the validator set, and the ballots that carry it.

Decides which ballot is offered when. A wish is durable and stays, as in Besu, until it is
discarded: whenever the set is not as wished and this voter's word does not stand in the
tally, a fresh ballot is signed for the voter's present turn. The proposer keeps at most
one ballot for each voter, and one block carries at most one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import rlp

from devnet.ballot import Ballot, cast_ballot, verify_ballot, verify_vote_matters
from devnet.chain import Chain
from devnet.errors import BallotRefusedError
from devnet.keys import ValidatorKey
from devnet.store_lmdb import Table
from devnet.validator_set import EPOCH, SetState, Vote
from kernel.sized_bytes import Address

__all__ = ["BallotBox", "Wishes"]

WISHES_NOTE = b"wishes"


class Wishes:
    """One operator's wishes. Safe from any thread."""

    def __init__(self, chain: Chain, key: ValidatorKey) -> None:
        """Read the stored wishes."""
        self._chain = chain
        self._key = key
        self._lock = threading.Lock()
        encoded = chain.store.get(Table.NOTES, WISHES_NOTE)
        stored = rlp.decode(encoded) if encoded else []
        self._wished = {Address(candidate): flag == b"\x01" for candidate, flag in stored}

    def pending(self) -> Mapping[Address, bool]:
        """Candidate to ``True`` (add) or ``False`` (drop)."""
        with self._lock:
            return dict(self._wished)

    def wish(self, candidate: Address, *, add: bool) -> None:
        """Wish a change from now on.

        Raises:
            BallotRefusedError: It would change nothing, or end the chain.
            StoreFullError: Not stored, so not wished.
        """
        verify_vote_matters(
            candidate, add, state=self._state(), proposer=self._chain.genesis.proposer_address
        )
        with self._lock:
            self._store({**self._wished, candidate: add})

    def discard(self, candidate: Address) -> None:
        """Wish nothing about this candidate any more; a vote already in a header stays.

        Raises:
            StoreFullError: Not stored, so wished as before.
        """
        with self._lock:
            self._store({key: add for key, add in self._wished.items() if key != candidate})

    def due(self) -> Ballot | None:
        """A ballot to offer now, if a wish needs one and this node is a validator."""
        state = self._state()
        voter = self._key.address
        if voter not in state.validators:
            return None
        for candidate, add in self.pending().items():
            open_already = state.holds(Vote(voter=voter, candidate=candidate, add=add))
            if add is not (candidate in state.validators) and not open_already:
                return cast_ballot(
                    self._key.secret,
                    genesis_hash=self._chain.genesis.header().block_hash,
                    candidate=candidate,
                    add=add,
                    serial=state.turn(voter),
                )
        return None

    def _state(self) -> SetState:
        return self._chain.set_after(self._chain.head().block_number)

    def _store(self, wished: dict[Address, bool]) -> None:
        encoded = bytes(rlp.encode([[candidate, int(add)] for candidate, add in wished.items()]))
        self._chain.store.commit({Table.NOTES: {WISHES_NOTE: encoded}})
        self._wished = wished


class BallotBox:
    """Ballots that wait for a block, at the proposer. Safe from any thread."""

    def __init__(self, chain: Chain) -> None:
        """Hold ballots about this chain's set."""
        self._chain = chain
        self._lock = threading.Lock()
        self._by_voter: dict[Address, Ballot] = {}

    def put(self, ballot: Ballot) -> None:
        """Take a ballot; a later one of the same voter replaces it.

        Raises:
            BallotRefusedError: It is not good for the next block.
        """
        self._verify(ballot)
        with self._lock:
            self._by_voter[ballot.vote.voter] = ballot

    def next(self) -> Ballot | None:
        """A ballot that is good for the next block; those that are no longer are dropped."""
        if (self._chain.head().block_number + 1) % EPOCH == 0:
            return None
        with self._lock:
            for voter, ballot in list(self._by_voter.items()):
                try:
                    self._verify(ballot)
                except BallotRefusedError:
                    del self._by_voter[voter]
                else:
                    return ballot
        return None

    def _verify(self, ballot: Ballot) -> None:
        genesis = self._chain.genesis
        state = self._chain.set_after(self._chain.head().block_number)
        verify_ballot(ballot, genesis_hash=genesis.header().block_hash, state=state)
        verify_vote_matters(
            ballot.vote.candidate, ballot.vote.add, state=state, proposer=genesis.proposer_address
        )
