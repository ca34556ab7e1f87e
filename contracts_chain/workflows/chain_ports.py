"""What the pipeline to the chain needs of storage and of other places, as protocols.

Every repository method runs inside the unit of work's transaction, as those of ``ports`` do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.workflows.dossier import (
    Alarm,
    CheckpointFile,
    CrossAnchorFile,
    StatusChangeFile,
    TransactionFile,
    TwinAnchorFile,
)
from kernel.sized_bytes import BlockHash, LeafHash

__all__ = [
    "AlarmRepository",
    "ChainRepositories",
    "CheckpointRepository",
    "Covered",
    "CrossAnchorPlace",
    "CrossAnchorRepository",
    "StatusChangeRepository",
    "TransactionRepository",
    "TwinAnchorRepository",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """An agreement or invoice whose evidence an anchor has moved on, and where it stood before."""

    subject: str
    before: EvidenceState


class CheckpointRepository(Protocol):
    """Checkpoints by sequence, from 1."""

    def newest(self) -> CheckpointFile | None:
        """The last one closed."""
        ...

    def load(self, sequence: int) -> CheckpointFile:
        """The one of this sequence.

        Raises:
            KeyError: None; a fault of the caller.
        """
        ...

    def add(self, checkpoint: CheckpointFile) -> None:
        """Insert a newly closed checkpoint."""
        ...

    def save(self, checkpoint: CheckpointFile) -> None:
        """Store state, note and proof; size and root never change."""
        ...

    def unfinished(self) -> tuple[CheckpointFile, ...]:
        """All that are not final, lowest sequence first."""
        ...

    def newest_final(self) -> CheckpointFile | None:
        """The last one whose proofs are captured: the registry's head while nothing is in flight."""
        ...

    def covering(self, index: int) -> CheckpointFile | None:
        """The first final checkpoint whose size exceeds this leaf index."""
        ...

    def since(self, sequence: int) -> tuple[CheckpointFile, ...]:
        """All from this sequence on, lowest first."""
        ...

    def all(self) -> tuple[CheckpointFile, ...]:
        """All, lowest sequence first."""
        ...

    def mark_covered(self, first: int, size: int, state: EvidenceState) -> tuple[Covered, ...]:
        """Move agreements and invoices on whose newest leaf is one of ``first`` … ``size`` - 1.

        Returns those that moved. The cost follows the leaves in between, not the log: each
        checkpoint marks what it added.
        """
        ...


class TransactionRepository(Protocol):
    """Transactions of the anchoring account by nonce: the one owner of nonces."""

    def lock(self) -> None:
        """Hold the account: nobody signs or moves a transaction until this one ends."""
        ...

    def newest(self) -> TransactionFile | None:
        """Highest nonce."""
        ...

    def newest_of(self, kind: str, ref: int) -> TransactionFile | None:
        """Highest nonce that was spent on this."""
        ...

    def in_flight(self) -> TransactionFile | None:
        """The one that is neither final nor failed; there is never a second."""
        ...

    def load(self, nonce: int) -> TransactionFile:
        """The one of this nonce.

        Raises:
            KeyError: None; a fault of the caller.
        """
        ...

    def add(self, transaction: TransactionFile) -> None:
        """Insert a newly signed one; nonce and hash are each unique."""
        ...

    def save(self, transaction: TransactionFile) -> None:
        """Store state, reason, block and gas; what was signed never changes."""
        ...

    def all(self) -> tuple[TransactionFile, ...]:
        """All, lowest nonce first."""
        ...


class StatusChangeRepository(Protocol):
    """Status words asked for, in the order they were asked for."""

    def add(self, change: StatusChangeFile) -> None:
        """Insert under the next id."""
        ...

    def waiting(self, most: int) -> tuple[StatusChangeFile, ...]:
        """Oldest changes not in a batch yet."""
        ...

    def save(self, change: StatusChangeFile) -> None:
        """Store state, nonce and attempts; the change itself stays."""
        ...

    def of_batch(self, nonce: int) -> tuple[StatusChangeFile, ...]:
        """The changes that a transaction carries, in order."""
        ...

    def of_agreement(self, number: str) -> tuple[StatusChangeFile, ...]:
        """All of one agreement, in order."""
        ...

    def place(self, leaf: LeafHash) -> int | None:
        """Index of a leaf in the log, if it is in order."""
        ...

    def executed(self, *, final: bool, most: int) -> tuple[str, ...]:
        """Numbers of agreements that are executed and whose term is not scheduled yet.

        Args:
            final: With evidence that is final, or with evidence still under way.
            most: How many at most.
        """
        ...


