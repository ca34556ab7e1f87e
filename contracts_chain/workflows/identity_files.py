"""What is kept of identity checks, hall reviews, delegations and attachments; rules as in ``ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from contracts_chain.workflows.authority_ports import RevocationRepository
from kernel.sized_bytes import Bytes32

__all__ = [
    "AttachmentFile",
    "AttachmentRepository",
    "CheckState",
    "DelegationFile",
    "DelegationRepository",
    "FaceConsent",
    "HallReview",
    "HallReviewRepository",
    "HallSignature",
    "IdentityCheck",
    "IdentityCheckRepository",
    "IdentityRepositories",
]


class CheckState(StrEnum):
    """How far a check has come; ``asked`` is the intent, committed before the provider hears of it."""

    ASKED = "asked"
    STARTED = "started"
    PASSED = "passed"
    REFUSED = "refused"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheck:
    """One check of one signer for one agreement.

    Attributes:
        key: Idempotency key at the provider, and the browser's way back.
        ceremony: Id of the ceremony it was begun in.
        method: ``IdentityMethod`` value.
        session: The provider's; empty until it answered.
        reason: The provider's newest word, e.g. why a photo must be taken again.
    """

    key: str
    nonce: str
    ceremony: str
    number: str
    role: str
    method: str
    state: CheckState
    asked_utc: datetime
    session: str = ""
    redirect_url: str = ""
    reason: str = ""
    tries_left: int = 0
    attestation_sha256: Bytes32 | None = None
    settled_utc: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still come to an end."""
        return self.state in {CheckState.ASKED, CheckState.STARTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceConsent:
    """The separate answer about face data (个人信息保护法 arts 28–29), given or refused."""

    ceremony: str
    given: bool
    text_sha256: Bytes32
    answered_utc: datetime


class IdentityCheckRepository(Protocol):
    """Checks by key; consents are append-only."""

    def add(self, check: IdentityCheck) -> None:
        """Insert one."""
        ...

    def save(self, check: IdentityCheck) -> None:
        """Store how far it has come."""
        ...

    def find(self, key: str, *, lock: bool = False) -> IdentityCheck | None:
        """By its key."""
        ...

    def find_session(self, session: str) -> IdentityCheck | None:
        """By the provider's name of it."""
        ...

    def of_ceremony(self, ceremony: str) -> tuple[IdentityCheck, ...]:
        """All of a ceremony, oldest first."""
        ...

    def unsettled(self, asked_before: datetime) -> tuple[IdentityCheck, ...]:
        """Asked or started before that moment and without an end, oldest first: for the sweep."""
        ...

    def answer_consent(self, consent: FaceConsent) -> None:
        """Log an answer; the newest counts, none is forgotten."""
        ...

    def consent_of(self, ceremony: str) -> FaceConsent | None:
        """The newest answer given in a ceremony."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HallSignature:
    """One clerk's signature over the claims of a review."""

    account: str
    clerk: str
    member: bytes
    signed_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HallReview:
    """A person seen at a business hall by two clerks.

    Attributes:
        claims: Canonical bytes that both clerks sign.
        scan_sha256: Blob of the scanned document.
        signatures: At most two, of different accounts and different keys.
    """

    id: str
    ceremony: str
    number: str
    role: str
    claims: bytes
    scan_sha256: Bytes32
    opened_by: str
    opened_utc: datetime
    signatures: tuple[HallSignature, ...] = ()
    attestation_sha256: Bytes32 | None = None


class HallReviewRepository(Protocol):
    """Reviews by id."""

    def add(self, review: HallReview) -> None:
        """Insert one without signatures."""
        ...

    def find(self, review: str, *, lock: bool = False) -> HallReview | None:
        """With its signatures, oldest first."""
        ...

    def sign(self, review: str, signature: HallSignature) -> None:
        """Add a clerk's signature; a second one of the same account is a fault of the caller."""
        ...

    def close(self, review: str, attestation_sha256: Bytes32) -> None:
        """Note the attestation that came of it."""
        ...

    def of_agreement(self, number: str) -> tuple[HallReview, ...]:
        """All of an agreement, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationFile:
    """Authority passed to another person after the approval; append-only, the newest counts.

    Attributes:
        role: Party that is signed for.
        from_name: Who passed it on.
        person: Canonical JSON of the delegate (``Person``).
        letter: Canonical JSON of the letter (``AuthorizationLetter``).
        letter_sha256: Digest of its file.
    """

    id: str
    number: str
    role: str
    from_name: str
    person: bytes
    letter: bytes
    letter_sha256: Bytes32
    valid_from: date
    valid_to: date
    delegated_utc: datetime


class DelegationRepository(Protocol):
    """Delegations by agreement; append-only."""

    def add(self, delegation: DelegationFile) -> None:
        """Insert one."""
        ...

    def newest(self, number: str, role: str) -> DelegationFile | None:
        """The one that counts for a party, if it ever delegated."""
        ...

    def of_agreement(self, number: str) -> tuple[DelegationFile, ...]:
        """All, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFile:
    """A file attached to an agreement as evidence; its bytes are the blob of this digest.

    Attributes:
        kind: ``AttachmentKind`` value.
        media_type: By its content, never by its name.
        length: Bytes.
    """

    number: str
    sha256: Bytes32
    kind: str
    description: str
    media_type: str
    length: int
    attached_by: str
    attached_utc: datetime


class AttachmentRepository(Protocol):
    """Attached evidence; append-only, each digest once an agreement."""

    def add(self, attachment: AttachmentFile) -> AttachmentFile:
        """Keep one.

        Returns:
            The one that stands: the first of these bytes on this agreement.
        """
        ...

    def of_agreement(self, number: str) -> Sequence[AttachmentFile]:
        """All, oldest first."""
        ...

    def find(self, number: str, sha256: Bytes32) -> AttachmentFile | None:
        """By digest."""
        ...

    def digests(self) -> tuple[Bytes32, ...]:
        """Every blob that must be there, in order, for fsck."""
        ...


class IdentityRepositories(Protocol):
    """The part of a unit of work that is about identity, authority and attached evidence."""

    @property
    def attachments(self) -> AttachmentRepository:
        """Evidence attached to agreements."""
        ...

    @property
    def delegations(self) -> DelegationRepository:
        """Authority passed on to another signer."""
        ...

    @property
    def hall_reviews(self) -> HallReviewRepository:
        """Persons seen at a business hall."""
        ...

    @property
    def identity_checks(self) -> IdentityCheckRepository:
        """Checks of identity, and consents to face data."""
        ...

    @property
    def revocations(self) -> RevocationRepository:
        """Revoked letters of authority."""
        ...
