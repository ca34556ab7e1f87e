"""Renews the wrapping of every sealed value of an LMDB store, all of them in one transaction.

Kill the process at any byte: each value opens with the old key or with the new one. A transaction leaves
the old pages behind as free ones, and an old wrapping with the old key still opens the content: so the
store is then copied without them, and the copy takes its place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import lmdb

from api.file_replacement import replacing
from kernel.errors import FaultError
from signing.key_encryption import KeyEncryptionKey, is_envelope

__all__ = ["LMDB_FILE", "StoreUnreadableError", "rewrap_store"]

LMDB_FILE: Final = "data.mdb"
MOST_DATABASES: Final = 64
SPARE_FACTOR: Final = 4
"""Room for the copies that one transaction makes of the pages it changes."""
LEAST_SPACE: Final = 64 * 1024**2


class StoreUnreadableError(FaultError):
    """The store cannot be opened or written."""

    code = "store_unreadable"

    def __init__(self, directory: Path, reason: str) -> None:
        """Keep directory and reason."""
        super().__init__(
            f"the store in {directory} cannot be rewritten ({reason}); see that its disk has room",
            f"无法改写 {directory} 中的数据（{reason}）；请检查磁盘空间",
        )


def rewrap_store(directory: Path, old: KeyEncryptionKey, new: KeyEncryptionKey) -> int:
    """Rewrap every sealed value below ``directory/data.mdb``.

    Returns:
        How many values are sealed under ``new`` now.

    Raises:
        OtherKeyEncryptionKeyError: A value is sealed under neither key; nothing was changed.
        StoreUnreadableError: LMDB or the disk refuses; run the command again after mending that.
    """
    size = max(LEAST_SPACE, SPARE_FACTOR * (directory / LMDB_FILE).stat().st_size)
    count = 0
    try:
        with (
            lmdb.open(str(directory), map_size=size, max_dbs=MOST_DATABASES) as environment,
            environment.begin(write=True) as transaction,
        ):
            # the named databases are the keys of the unnamed one
            for name in [bytes(name) for name, _ in transaction.cursor()]:
                database = environment.open_db(name, txn=transaction, create=False)
                for key in [bytes(key) for key, _ in transaction.cursor(db=database)]:
                    value = transaction.get(key, db=database)
                    if value is not None and is_envelope(value):
                        transaction.put(key, old.rewrapped(f"{directory.name}/…", value, new), db=database)
                        count += 1
        _drop_free_pages(directory, size)
    except (lmdb.Error, OSError) as problem:
        raise StoreUnreadableError(directory, str(problem)) from problem
    return count


def _drop_free_pages(directory: Path, size: int) -> None:
    with (
        lmdb.open(str(directory), map_size=size, max_dbs=MOST_DATABASES, readonly=True) as environment,
        replacing(directory / LMDB_FILE) as descriptor,
    ):
        environment.copyfd(descriptor, compact=True)
