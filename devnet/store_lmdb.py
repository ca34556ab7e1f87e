"""Keep blocks on disk: one LMDB environment, one synchronous transaction per commit.

Decides durability: when ``commit`` returns, the block survives kill -9 and power loss;
before that nothing of it is visible. Blocks are built in a ``ScratchDB`` above the
committed store, because py-evm writes key by key and is not atomic by itself.
Must never hold a write transaction over execution, and never prune: old proofs stay.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

import lmdb
from eth.db.atomic import AtomicDB
from eth.db.backends.base import BaseDB

from devnet.errors import store_full
from kernel.atomic_file import UnwritableError
from kernel.errors import FaultError

__all__ = ["CommittedDB", "LmdbStore", "ScratchDB", "Table"]

MIB = 1 << 20
_DISK_FULL_WORDS = ("No space left", "Disk quota exceeded")
_ROOM_FOR_A_BLOCK = MIB


class Table(Enum):
    """The named tables of the environment."""

    CHAIN = b"chain"  # py-evm's keys: trie nodes, headers by hash, look-ups
    BODIES = b"bodies"  # block number, 8 bytes -> devnet.body encoding
    LOGS = b"logs"  # devnet.log_index keys -> nothing
    SETS = b"sets"  # block number, 8 bytes -> devnet.validator_set encoding, where it changed
    NOTES = b"notes"  # genesis hash, pending proposal, votes wished for


class LmdbStore:
    """The committed store. Reads see whole commits only; any thread may read."""

    def __init__(self, directory: Path, *, map_mib: int) -> None:
        """Open or create the environment.

        Args:
            directory: Where ``data.mdb`` lives; created when absent.
            map_mib: Upper bound of the file in MiB; address space, not disk, until used.

        Raises:
            StoreFullError: No space for one more block. Looked at first: LMDB maps its lock file,
                and a page of it that the disk cannot give ends the process without a word.
            UnwritableError: The files are damaged or not ours to open.
        """
        self.directory = directory
        self._map_mib = map_mib
        if _lacks_room(directory):
            raise store_full(directory, map_mib=map_mib)
        try:
            self._env = lmdb.open(str(directory), map_size=map_mib * MIB, max_dbs=len(Table), subdir=True)
            self._tables = {table: self._env.open_db(table.value) for table in Table}
        except lmdb.Error as problem:
            raise self._fault(problem) from problem

    def get(self, table: Table, key: bytes) -> bytes | None:
        """The committed value, or ``None``."""
        with self._env.begin(db=self._tables[table]) as transaction:
            found: bytes | None = transaction.get(key)
        return found

    def keys_from(self, table: Table, first: bytes, prefix: bytes) -> Iterator[bytes]:
        """Committed keys not below ``first`` that start with ``prefix``, ascending."""
        with self._env.begin(db=self._tables[table]) as transaction, transaction.cursor() as cursor:
            present = cursor.set_range(first)
            while present and cursor.key().startswith(prefix):
                yield bytes(cursor.key())
                present = cursor.next()

    def last_not_after(self, table: Table, key: bytes) -> bytes | None:
        """The committed value under this key, or under the greatest one below it."""
        with self._env.begin(db=self._tables[table]) as transaction, transaction.cursor() as cursor:
            here = cursor.set_range(key)
            found = (here and cursor.key() == key) or (cursor.prev() if here else cursor.last())
            return bytes(cursor.value()) if found else None

    def commit(self, changes: Mapping[Table, Mapping[bytes, bytes | None]]) -> None:
        """Write all changes in one synchronous transaction; ``None`` deletes.

        Raises:
            StoreFullError: Map or disk full; nothing was written.
            UnwritableError: The device refuses otherwise; nothing was written.
        """
        try:
            with self._env.begin(write=True) as transaction:
                for table, entries in changes.items():
                    handle = self._tables[table]
                    for key, value in entries.items():
                        if value is None:
                            transaction.delete(key, db=handle)
                        else:
                            transaction.put(key, value, db=handle)
        except lmdb.Error as problem:
            raise self._fault(problem) from problem

    def close(self) -> None:
        """Release the file; the store cannot be used afterwards."""
        self._env.close()

    def _fault(self, problem: lmdb.Error) -> FaultError:
        if isinstance(problem, lmdb.MapFullError) or _is_disk_full(self.directory, problem):
            return store_full(self.directory, map_mib=self._map_mib)
        return UnwritableError(
            f"the block store in {self.directory} cannot be used ({problem}); "
            "check its permissions or restore it from a backup",
            f"无法使用 {self.directory} 中的区块库（{problem}）；请检查权限，或从备份恢复",
        )


class CommittedDB(BaseDB):
    """py-evm's read view of the committed chain table; writing is a fault of the caller."""

    def __init__(self, store: LmdbStore) -> None:
        """Read from this store."""
        self._store = store

    def __getitem__(self, key: bytes) -> bytes:
        """The committed value; ``KeyError`` when absent."""
        found = self._store.get(Table.CHAIN, key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Refused: blocks are written by ``LmdbStore.commit`` only."""
        raise TypeError("the committed chain is read-only; build in a ScratchDB")

    def __delitem__(self, key: bytes) -> None:
        """Refused, as writing is."""
        raise TypeError("the committed chain is read-only; build in a ScratchDB")

    def _exists(self, key: bytes) -> bool:
        return self._store.get(Table.CHAIN, key) is not None


class ScratchDB(BaseDB):
    """Writes kept in memory above a read view, until committed or thrown away."""

    def __init__(self, beneath: BaseDB) -> None:
        """Start without writes."""
        self._beneath = beneath
        self.writes: dict[bytes, bytes | None] = {}

    def __getitem__(self, key: bytes) -> bytes:
        """The newest value; ``KeyError`` when absent or deleted here."""
        if key not in self.writes:
            return bytes(self._beneath[key])
        found = self.writes[key]
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Remember a write."""
        self.writes[key] = value

    def __delitem__(self, key: bytes) -> None:
        """Remember a deletion; ``KeyError`` when there is nothing to delete."""
        self[key]
        self.writes[key] = None

    def _exists(self, key: bytes) -> bool:
        if key in self.writes:
            return self.writes[key] is not None
        return key in self._beneath

    def atomic(self) -> AtomicDB:
        """The wrapping that py-evm's chain database asks for."""
        return AtomicDB(self)


def _is_disk_full(directory: Path, problem: lmdb.Error) -> bool:
    """LMDB reports a short write on a full disk as an input/output error, so look at the disk."""
    return any(word in str(problem) for word in _DISK_FULL_WORDS) or _lacks_room(directory)


def _lacks_room(directory: Path) -> bool:
    standing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    return shutil.disk_usage(standing).free < _ROOM_FOR_A_BLOCK
