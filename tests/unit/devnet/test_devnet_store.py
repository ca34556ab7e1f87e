from __future__ import annotations

from pathlib import Path

import pytest

from devnet.errors import StoreFullError
from devnet.store_lmdb import CommittedDB, LmdbStore, ScratchDB, Table


@pytest.fixture
def store(tmp_path: Path) -> LmdbStore:
    return LmdbStore(tmp_path / "chain", map_mib=1)


def test_what_is_committed_is_there_after_reopening(tmp_path: Path, store: LmdbStore) -> None:
    store.commit({Table.CHAIN: {b"k": b"v"}, Table.NOTES: {b"n": b"w"}})
    store.close()
    again = LmdbStore(tmp_path / "chain", map_mib=1)
    assert (again.get(Table.CHAIN, b"k"), again.get(Table.NOTES, b"n")) == (b"v", b"w")


def test_scratch_writes_are_invisible_until_committed(store: LmdbStore) -> None:
    committed = CommittedDB(store)
    scratch = ScratchDB(committed)
    scratch[b"k"] = b"v"
    assert scratch[b"k"] == b"v"
    assert b"k" not in committed
    store.commit({Table.CHAIN: scratch.writes})
    assert committed[b"k"] == b"v"


def test_a_scratch_deletion_hides_and_then_deletes(store: LmdbStore) -> None:
    store.commit({Table.CHAIN: {b"k": b"v"}})
    scratch = ScratchDB(CommittedDB(store))
    del scratch[b"k"]
    assert b"k" not in scratch
    with pytest.raises(KeyError):
        scratch[b"k"]
    store.commit({Table.CHAIN: scratch.writes})
    assert store.get(Table.CHAIN, b"k") is None


def test_the_committed_view_cannot_be_written(store: LmdbStore) -> None:
    with pytest.raises(TypeError):
        CommittedDB(store)[b"k"] = b"v"


def test_a_full_map_is_a_fault_and_leaves_nothing_half_written(store: LmdbStore) -> None:
    with pytest.raises(StoreFullError) as caught:
        store.commit({Table.NOTES: {b"first": b"x"}, Table.CHAIN: {b"k": bytes(2 * 1024 * 1024)}})
    assert "--map-mib" in caught.value.en
    assert "--map-mib" in caught.value.zh
    assert store.get(Table.NOTES, b"first") is None


def test_key_ranges_are_ascending_and_keep_to_their_prefix(store: LmdbStore) -> None:
    store.commit({Table.LOGS: {b"a1": b"", b"a3": b"", b"a2": b"", b"b1": b""}})
    assert list(store.keys_from(Table.LOGS, b"a2", b"a")) == [b"a2", b"a3"]
