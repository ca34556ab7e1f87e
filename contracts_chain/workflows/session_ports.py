"""What sessions of the staff's browsers need of the store, as a protocol; the same rules as in ``ports``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.ids import PersonId
from kernel.sized_bytes import Bytes32

__all__ = ["SessionRepository", "StaffSession"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """One browser that signed on with a staff token.

    Attributes:
        token_sha256: Digest of the cookie's value; the value itself is kept nowhere.
        account: Whose token it was.
        credential_sha256: Digest of that staff token; another token ends the session.
        began_utc: When the browser signed on.
        seen_utc: Its last request, to the minute.
    """

    token_sha256: Bytes32
    account: PersonId
    credential_sha256: Bytes32
    began_utc: datetime
    seen_utc: datetime


class SessionRepository(Protocol):
    """Sessions by the digest of their cookie."""

    def add(self, session: StaffSession) -> None:
        """Keep a new session."""
        ...

    def find(self, token_sha256: Bytes32) -> StaffSession | None:
        """A session, whether or not its time is over."""
        ...

    def touch(self, token_sha256: Bytes32, seen_utc: datetime) -> None:
        """Note a request; of a session that is gone, nothing."""
        ...

    def remove(self, token_sha256: Bytes32) -> None:
        """Forget one session, if it is there."""
        ...

    def remove_stale(self, *, began_before: datetime, seen_before: datetime) -> int:
        """Forget every session that began or was seen last before these moments.

        Returns:
            How many.
        """
        ...
