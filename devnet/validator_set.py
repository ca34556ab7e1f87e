"""Who may seal after each block: Besu's vote tally, kept beside the chain.

Decides the set of every height from headers alone (reference chain.md §6.7; Besu's
``VoteTally`` and ``VoteTallyUpdater``): a candidate is added or dropped from the next
block on, as soon as more than half of the present validators have said so; the votes
about it, and the votes *by* a dropped validator, are then forgotten. Every ``EPOCH``
blocks all open votes are forgotten; such a block carries no vote.

One departure: Besu's running node forgets only the votes to add at an epoch, a restarted
one forgets both. Here both go, so that every node has the same tally.

``turns`` counts the votes each address ever had in headers. It is the serial number that
a ballot must bear, so that no ballot serves twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import rlp

from devnet.header import QbftHeader
from kernel.sized_bytes import Address

__all__ = ["EPOCH", "SetState", "Vote", "vote_of"]

EPOCH = 30_000
_ADD, _DROP = b"\xff", b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One validator's word about a candidate: add it (``True``) or drop it."""

    voter: Address
    candidate: Address
    add: bool

    def extra_items(self) -> tuple[bytes, ...]:
        """The vote as it stands in extraData; the voter is the header's coinbase."""
        return (self.candidate, _ADD if self.add else _DROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """The set valid for the next block, and the votes that have not changed it yet.

    Attributes:
        validators: Ascending.
        open_votes: (candidate, voter) to ``True`` (add) or ``False`` (drop).
        turns: Votes each address has had in headers.
    """

    validators: tuple[Address, ...]
    open_votes: Mapping[tuple[Address, Address], bool] = field(default_factory=dict)
    turns: Mapping[Address, int] = field(default_factory=dict)

    def after(self, header: QbftHeader) -> Self:
        """The state after this block."""
        if header.block_number % EPOCH == 0:
            return replace(self, open_votes={}) if self.open_votes else self
        vote = vote_of(header)
        return self if vote is None else self._counted(vote)

    def holds(self, vote: Vote) -> bool:
        """Whether this voter's word about the candidate already stands like this."""
        return self.open_votes.get((vote.candidate, vote.voter)) is vote.add

    def turn(self, voter: Address) -> int:
        """Serial number of the voter's next ballot."""
        return self.turns.get(voter, 0)

    def _counted(self, vote: Vote) -> Self:
        votes = {**self.open_votes, (vote.candidate, vote.voter): vote.add}
        agreeing = sum(
            1 for (candidate, _), add in votes.items() if candidate == vote.candidate and add is vote.add
        )
        turns = {**self.turns, vote.voter: self.turn(vote.voter) + 1}
        if agreeing < len(self.validators) // 2 + 1:
            return replace(self, open_votes=votes, turns=turns)
        gone = () if vote.add else (vote.candidate,)
        members = {*self.validators, vote.candidate} if vote.add else {*self.validators} - {vote.candidate}
        left = {
            (candidate, voter): add
            for (candidate, voter), add in votes.items()
            if candidate != vote.candidate and voter not in gone
        }
        return replace(self, validators=tuple(sorted(members)), open_votes=left, turns=turns)

    def encode(self) -> bytes:
        """RLP of validators, open votes and turns."""
        votes = [[*key, _ADD if add else _DROP] for key, add in sorted(self.open_votes.items())]
        turns = [[voter, count] for voter, count in sorted(self.turns.items())]
        return bytes(rlp.encode([list(self.validators), votes, turns]))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote."""
        validators, votes, turns = rlp.decode(encoded)
        return cls(
            validators=tuple(Address(item) for item in validators),
            open_votes={(Address(item[0]), Address(item[1])): item[2] == _ADD for item in votes},
            turns={Address(item[0]): int.from_bytes(item[1]) for item in turns},
        )


def vote_of(header: QbftHeader) -> Vote | None:
    """The vote a header carries, by its coinbase.

    Raises:
        BrokenHeaderError: extraData is not canonical.
    """
    carried = header.extra.vote
    if not carried:
        return None
    return Vote(voter=Address(header.coinbase), candidate=Address(carried[0]), add=carried[1] == _ADD)
