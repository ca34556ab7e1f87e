"""The vault in one LMDB environment, every value sealed under the process's key-encryption key.

Keys are digests of names, so that a copy of the file tells neither people nor contracts. A commit
is on disk before ``put`` returns. A value moved to another key or book does not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import lmdb

from contracts_chain.activation.vault import Book, Entry, VaultError
from kernel.digests import sha256
from kernel.errors import FaultError
from signing.key_encryption import KeyEncryptionKey

__all__ = ["LmdbVault"]

_GREATEST_STORE: Final = 16 * 1024**3
"""Address space, not disk: about 200,000 signatures that are not given up yet (``results``)."""


class LmdbVault:
    """Implements ``Vault``; one process at a time (the caller holds the directory's lock)."""

    def __init__(self, directory: Path, kek: KeyEncryptionKey) -> None:
        """Open or make the environment.

        Raises:
            VaultError: It cannot be opened.
        """
        self._kek = kek
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._environment = lmdb.open(
                str(directory), map_size=_GREATEST_STORE, max_dbs=len(Book), mode=0o600
            )
            self._books = {book: self._environment.open_db(book.value.encode()) for book in Book}
        except (lmdb.Error, OSError) as problem:
            raise VaultError(str(problem)) from problem

    def get(self, book: Book, key: str) -> bytes | None:
        """See ``Vault``."""
        try:
            with self._environment.begin(db=self._books[book]) as transaction:
                sealed: bytes | None = transaction.get(sha256(key.encode()))
            return None if sealed is None else self._kek.unseal(_name(book, key), sealed)
        except (lmdb.Error, FaultError) as problem:
            raise VaultError(str(problem)) from problem

    def put(self, entries: Sequence[Entry]) -> None:
        """See ``Vault``."""
        sealed = [
            (entry.book, sha256(entry.key.encode()), self._sealed(entry.book, entry.key, entry.value))
            for entry in entries
        ]
        try:
            with self._environment.begin(write=True) as transaction:
                for book, key, value in sealed:
                    if value is None:
                        transaction.delete(key, db=self._books[book])
                    else:
                        transaction.put(key, value, db=self._books[book])
        except lmdb.Error as problem:
            raise VaultError(str(problem)) from problem

    def _sealed(self, book: Book, key: str, value: bytes | None) -> bytes | None:
        return None if value is None else self._kek.seal(_name(book, key), value)

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
        self._environment.close()


def _name(book: Book, key: str) -> str:
    return f"activation/{book.value}/{key}"
