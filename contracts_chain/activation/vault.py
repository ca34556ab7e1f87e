"""Where the activation process remembers: sealed values, durable before anything is answered.

Decides which books there are. A code outstanding is in none of them: it lives in memory only,
so that no copy of the store can bring it back (ADR 0019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kernel.errors import FaultError

__all__ = ["Book", "Entry", "Vault", "VaultError"]


class Book(Enum):
    """The named parts of the store."""

    OWN = "own"
    """Secrets of the process itself."""
    PEOPLE = "people"
    """Who was attested, with which factors."""
    ATTESTATIONS = "attestations"
    """Sessions already used, by provider, session and nonce."""
    CEREMONIES = "ceremonies"
    """How many codes a ceremony has had."""
    RELEASES = "releases"
    """What signers agreed to."""
    MADE = "made"
    """Signed revisions by released field."""
    SETTLED = "settled"
    """What the service has stored of them, in the order of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value to be kept; it replaces what stood there. ``None`` takes that away."""

    book: Book
    key: str
    value: bytes | None


class VaultError(FaultError):
    """The store cannot be read or written; nothing is answered before it can."""

    code = "vault"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"the activation store fails ({reason}); mend the disk or restore the directory, then try again",
            f"签署激活服务的存储发生故障（{reason}）；请修复磁盘或恢复目录后重试",
        )
        self.reason = reason


class Vault(Protocol):
    """Books of sealed values; one process, several threads."""

    def get(self, book: Book, key: str) -> bytes | None:
        """The value, or ``None`` if there is none.

        Raises:
            VaultError: It is there and cannot be read or unsealed.
        """
        ...

    def put(self, entries: Sequence[Entry]) -> None:
        """Keep all of them or none; durable on return.

        Raises:
            VaultError: Nothing was kept.
        """
        ...
