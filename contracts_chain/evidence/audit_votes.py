"""Who may seal the next block, when validators vote each other in and out in headers.

Besu's block-header mode (reference chain §6.7): a block's vote counts for its coinbase; one
standing vote a voter and candidate, the newest; more than half of the present set decides,
from the next block on. A decision clears the votes about the candidate, a removal also
those the candidate cast. A block at a multiple of the epoch clears all votes and casts none.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts_chain.ledger.header import BlockHeader
from kernel.sized_bytes import Address

__all__ = ["EPOCH", "Vote", "VoteTally"]

EPOCH = 30_000
"""Blocks after which votes start anew; Besu's default, and the devnet's."""

Vote = tuple[Address, Address, bool]
"""Voter, candidate, and whether to add."""


class VoteTally:
    """The set after the blocks counted so far."""

    def __init__(self, validators: Iterable[Address], votes: Iterable[Vote] = ()) -> None:
        """Start with a set and the votes still standing."""
        self._validators = set(validators)
        self._votes = {(voter, candidate): flag for voter, candidate, flag in votes}

    @property
    def validators(self) -> tuple[Address, ...]:
        """Ascending, as the next header lists them."""
        return tuple(sorted(self._validators))

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Standing votes, in a fixed order."""
        return tuple((voter, candidate, flag) for (voter, candidate), flag in sorted(self._votes.items()))

    def count(self, header: BlockHeader) -> bool:
        """Count one sealed block's vote; tell whether the set changed."""
        if header.number % EPOCH == 0:
            self._votes.clear()
            return False
        vote = header.extra().vote
        if vote is None:
            return False
        candidate, flag = vote
        self._votes[header.coinbase, candidate] = flag
        for_it = sum(1 for (_, about), cast in self._votes.items() if about == candidate and cast is flag)
        return for_it > len(self._validators) // 2 and self._decide(candidate, add=flag)

    def _decide(self, candidate: Address, *, add: bool) -> bool:
        changed = (candidate in self._validators) is not add
        if add:
            self._validators.add(candidate)
        else:
            self._validators.discard(candidate)
        self._votes = {
            (voter, about): flag
            for (voter, about), flag in self._votes.items()
            if about != candidate and (add or voter != candidate)
        }
        return changed
