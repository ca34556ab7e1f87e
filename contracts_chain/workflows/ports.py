"""What the deeds need from the outside, as protocols.

``storage`` and ``api`` bring the adapters; ``tests/fakes`` bring fakes that pass the
same behaviour suite. Every repository method runs inside the unit of work's
transaction; nothing is visible to others before ``commit``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from contracts_chain.workflows.annex_ports import AnnexRepository, RetailRepository
from contracts_chain.workflows.archive_ports import ArchiveRepository
from contracts_chain.workflows.callback_ports import CallbackRepositories
from contracts_chain.workflows.ceremony_ports import CeremonyRepositories
from contracts_chain.workflows.chain_ports import ChainRepositories
from contracts_chain.workflows.deadline_ports import DeadlineRepository, FigureRepository
from contracts_chain.workflows.domestic_ports import DomesticRepositories
from contracts_chain.workflows.dossier import (
    AgreementDossier,
    CeremonyFile,
    IntentRow,
    InvoiceDossier,
    OutboxMessage,
)
from contracts_chain.workflows.draft_ports import DraftRepository, PeopleRepository
from contracts_chain.workflows.group_ports import GroupRepository
from contracts_chain.workflows.identity_files import IdentityRepositories
from contracts_chain.workflows.life_ports import (
    LifeRepository,
    NoticeRepository,
    OrderRepository,
    RatingRepository,
)
from contracts_chain.workflows.log_ports import LogRepository, TrailRepository
from contracts_chain.workflows.seal_ports import SealRepository
from contracts_chain.workflows.session_ports import SessionRepository
from kernel.sized_bytes import Bytes32

__all__ = [
    "AgreementRepository",
    "Blobs",
    "CeremonyRepository",
    "Installation",
    "IntentRepository",
    "InvoiceRepository",
    "NumberSeries",
    "Outbox",
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

    def hold(self, series: str) -> None:
        """Lock the series until the transaction ends, without taking a number."""
        ...

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
        """The agreement drafted for this order, if any; one that came to nothing does not count."""
        ...

    def save(self, dossier: AgreementDossier) -> AgreementDossier:
        """Store changes if nobody else did since ``version``; returns the next version.

        Raises:
            StaleDossierError: Somebody changed it meanwhile.
        """
        ...

    def rewrite(self, dossier: AgreementDossier) -> AgreementDossier:
        """As ``save``, for new terms: the signatures due are written anew, none is made yet."""
        ...

    def expired_offers(self, today: date) -> tuple[str, ...]:
        """Numbers of agreements offered and not executed whose ``offer_until`` is before today."""
        ...

    def list(self) -> Sequence[AgreementDossier]:
        """All agreements, oldest first."""
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
    """Ceremonies by id and by token hash."""

    def add(self, ceremony: CeremonyFile) -> None:
        """Insert one."""
        ...

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> CeremonyFile | None:
        """The ceremony of a link, if any."""
        ...

    def load(self, ceremony_id: str, *, lock: bool = False) -> CeremonyFile:
        """One ceremony.

        Raises:
            KeyError: There is none; a fault of the caller.
        """
        ...

    def asked(self, before: datetime) -> tuple[CeremonyFile, ...]:
        """Open and confirmed ones for which a factor was asked no later, oldest first: for the sweep."""
        ...

    def of_agreement(self, number: str, *, lock: bool = False) -> tuple[CeremonyFile, ...]:
        """Every ceremony of an agreement, oldest first; lock them before the agreement, never after."""
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

    def put(self, topic: Literal["sms"], subject: str, payload: bytes, at: datetime) -> None:
        """Queue one message; the worker delivers it after commit. Other systems get process events."""
        ...

    def waiting(self, limit: int, *, after: int = 0) -> Sequence[OutboxMessage]:
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


class UnitOfWork(
    CallbackRepositories,
    CeremonyRepositories,
    ChainRepositories,
    DomesticRepositories,
    IdentityRepositories,
    Protocol,
):
    """One transaction and its repositories. Leaving the block without ``commit`` rolls back."""

    @property
    def agreements(self) -> AgreementRepository:
        """Agreements and their slots."""
        ...

    @property
    def annexes(self) -> AnnexRepository:
        """Uploaded annexes."""
        ...

    @property
    def archive(self) -> ArchiveRepository:
        """Agreements by what their timestamps lack."""
        ...

    @property
    def ceremonies(self) -> CeremonyRepository:
        """Signing ceremonies."""
        ...

    @property
    def drafts(self) -> DraftRepository:
        """Versions of drafts, and their reviews."""
        ...

    @property
    def deadlines(self) -> DeadlineRepository:
        """Milestones of orders, and reminders."""
        ...

    @property
    def figures(self) -> FigureRepository:
        """Figures counted over all orders."""
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
    def groups(self) -> GroupRepository:
        """Group accounts, their files and sets."""
        ...

    @property
    def life(self) -> LifeRepository:
        """Terms, reminders, changes and holds after execution."""
        ...

    @property
    def log(self) -> LogRepository:
        """Leaves of the log."""
        ...

    @property
    def notices(self) -> NoticeRepository:
        """Notices of cutting or ending supply."""
        ...

    @property
    def numbers(self) -> NumberSeries:
        """Gap-free serials."""
        ...

    @property
    def orders(self) -> OrderRepository:
        """Facts and readiness of orders."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages to the outside."""
        ...

    @property
    def people(self) -> PeopleRepository:
        """Who plays which part in which agreement."""
        ...

    @property
    def ratings(self) -> RatingRepository:
        """Links to rate and ratings."""
        ...

    @property
    def retail(self) -> RetailRepository:
        """Retail periods by account."""
        ...

    @property
    def seals(self) -> SealRepository:
        """The utility's seals, requests to use them, and their ledgers."""
        ...

    @property
    def sessions(self) -> SessionRepository:
        """Browsers of the staff that are signed on."""
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
