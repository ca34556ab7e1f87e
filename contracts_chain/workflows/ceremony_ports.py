"""What is kept of a ceremony beside its row: what was served, what was asked, sets signed at once.

Rows of reading are only added. Words of questions stand in the trail as well; the table is there
to find the open ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from kernel.sized_bytes import Bytes32

__all__ = [
    "TEXT",
    "CeremonyRepositories",
    "QuestionFile",
    "QuestionRepository",
    "ReadingFile",
    "ReadingRepository",
    "SigningSetFile",
    "SigningSetMember",
    "SigningSetRepository",
    "clause_item",
    "page_item",
]

TEXT = "text"
"""Item of the whole text as one page for readers."""


def page_item(page: int) -> str:
    """Item of one page of the PDF."""
    return f"page:{page}"


def clause_item(sha256: Bytes32) -> str:
    """Item of one conspicuous clause."""
    return f"clause:{sha256.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFile:
    """One item that was served, or confirmed, in one ceremony; the first time stands.

    Attributes:
        ceremony: Id of the ceremony.
        item: ``text``, ``page:7`` or ``clause:`` and a digest in hex.
        act: What the service did or took.
        at_utc: By the service's own clock.
    """

    ceremony: str
    item: str
    act: Literal["served", "confirmed"]
    at_utc: datetime


class ReadingRepository(Protocol):
    """What was read; rows are never changed nor removed."""

    def note(self, reading: ReadingFile) -> bool:
        """Insert; false if this act on this item stands already, with its own time."""
        ...

    def of(self, ceremony: str) -> tuple[ReadingFile, ...]:
        """All of a ceremony, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFile:
    """A question of a party on a clause, until the party calls the answer clear.

    Attributes:
        id: Of this question; the trail names it.
        role: Who asks.
        clause: Digest of the clause.
        heading: Number and title of the clause, for the list.
        words: The question.
        answer: ``None`` until somebody of the staff answers.
        cleared_utc: When the party called it clear; signing waits until then.
    """

    id: str
    number: str
    role: str
    clause: Bytes32
    heading: str
    words: str
    asked_utc: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_utc: datetime | None = None
    cleared_utc: datetime | None = None


class QuestionRepository(Protocol):
    """Questions by id."""

    def add(self, question: QuestionFile) -> None:
        """Insert one."""
        ...

    def find(self, question_id: str, *, lock: bool = False) -> QuestionFile | None:
        """One, if it exists."""
        ...

    def of_agreement(self, number: str) -> tuple[QuestionFile, ...]:
        """All of an agreement, oldest first."""
        ...

    def unanswered(self) -> tuple[QuestionFile, ...]:
        """All that wait for the staff, oldest first."""
        ...

    def save(self, question: QuestionFile) -> None:
        """Store answer and clearance."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSetFile:
    """Documents that one person signs by one act of will; each keeps a ceremony of its own.

    Attributes:
        id: Also the id of the one will.
        token_sha256: Of the set's link; the token itself is not kept.
        signer: The person, ``doc:`` and a digest of the identity document.
        state: ``open``, then ``confirmed`` once the will is; a member is signed by its own ceremony.
    """

    id: str
    token_sha256: Bytes32
    signer: str
    opened_utc: datetime
    state: Literal["open", "confirmed", "closed"] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSetMember:
    """One document of a set: chosen to be signed now, or left for later."""

    set_id: str
    position: int
    number: str
    role: str
    ceremony: str
    chosen: bool = True


class SigningSetRepository(Protocol):
    """Sets by id and by link."""

    def add(self, made: SigningSetFile, members: tuple[SigningSetMember, ...]) -> None:
        """Insert a set with its members."""
        ...

    def find(self, token_sha256: Bytes32, *, lock: bool = False) -> SigningSetFile | None:
        """The set of a link, if any."""
        ...

    def load(self, set_id: str, *, lock: bool = False) -> SigningSetFile:
        """One set.

        Raises:
            KeyError: There is none; a fault of the caller.
        """
        ...

    def members(self, set_id: str) -> tuple[SigningSetMember, ...]:
        """In the order shown."""
        ...

    def hold(self, set_id: str) -> tuple[SigningSetMember, ...]:
        """Lock a set, then the links of its members, then their agreements, each by number.

        Whoever holds several agreements at once takes them in this order, or they would wait for each
        other.

        Returns:
            Its members in the order shown, as they stand under the lock; none if there is no such set.
        """
        ...

    def save(self, made: SigningSetFile) -> None:
        """Store its state."""
        ...

    def choose(self, member: SigningSetMember) -> None:
        """Store the choice of one member."""
        ...


class CeremonyRepositories(Protocol):
    """What a unit of work holds of ceremonies beside their rows."""

    @property
    def questions(self) -> QuestionRepository:
        """Questions of parties."""
        ...

    @property
    def readings(self) -> ReadingRepository:
        """What was served and confirmed."""
        ...

    @property
    def signing_sets(self) -> SigningSetRepository:
        """Documents signed by one act of will."""
        ...
