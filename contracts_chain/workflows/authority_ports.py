"""What the deeds need of revoked letters of authority, as a protocol; the same rules as in ``ports``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kernel.sized_bytes import Bytes32

__all__ = ["LetterRevocation", "RevocationRepository"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRevocation:
    """A principal took an authority back (民法典 art. 173).

    Attributes:
        letter_sha256: Digest of the letter's file: which letter, whatever its number.
        number: Number printed on it.
        principal: Who gave it and took it back.
        revoked_on: First day on which it covers nothing, in Beijing.
        recorded_by: Account that recorded it.
    """

    letter_sha256: Bytes32
    number: str
    principal: str
    revoked_on: date
    reason: str
    recorded_by: str
    recorded_utc: datetime


class RevocationRepository(Protocol):
    """Revoked letters by digest; append-only."""

    def add(self, revocation: LetterRevocation) -> LetterRevocation:
        """Keep a revocation.

        Returns:
            The one that stands: the first ever recorded for the letter.
        """
        ...

    def find(self, letter_sha256: Bytes32) -> LetterRevocation | None:
        """The revocation of a letter, if it was revoked."""
        ...
