"""A vault in memory; ``seen`` is what a copy of it would hold."""

from __future__ import annotations

from collections.abc import Sequence

from contracts_chain.activation.vault import Book, Entry

__all__ = ["FakeVault"]


class FakeVault:
    """Implements ``Vault``."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Book, str], bytes] = {}

    def get(self, book: Book, key: str) -> bytes | None:
        return self.kept.get((book, key))

    def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.value is None:
                self.kept.pop((entry.book, entry.key), None)
            else:
                self.kept[entry.book, entry.key] = bytes(entry.value)
