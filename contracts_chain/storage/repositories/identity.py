"""Identity checks and consents, hall reviews, delegations and attached evidence."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from contracts_chain.storage.tables_identity import (
    attachments,
    delegations,
    face_consents,
    hall_reviews,
    hall_signatures,
    identity_checks,
)
from contracts_chain.workflows.identity_files import (
    AttachmentFile,
    CheckState,
    DelegationFile,
    FaceConsent,
    HallReview,
    HallSignature,
    IdentityCheck,
)
from kernel.sized_bytes import Bytes32

__all__ = ["SqlAttachments", "SqlDelegations", "SqlHallReviews", "SqlIdentityChecks"]


class SqlIdentityChecks:
    """Implements ``IdentityCheckRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, check: IdentityCheck) -> None:
        """Insert."""
        self._connection.execute(insert(identity_checks).values(**_check_row(check)))

    def save(self, check: IdentityCheck) -> None:
        """Update by key."""
        query = update(identity_checks).where(identity_checks.c.key == check.key)
        self._connection.execute(query.values(**_check_row(check)))

    def find(self, key: str, *, lock: bool = False) -> IdentityCheck | None:
        """By primary key."""
        query = select(identity_checks).where(identity_checks.c.key == key)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else _check(row)

    def find_session(self, session: str) -> IdentityCheck | None:
        """By the provider's name; the empty one is nobody's."""
        if not session:
            return None
        query = select(identity_checks).where(identity_checks.c.session == session)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _check(row)

    def of_ceremony(self, ceremony: str) -> tuple[IdentityCheck, ...]:
        """Oldest first."""
        query = select(identity_checks).where(identity_checks.c.ceremony == ceremony)
        query = query.order_by(identity_checks.c.asked_utc, identity_checks.c.key)
        return tuple(_check(row) for row in self._connection.execute(query).mappings())

    def unsettled(self, asked_before: datetime) -> tuple[IdentityCheck, ...]:
        """By the partial index."""
        query = (
            select(identity_checks)
            .where(identity_checks.c.state.in_(["asked", "started"]))
            .where(identity_checks.c.asked_utc < asked_before)
            .order_by(identity_checks.c.asked_utc, identity_checks.c.key)
        )
        return tuple(_check(row) for row in self._connection.execute(query).mappings())

    def answer_consent(self, consent: FaceConsent) -> None:
        """Insert; a trigger keeps it."""
        self._connection.execute(insert(face_consents).values(**asdict(consent)))

    def consent_of(self, ceremony: str) -> FaceConsent | None:
        """The last one inserted."""
        table = face_consents
        query = (
            select(table.c.ceremony, table.c.given, table.c.text_sha256, table.c.answered_utc)
            .where(table.c.ceremony == ceremony)
            .order_by(table.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().first()
        return None if row is None else FaceConsent(**{**row, "text_sha256": Bytes32(row["text_sha256"])})


class SqlHallReviews:
    """Implements ``HallReviewRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, review: HallReview) -> None:
        """Insert the review; signatures come by ``sign``."""
        row = asdict(replace(review, signatures=()))
        del row["signatures"]
        self._connection.execute(insert(hall_reviews).values(**row))

    def find(self, review: str, *, lock: bool = False) -> HallReview | None:
        """By primary key."""
        query = select(hall_reviews).where(hall_reviews.c.id == review)
        row = self._connection.execute(query.with_for_update() if lock else query).mappings().first()
        return None if row is None else self._review(row)

    def sign(self, review: str, signature: HallSignature) -> None:
        """Insert; account and clerk are unique within the review."""
        self._connection.execute(insert(hall_signatures).values(review=review, **asdict(signature)))

    def close(self, review: str, attestation_sha256: Bytes32) -> None:
        """Update by key."""
        query = update(hall_reviews).where(hall_reviews.c.id == review)
        self._connection.execute(query.values(attestation_sha256=attestation_sha256))

    def of_agreement(self, number: str) -> tuple[HallReview, ...]:
        """Oldest first."""
        query = select(hall_reviews).where(hall_reviews.c.number == number)
        query = query.order_by(hall_reviews.c.opened_utc, hall_reviews.c.id)
        return tuple(self._review(row) for row in self._connection.execute(query).mappings().all())

    def _review(self, row: RowMapping) -> HallReview:
        table = hall_signatures
        query = (
            select(table.c.account, table.c.clerk, table.c.member, table.c.signed_utc)
            .where(table.c.review == row["id"])
            .order_by(table.c.signed_utc, table.c.account)
        )
        signatures = tuple(HallSignature(**one) for one in self._connection.execute(query).mappings())
        digests = {name: _digest(row[name]) for name in ("scan_sha256", "attestation_sha256")}
        return HallReview(**{**row, **digests, "signatures": signatures})


class SqlDelegations:
    """Implements ``DelegationRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, delegation: DelegationFile) -> None:
        """Insert; a trigger keeps it."""
        self._connection.execute(insert(delegations).values(**asdict(delegation)))

    def newest(self, number: str, role: str) -> DelegationFile | None:
        """The last of the role."""
        found = [one for one in self.of_agreement(number) if one.role == role]
        return found[-1] if found else None

    def of_agreement(self, number: str) -> tuple[DelegationFile, ...]:
        """In the order of insertion."""
        query = select(delegations).where(delegations.c.number == number).order_by(delegations.c.ordinal)
        return tuple(
            DelegationFile(**{**_without_ordinal(row), "letter_sha256": Bytes32(row["letter_sha256"])})
            for row in self._connection.execute(query).mappings()
        )


class SqlAttachments:
    """Implements ``AttachmentRepository``."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection

    def add(self, attachment: AttachmentFile) -> AttachmentFile:
        """Insert unless it stands; the first stays."""
        query = upsert(attachments).values(**asdict(attachment)).on_conflict_do_nothing()
        self._connection.execute(query)
        return self.find(attachment.number, attachment.sha256) or attachment

    def of_agreement(self, number: str) -> tuple[AttachmentFile, ...]:
        """In the order of insertion."""
        query = select(attachments).where(attachments.c.number == number).order_by(attachments.c.ordinal)
        return tuple(_attachment(row) for row in self._connection.execute(query).mappings())

    def find(self, number: str, sha256: Bytes32) -> AttachmentFile | None:
        """By its unique pair."""
        query = select(attachments).where(attachments.c.number == number, attachments.c.sha256 == sha256)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _attachment(row)

    def digests(self) -> tuple[Bytes32, ...]:
        """Each once."""
        query = select(attachments.c.sha256).distinct().order_by(attachments.c.sha256)
        return tuple(Bytes32(digest) for digest in self._connection.execute(query).scalars())


def _check_row(check: IdentityCheck) -> dict[str, Any]:
    return {**asdict(check), "state": check.state.value}


def _check(row: RowMapping) -> IdentityCheck:
    digest = _digest(row["attestation_sha256"])
    return IdentityCheck(**{**row, "state": CheckState(row["state"]), "attestation_sha256": digest})


def _attachment(row: RowMapping) -> AttachmentFile:
    return AttachmentFile(**{**_without_ordinal(row), "sha256": Bytes32(row["sha256"])})


def _without_ordinal(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "ordinal"}


def _digest(value: bytes | None) -> Bytes32 | None:
    return None if value is None else Bytes32(value)
