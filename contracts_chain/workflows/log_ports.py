"""What the deeds need of trail, log and witnesses, as protocols; the same rules as in ``ports``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from contracts_chain.evidence.merkle import InclusionProof
from contracts_chain.evidence.tiles import Tile
from contracts_chain.evidence.tree_hash import TreeName
from contracts_chain.workflows.dossier import LogLeaf, LogRow, PendingLeaves
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

__all__ = ["LogRepository", "TrailRepository", "Witnesses"]


class TrailRepository(Protocol):
    """Hash-chained event lines by subject; append-only."""

    def lines(self, subject: str) -> tuple[bytes, ...]:
        """All lines in order."""
        ...

    def append(self, subject: str, line: bytes) -> None:
        """Add one line; a line of the same position cannot be added twice."""
        ...


class LogRepository(Protocol):
    """The transparency log: taken in side by side, brought into order once, never changed (RFC 9162).

    A record is durable when the transaction that appends it commits. Its index is fixed
    later by ``sequence_pending``; within a subject the order is that of appending. Roots
    and proofs are read from stored tiles; the ``twin_`` ones are of the SM3 tree.
    """

    def append(self, subject: str, leaf_hash: LeafHash, record: bytes, at: datetime) -> None:
        """Take in one record; hold ``lock_subject`` from ``last_of`` until the transaction ends."""
        ...

    def append_many(self, rows: Sequence[LogRow]) -> None:
        """Take in many, in their order; the caller holds the lock of every subject that may have others."""
        ...

    def lock_subject(self, subject: str) -> None:
        """Nobody else appends to this subject until the transaction ends; to others they do."""
        ...

    def pending(self) -> PendingLeaves:
        """How many records have no place yet, and since when the oldest waits."""
        ...

    def waiting(self) -> tuple[LogRow, ...]:
        """Those records, oldest first, for fsck."""
        ...

    def lock(self) -> None:
        """Hold the order: nobody sequences or closes a checkpoint until the transaction ends."""
        ...

    def sequence_pending(self, most: int) -> int:
        """Give the oldest ``most`` pending records their indexes, without gaps and for ever.

        Takes ``lock``; leaves and tiles of both trees change in this transaction or not at all.

        Returns:
            Size of the log then.

        Raises:
            TileMissingError: The tiles are not those of the log's size: run fsck.
        """
        ...

    def size(self) -> int:
        """Leaves in order."""
        ...

    def root(self, size: int) -> RootHash:
        """Root of the first ``size`` leaves.

        Raises:
            TileMissingError: The log never had that size, or a tile is lost.
        """
        ...

    def inclusion(self, index: int, size: int) -> InclusionProof:
        """Path of leaf ``index`` to the root of ``size`` (RFC 9162 §2.1.3.1).

        Raises:
            TileMissingError: The log never had that size, or a tile is lost.
            ValueError: ``index`` is not below ``size``.
        """
        ...

    def consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """Path from the root of ``old_size`` to that of ``new_size`` (§2.1.4.1); empty from size 0.

        Raises:
            TileMissingError: The log never had that size, or a tile is lost.
            ValueError: ``old_size`` exceeds ``new_size``.
        """
        ...

    def twin_root(self, size: int) -> Bytes32:
        """As ``root``, in the SM3 tree."""
        ...

    def twin_inclusion(self, index: int, size: int) -> InclusionProof:
        """As ``inclusion``, in the SM3 tree."""
        ...

    def twin_consistency(self, old_size: int, new_size: int) -> tuple[Bytes32, ...]:
        """As ``consistency``, in the SM3 tree."""
        ...

    def last_of(self, subject: str) -> LeafHash | None:
        """The newest leaf of a subject, pending ones included; the next record names it as ``previous``."""
        ...

    def leaves_of(self, subject: str) -> tuple[LogLeaf, ...]:
        """The leaves of a subject that are in order."""
        ...

    def unsequenced(self, subject: str) -> int:
        """How many records of a subject are not."""
        ...

    def hashes(self, size: int | None = None) -> tuple[LeafHash, ...]:
        """Leaf hashes 0 … size-1, or all."""
        ...

    def all(self) -> tuple[LogLeaf, ...]:
        """Every leaf in order with its record, for fsck."""
        ...

    def tiles(self, tree: TreeName) -> tuple[Tile, ...]:
        """Every stored tile of a tree, lowest level first, for fsck."""
        ...

    def tile(self, tree: TreeName, level: int, number: int) -> bytes | None:
        """Up to 256 joined hashes as published: level 0 from the leaves, the others from the tiles."""
        ...

    def snapshot(self) -> None:
        """From here on everything read in this transaction is as of one moment; nothing may be written.

        Must be the first thing asked in the transaction.
        """
        ...


class Witnesses(Protocol):
    """Those who cosign a checkpoint before it is anchored, each only what extends what it saw."""

    def cosign(self, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
        """Have the note cosigned; asking twice about one checkpoint is harmless.

        Args:
            note: Checkpoint signed by the log key.
            size: Number of leaves the note names.
            consistency: Path from an older size of this log to ``size``; called in the caller's thread.

        Returns:
            The note with at least the quorum of cosignature lines below those it had, each verified.

        Raises:
            WitnessQuorumError: Too few answered; nothing is lost, call again.
            WitnessForkError: A witness holds a checkpoint signed by our log that this one does not
                extend: an alarm, not a retry.
        """
        ...
