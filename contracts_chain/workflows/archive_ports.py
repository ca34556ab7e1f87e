"""What timestamps that are added later need of the store, as a protocol; the same rules as in ``ports``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.sized_bytes import Bytes32

__all__ = ["ArchiveFile", "ArchiveRepository"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """How long the last document timestamp of an agreement's newest revision lasts.

    Attributes:
        number: The agreement.
        document_sha256: The revision that was read.
        not_after_utc: Earliest end of a certificate in the timestamp's chain; ``None`` if the
            revision has no document timestamp yet, or cannot be read.
        algorithm: Digest of its imprint, lower case (``sha256``); empty without one.
    """

    number: str
    document_sha256: Bytes32
    not_after_utc: datetime | None
    algorithm: str


class ArchiveRepository(Protocol):
    """Agreements by what their timestamps lack."""

    def untimed(self) -> tuple[str, ...]:
        """Numbers of agreements with a signature whose time is not proven yet, in order."""
        ...

    def unread(self, limit: int, *, after: str = "") -> tuple[str, ...]:
        """At most so many executed agreements whose newest revision has no ``ArchiveFile`` yet.

        By number, those behind ``after`` only.
        """
        ...

    def keep(self, read: ArchiveFile) -> None:
        """Store what was read, in place of what was read of an earlier revision."""
        ...

    def due(self, before: datetime, distrusted: Collection[str]) -> tuple[str, ...]:
        """Numbers whose last timestamp ends before that moment, or rests on a distrusted digest."""
        ...
