"""What is kept of an agreement's life after its execution, as plain values.

Storage fills and stores these; deeds read them and return changed copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.readiness import OrderFactKind
from kernel.sized_bytes import Bytes32

__all__ = [
    "ChangeFile",
    "ChangeKind",
    "DisputeHold",
    "LifeSpan",
    "NoticeFile",
    "OrderFact",
    "RatingFile",
    "RatingLink",
]

ChangeKind: TypeAlias = Literal["supplement", "termination", "successor", "renewal", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSpan:
    """When an executed agreement runs.

    Attributes:
        number: The agreement.
        starts_on: First day in force, Beijing time: the agreed day, or that of the execution if later.
        ends_on: Last day of the term; ``None`` where the class has none.
        auto_renew: Whether the text continues it once unless somebody objects.
        renewals: How often it was continued.
        objected_by: Party that objected to continuing.
        objection: What it wrote.
        objected_utc: When the objection was recorded.
    """

    number: str
    starts_on: date
    ends_on: date | None
    auto_renew: bool
    renewals: int = 0
    objected_by: str | None = None
    objection: str | None = None
    objected_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFile:
    """A change of an agreement: the intent, until it is done or given up.

    Attributes:
        id: Order of the changes; 0 before it is stored.
        number: The agreement that changes.
        order_no: Business number of the change; with ``number`` the idempotency key.
        kind: By a supplement, a new contract that follows (a successor, or a renewal at the end of the
            term), a termination, or a notice annex.
        trigger: Code of ``ChangeTrigger``.
        plan: Canonical JSON of the plan with the clerk's declarations.
        follower: Number of the supplement or of the following contract, once it is drafted.
        state: ``open`` → ``done`` or ``abandoned``; a notice annex is done at once.
        opened_by: Who began it.
        opened_utc: When.
        closed_utc: When it was done or given up.
    """

    id: int = 0
    number: str
    order_no: str
    kind: ChangeKind
    trigger: str
    plan: bytes
    follower: str | None = None
    state: Literal["open", "done", "abandoned"] = "open"
    opened_by: str
    opened_utc: datetime
    closed_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeHold:
    """While it stands nothing of the agreement may be archived or deleted and no deed is done.

    Attributes:
        id: Order of the holds; 0 before it is stored.
        reason: What is disputed.
        case_no: Number of the case, or empty before one is filed.
        state_before: Where the agreement stood; a running one returns there.
        outcome: How it ended, once released.
    """

    id: int = 0
    number: str
    reason: str
    case_no: str
    state_before: AgreementState
    held_by: str
    held_utc: datetime
    released_by: str | None = None
    released_utc: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """A fact of an order that stands in no agreement's terms, with its paper.

    Attributes:
        reference: Number of the paper.
        document_sha256: Digest of the paper's file, where there is one.
    """

    order_no: str
    kind: OrderFactKind
    reference: str
    document_sha256: Bytes32 | None
    recorded_by: str
    recorded_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """A notice of cutting or ending supply, on its way to paper service and beyond.

    Attributes:
        number: Of the notice.
        agreement_number: The supply contract.
        kind: Code of ``NoticeKind``.
        facts: Canonical JSON of the facts that it rests on.
        pdf_sha256: The printed text with its receipt slip.
        planned_on: First day on which supply may be cut or the contract ended.
        reviewed_by: Lawyer who passed it; nobody serves it before.
        served_on: Day on the receipt slip.
        manner: Code of ``ServiceManner``.
        recipient: Who took it.
        served_by: Who handed it over.
        receipt_sha256: Digest of the scanned receipt slip.
        service_recorded_utc: When the service entered the record, by the server's clock.
        final_notice_utc: When the last call before the cut was made.
        used_utc: When the deed it allows was done; a notice allows one.
    """

    number: str
    agreement_number: str
    kind: str
    facts: bytes
    pdf_sha256: Bytes32
    planned_on: date
    drafted_by: str
    drafted_utc: datetime
    reviewed_by: str | None = None
    reviewed_utc: datetime | None = None
    served_on: date | None = None
    manner: str | None = None
    recipient: str | None = None
    served_by: str | None = None
    receipt_sha256: Bytes32 | None = None
    service_recorded_by: str | None = None
    service_recorded_utc: datetime | None = None
    final_notice_by: str | None = None
    final_notice_utc: datetime | None = None
    used_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLink:
    """A party's one-time link to rate the signing; only the hash of its token is kept."""

    token_sha256: Bytes32
    number: str
    role: str
    issued_utc: datetime
    used_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingFile:
    """One rating, 1 to 5 and a text that may be empty; no part of any evidence."""

    number: str
    role: str
    stars: int
    text: str
    rated_utc: datetime
