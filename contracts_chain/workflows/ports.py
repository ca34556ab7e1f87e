"""What the deeds need from the outside, as protocols.

``storage`` and ``api`` bring the adapters; ``tests/fakes`` bring fakes that pass the
same behaviour suite. Every repository method runs inside the unit of work's
transaction; nothing is visible to others before ``commit``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CeremonyFile,
    CheckpointFile,
    IntentRow,
    InvoiceDossier,
    LogLeaf,
    OutboxMessage,
)
from kernel.sized_bytes import Bytes32, LeafHash

__all__ = [
    "AgreementRepository",
    "Blobs",
    "CeremonyRepository",
    "CheckpointRepository",
    "Installation",
    "IntentRepository",
    "InvoiceRepository",
    "LogRepository",
    "NumberSeries",
    "Outbox",
    "TrailRepository",
    "UnitOfWork",
    "UnitOfWorkFactory",
]


class Blobs(Protocol):
    """Write-once, content-addressed bytes."""

    def put(self, content: bytes) -> Bytes32:
        """Store durably; the key is SHA-256 of the content. Storing twice changes nothing."""
        ...

    def get(self, digest: Bytes32) -> bytes:
        """Read and re-hash.

        Raises:
            BlobCorruptError: The stored bytes have another digest.
            BlobMissingError: Nothing is stored under this digest.
        """
        ...


class NumberSeries(Protocol):
    """Gap-free numbering: a number is taken in the transaction that stores its bearer."""

    def next_serial(self, series: str) -> int:
        """The next serial of the series, from 1; locks the series until the transaction ends."""
        ...


class AgreementRepository(Protocol):
    """Agreements by number."""

    def add(self, dossier: AgreementDossier) -> None:
        """Insert a new agreement with its slots.

        Raises:
            AlreadyDraftedError: An agreement of this order and kind exists.
        """
        ...

    def load(self, number: str, *, lock: bool = False) -> AgreementDossier:
        """Read one; ``lock`` holds its row until the transaction ends.

        Raises:
            UnknownNumberError: No agreement has this number.
        """
        ...

    def find_by_order(self, order_no: str, kind: str) -> AgreementDossier | None:
        """The agreement drafted for this order, if any."""
        ...

    def save(self, dossier: AgreementDossier) -> AgreementDossier:
        """Store changes if nobody else did since ``version``; returns the next version.

        Raises:
            StaleDossierError: Somebody changed it meanwhile.
        """
        ...

    def list(self) -> Sequence[AgreementDossier]:
        """All agreements, oldest first."""
        ...


class TrailRepository(Protocol):
    """Hash-chained event lines by subject; append-only."""

    def lines(self, subject: str) -> tuple[bytes, ...]:
        """All lines in order."""
        ...

    def append(self, subject: str, line: bytes) -> None:
        """Add one line; a line of the same position cannot be added twice."""
        ...


class LogRepository(Protocol):
    """Leaves of the transparency log; append-only, indexes without gaps."""

    def append(self, subject: str, leaf_hash: LeafHash, record: bytes, at: datetime) -> int:
        """Take the next index; holds the log's lock until the transaction ends."""
        ...

    def last_of(self, subject: str) -> LeafHash | None:
        """The newest leaf of a subject, which the next record names as ``previous``."""
        ...

    def leaves_of(self, subject: str) -> tuple[LogLeaf, ...]:
        """All leaves of a subject in order."""
        ...

    def hashes(self, size: int | None = None) -> tuple[LeafHash, ...]:
        """Leaf hashes 0 … size-1, or all."""
        ...

    def all(self) -> tuple[LogLeaf, ...]:
        """Every leaf with its record, for fsck."""
        ...

    def lock(self) -> None:
        """Hold the log: nobody appends or closes a checkpoint until the transaction ends."""
        ...


class CheckpointRepository(Protocol):
    """Checkpoints by sequence, from 1."""

    def newest(self) -> CheckpointFile | None:
        """The last one closed."""
        ...

    def add(self, checkpoint: CheckpointFile) -> None:
        """Insert a newly closed checkpoint with its signed transaction."""
        ...

    def save(self, checkpoint: CheckpointFile) -> None:
        """Store the next state; size, root, nonce and signed bytes never change."""
        ...

    def unfinished(self) -> tuple[CheckpointFile, ...]:
        """All that are not final, lowest sequence first."""
        ...

    def covering(self, index: int) -> CheckpointFile | None:
        """The first final checkpoint whose size exceeds this leaf index."""
        ...

    def all(self) -> tuple[CheckpointFile, ...]:
        """All, lowest sequence first."""
        ...

    def mark_covered(self, size: int, state: EvidenceState) -> None:
        """Move agreements and invoices whose every leaf is among the first ``size`` to ``state``."""
        ...


