"""What the deeds before signing need of storage: versions of a draft, reviews, and who is who.

A version is written once and kept for good, with who saved it and when; only its PDF may
follow later. A person has one part in an agreement, and storage itself refuses a second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from contracts_chain.agreements.separation import Part
from kernel.ids import PersonId
from kernel.sized_bytes import BlockHash, Bytes32

__all__ = ["DraftRepository", "DraftVersion", "PeopleRepository", "Remark", "ReviewNote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion:
    """One saved version of an agreement's terms.

    Attributes:
        version: 1 for the first draft, counted up by every revision.
        terms: Canonical bytes of the complete terms.
        document_sha256: Digest of the PDF drawn from them; ``None`` while there is none,
            because the terms break rules or a crash came between.
        pages: Pages of that PDF; 0 while there is none.
    """

    number: str
    version: int
    terms: bytes
    rule_pack: str
    profile: str
    template: str
    template_sha256: Bytes32
    not_before_number: int
    not_before_hash: BlockHash
    saved_by: str
    saved_utc: datetime
    document_sha256: Bytes32 | None = None
    pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a reviewer says about one field; ``path`` is empty for the whole agreement."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewNote:
    """The outcome of one review; internal, so it stands on no trail and in no package."""

    number: str
    version: int
    verdict: Literal["approved", "returned"]
    reviewer: str
    reviewed_utc: datetime
    reason: str = ""
    remarks: tuple[Remark, ...] = ()


class DraftRepository(Protocol):
    """Versions and reviews by contract number."""

    def add(self, version: DraftVersion) -> None:
        """Insert the next version.

        Raises:
            StaleDossierError: That version is taken.
        """
        ...

    def draw(self, number: str, version: int, document_sha256: Bytes32, pages: int) -> None:
        """Add the PDF to a version that has none."""
        ...

    def find(self, number: str, version: int) -> DraftVersion | None:
        """One version, if there is such."""
        ...

    def versions(self, number: str) -> Sequence[DraftVersion]:
        """All versions, oldest first."""
        ...

    def note(self, review: ReviewNote) -> None:
        """Keep the outcome of a review."""
        ...

    def reviews(self, number: str) -> Sequence[ReviewNote]:
        """All reviews, oldest first."""
        ...


class PeopleRepository(Protocol):
    """Who plays which part in which agreement, and which account is which person."""

    def parts(self, number: str) -> Mapping[PersonId, Part]:
        """Everybody's part."""
        ...

    def take(self, number: str, part: Part, persons: Collection[PersonId]) -> None:
        """Give persons a part; to have it already changes nothing.

        Raises:
            SeparationOfDutiesError: One of them has another part.
        """
        ...

    def name_signers(self, number: str, persons: Collection[PersonId]) -> None:
        """Replace the signers, as the newest version of the terms names them.

        Raises:
            SeparationOfDutiesError: One of them has another part.
        """
        ...

    def known_as(self, persons: Collection[PersonId]) -> frozenset[PersonId]:
        """The persons with every other id of theirs: account to document and back."""
        ...

    def bind(self, account: PersonId, document: PersonId) -> None:
        """Note that an account is the person behind an identity document; one for each account."""
        ...
