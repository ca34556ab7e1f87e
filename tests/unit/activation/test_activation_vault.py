"""The vault in memory and the one in LMDB; what the latter's files hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from fake_vault import FakeVault
from vault_behaviour import VaultBehaviour

from contracts_chain.activation.lmdb_vault import LmdbVault
from contracts_chain.activation.vault import Book, Entry, VaultError
from kernel.digests import sha256
from signing.key_encryption import KeyEncryptionKey

KEK = KeyEncryptionKey.of(bytes(32))


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[LmdbVault]:
    vault = LmdbVault(tmp_path / "vault", KEK)
    yield vault
    vault.close()


class TestFakeVault(VaultBehaviour):
    @pytest.fixture
    def vault(self) -> FakeVault:
        return FakeVault()


class TestLmdbVault(VaultBehaviour):
    @pytest.fixture
    def vault(self, sealed: LmdbVault) -> LmdbVault:
        return sealed

    def test_values_outlive_the_process(self, sealed: LmdbVault, tmp_path: Path) -> None:
        sealed.put([Entry(book=Book.RELEASES, key="one", value=b"kept")])
        sealed.close()
        again = LmdbVault(tmp_path / "vault", KEK)
        assert again.get(Book.RELEASES, "one") == b"kept"
        again.close()

    def test_a_copy_shows_neither_names_nor_values(self, sealed: LmdbVault, tmp_path: Path) -> None:
        sealed.put([Entry(book=Book.PEOPLE, key="ceremony-0815", value="张三 13800001234".encode())])
        copied = (tmp_path / "vault" / "data.mdb").read_bytes()
        assert not any(told in copied for told in (b"ceremony-0815", "张三".encode(), b"13800001234"))

    def test_another_key_opens_nothing(self, sealed: LmdbVault, tmp_path: Path) -> None:
        sealed.put([Entry(book=Book.OWN, key="one", value=b"secret")])
        shutil.copytree(tmp_path / "vault", tmp_path / "copy")
        other = LmdbVault(tmp_path / "copy", KeyEncryptionKey.of(bytes(31) + b"\x01"))
        with pytest.raises(VaultError):
            other.get(Book.OWN, "one")
        other.close()

    def test_a_value_moved_to_another_key_does_not_open(self, sealed: LmdbVault, tmp_path: Path) -> None:
        """Whoever could write the file could else give one person's release to another ceremony."""
        sealed.put([Entry(book=Book.RELEASES, key="mine", value=b"released")])
        sealed.close()
        with lmdb.open(str(tmp_path / "vault"), max_dbs=len(Book)) as environment:
            book = environment.open_db(b"releases")
            with environment.begin(write=True, db=book) as transaction:
                transaction.put(sha256(b"yours"), transaction.get(sha256(b"mine")))
        again = LmdbVault(tmp_path / "vault", KEK)
        assert again.get(Book.RELEASES, "mine") == b"released"
        with pytest.raises(VaultError):
            again.get(Book.RELEASES, "yours")
        again.close()