class IntentRepository(Protocol):
    """Intents by key."""

    def open(self, intent: IntentRow) -> IntentRow:
        """Insert, or return the one that stands under the key already."""
        ...

    def find(self, key: str) -> IntentRow | None:
        """The intent of this key, if any."""
        ...

    def close(self, key: str, outcome: bytes) -> None:
        """Store the outcome of an open intent."""
        ...

    def pending(self) -> tuple[IntentRow, ...]:
        """All without an outcome, oldest first."""
        ...


class CeremonyRepository(Protocol):
    """Ceremonies by token hash."""

    def add(self, ceremony: CeremonyFile) -> None:
        """Insert one."""
        ...

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> CeremonyFile | None:
        """The ceremony of a link, if any."""
        ...

    def find_open(self, number: str, role: str) -> CeremonyFile | None:
        """The open ceremony of a party, if any."""
        ...

    def save(self, ceremony: CeremonyFile) -> None:
        """Store changes."""
        ...


class InvoiceRepository(Protocol):
    """Invoices by idempotency key and number."""

    def open(self, invoice: InvoiceDossier) -> InvoiceDossier:
        """Insert, or return the one that stands under the idempotency key already."""
        ...

    def save(self, invoice: InvoiceDossier) -> None:
        """Store number and files."""
        ...

    def find_by_number(self, number: str) -> InvoiceDossier | None:
        """The issued invoice of this number, if any."""
        ...

    def list(self) -> Sequence[InvoiceDossier]:
        """All, oldest first."""
        ...

    def allocate_specimen(self, idempotency_key: str, at: datetime) -> tuple[int, datetime]:
        """Serial and time of the SPECIMEN platform for this key; the same for the same key."""
        ...

    def find_specimen(self, idempotency_key: str) -> tuple[int, datetime] | None:
        """What was allocated for this key, if anything."""
        ...


class Outbox(Protocol):
    """Messages to others, stored with the change they tell of."""

    def put(self, topic: str, subject: str, payload: bytes, at: datetime) -> None:
        """Queue one message; the worker delivers it after commit."""
        ...

    def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """Oldest messages not delivered yet, locked; those another worker holds are passed over."""
        ...

    def mark_delivered(self, message: int) -> None:
        """Never deliver it again, and forget its content: a code must not stay in the clear."""
        ...


class Installation(Protocol):
    """Facts fixed once per installation: chain, genesis, registry, log origin."""

    def get(self, name: str) -> str | None:
        """A fact, if it is fixed."""
        ...

    def fix(self, name: str, value: str) -> None:
        """Fix a fact.

        Raises:
            InstallationMismatchError: It is fixed to another value.
        """
        ...


class UnitOfWork(Protocol):
    """One transaction and its repositories. Leaving the block without ``commit`` rolls back."""

    @property
    def agreements(self) -> AgreementRepository:
        """Agreements and their slots."""
        ...

    @property
    def ceremonies(self) -> CeremonyRepository:
        """Signing ceremonies."""
        ...

    @property
    def checkpoints(self) -> CheckpointRepository:
        """Checkpoints of the log."""
        ...

    @property
    def installation(self) -> Installation:
        """Facts fixed once."""
        ...

    @property
    def intents(self) -> IntentRepository:
        """What is about to be done."""
        ...

    @property
    def invoices(self) -> InvoiceRepository:
        """Invoices and SPECIMEN serials."""
        ...

    @property
    def log(self) -> LogRepository:
        """Leaves of the log."""
        ...

    @property
    def numbers(self) -> NumberSeries:
        """Gap-free serials."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages to the outside."""
        ...

    @property
    def trails(self) -> TrailRepository:
        """Event lines by subject."""
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back whatever was not committed."""
        ...

    def commit(self) -> None:
        """Make everything durable and visible."""
        ...


UnitOfWorkFactory: TypeAlias = Callable[[], UnitOfWork]