class TwinAnchorRepository(Protocol):
    """Renewals of the log under the second digest."""

    def add(self, twin: TwinAnchorFile) -> TwinAnchorFile:
        """Insert under the next id and return it with it."""
        ...

    def save(self, twin: TwinAnchorFile) -> None:
        """Store state, checkpoint, root and proof."""
        ...

    def load(self, twin: int) -> TwinAnchorFile:
        """The one of this id.

        Raises:
            KeyError: None; a fault of the caller.
        """
        ...

    def unfinished(self) -> TwinAnchorFile | None:
        """The renewal under way, if any."""
        ...

    def newest_final(self) -> TwinAnchorFile | None:
        """The last one whose proof is captured."""
        ...

    def covering(self, index: int) -> TwinAnchorFile | None:
        """The first final twin whose size exceeds this leaf index."""
        ...


class CrossAnchorRepository(Protocol):
    """Deposits of header hashes by place and hash."""

    def open(self, intended: CrossAnchorFile) -> CrossAnchorFile:
        """Insert, or return the one that stands for this place and header already."""
        ...

    def save(self, deposited: CrossAnchorFile) -> None:
        """Store when it was deposited and the place's proof."""
        ...

    def newest(self, place: str) -> CrossAnchorFile | None:
        """The last one intended for a place."""
        ...

    def pending(self) -> tuple[CrossAnchorFile, ...]:
        """All without a proof, oldest first."""
        ...

    def covering(self, index: int) -> tuple[CrossAnchorFile, ...]:
        """For each place its first deposited header above this leaf index."""
        ...

    def covered_size(self) -> int:
        """Leaves under the newest header that is deposited somewhere; 0 before the first."""
        ...


class AlarmRepository(Protocol):
    """Alarms, each standing once by code and subject until a person clears it up."""

    def raise_once(self, alarm: Alarm) -> bool:
        """Keep it; false if it stands already."""
        ...

    def clear(self, code: str, subject: str, *, by: str, at: datetime) -> bool:
        """Note who cleared it up and when; false if no such alarm stands."""
        ...

    def all(self) -> tuple[Alarm, ...]:
        """All that stand, oldest first."""
        ...


class CrossAnchorPlace(Protocol):
    """A second place that takes the hash of a sealed header and gives a proof of it."""

    @property
    def name(self) -> str:
        """As reports print it; part of the idempotency key, so it never changes."""
        ...

    @property
    def kind(self) -> Literal["rfc3161", "file", "judicial_chain"]:
        """Decides the form of the proof (``dossier.CrossAnchorFile``)."""
        ...

    def deposit(self, header_number: int, header_hash: BlockHash) -> bytes:
        """Deposit the hash and return the proof; a second deposit of one hash does no harm.

        Raises:
            UndecidedError: The place does not answer now; call again.
        """
        ...


class ChainRepositories(Protocol):
    """What a unit of work holds of the chain and of what goes wrong on it."""

    @property
    def alarms(self) -> AlarmRepository:
        """What no working service causes."""
        ...

    @property
    def checkpoints(self) -> CheckpointRepository:
        """Checkpoints of the log."""
        ...

    @property
    def cross_anchors(self) -> CrossAnchorRepository:
        """Header hashes at second places."""
        ...

    @property
    def status_changes(self) -> StatusChangeRepository:
        """Status words on their way to the chain."""
        ...

    @property
    def transactions(self) -> TransactionRepository:
        """Transactions of the anchoring account."""
        ...

    @property
    def twin_anchors(self) -> TwinAnchorRepository:
        """Renewals of the log under SM3."""
        ...
