"""Rotation of a key-encryption key: files and stores, beside a running owner, and killed half-way."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import lmdb
import pytest
from soft_token import SoftToken

from api.kek_command import DirectoryInUseError, NothingSealedError, SameKeyError, rotate
from api.keyring import Keyring, SecretUnreadableError
from signing.issuing_ca import TestCa
from signing.kek_source import open_kek
from signing.key_encryption import KeyEncryptionKey, OtherKeyEncryptionKeyError, is_envelope
from signing.pkcs11_key import Pkcs11KeyWrap
from signing.software_key import UnreadableKeyError
from tests.unit.signing.signed_samples import Office

OLD = KeyEncryptionKey.of(bytes(range(32)))
NEW = KeyEncryptionKey.of(bytes(range(1, 33)))
THIRD = KeyEncryptionKey.of(bytes(range(2, 34)))
VALUES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A directory as the activation process has it: authority, secrets, a store of values."""

    directory: Path

    @classmethod
    def made(cls, directory: Path, office: Office, *, files: int = 5) -> Sealed:
        TestCa.open(directory / "test-ca", OLD, office.clock)
        for number in range(files):
            (directory / f"secret-{number:04}.sealed").write_bytes(
                OLD.seal(f"secret-{number:04}.sealed", f"content {number}".encode())
            )
        (directory / "note.txt").write_text("not sealed")
        with lmdb.open(str(directory / "vault"), map_size=1 << 24, max_dbs=4) as environment:
            for book in (b"people", b"made"):
                database = environment.open_db(book)
                with environment.begin(write=True, db=database) as transaction:
                    for number in range(VALUES):
                        transaction.put(b"%d" % number, OLD.seal(f"value/{number}", b"v%d" % number))
                    transaction.put(b"plain", b"not sealed")
        return cls(directory=directory)

    @property
    def files(self) -> list[Path]:
        return sorted(self.directory.glob("secret-*.sealed"))

    def contents(self, *keys: KeyEncryptionKey) -> list[bytes]:
        """What each file holds, by whichever of the keys opens it."""
        return [_opened(path.name, path.read_bytes(), keys) for path in self.files]

    def values(self, *keys: KeyEncryptionKey) -> list[bytes]:
        found = []
        with lmdb.open(str(self.directory / "vault"), map_size=1 << 24, max_dbs=4) as environment:
            for book in (b"people", b"made"):
                database = environment.open_db(book)
                with environment.begin(db=database) as transaction:
                    assert transaction.get(b"plain") == b"not sealed"
                    for number in range(VALUES):
                        value = transaction.get(b"%d" % number)
                        assert value is not None
                        found.append(_opened(f"value/{number}", value, keys))
        return found


def _opened(name: str, sealed: bytes, keys: tuple[KeyEncryptionKey, ...]) -> bytes:
    (key,) = (key for key in keys if sealed[4:12] == key.key_id)
    return key.unseal(name, sealed)


EXPECTED_VALUES = [b"v%d" % number for number in range(VALUES)] * 2


@pytest.fixture
def sealed(tmp_path: Path, rotation_office: Office) -> Sealed:
    return Sealed.made(tmp_path / "private", rotation_office)


@pytest.fixture(scope="module")
def rotation_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("rotation") / "ca")


def test_after_a_rotation_the_new_key_opens_everything_and_the_old_nothing(
    sealed: Sealed, rotation_office: Office
) -> None:
    roots = TestCa.open(sealed.directory / "test-ca", OLD, rotation_office.clock).roots
    done = rotate(sealed.directory, OLD, NEW)
    assert (done.files, done.values) == (5 + 5, 2 * VALUES)
    assert sealed.contents(NEW) == [f"content {number}".encode() for number in range(5)]
    assert sealed.values(NEW) == EXPECTED_VALUES
    assert TestCa.open(sealed.directory / "test-ca", NEW, rotation_office.clock).roots == roots
    with pytest.raises(UnreadableKeyError):
        TestCa.open(sealed.directory / "test-ca", OLD, rotation_office.clock)


def test_what_is_not_sealed_is_left_alone(sealed: Sealed) -> None:
    rotate(sealed.directory, OLD, NEW)
    assert (sealed.directory / "note.txt").read_text() == "not sealed"


def test_owner_and_mode_of_a_file_stay_as_they_were(sealed: Sealed) -> None:
    path = sealed.files[0]
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    before = path.stat()
    rotate(sealed.directory, OLD, NEW)
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_beside_its_running_owner_nothing_is_rotated(sealed: Sealed) -> None:
    (sealed.directory / "lock").touch()
    with (sealed.directory / "lock").open("rb+") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        with pytest.raises(DirectoryInUseError):
            rotate(sealed.directory, OLD, NEW)
        assert len(sealed.contents(OLD)) == 5
    assert rotate(sealed.directory, OLD, NEW).files == 10


def test_something_under_a_third_key_stops_the_rotation_with_that_keys_id(sealed: Sealed) -> None:
    (sealed.directory / "zz.sealed").write_bytes(THIRD.seal("zz.sealed", b"stranger"))
    with pytest.raises(OtherKeyEncryptionKeyError) as refusal:
        rotate(sealed.directory, OLD, NEW)
    assert refusal.value.needed == THIRD.key_id
    (sealed.directory / "zz.sealed").unlink()
    assert rotate(sealed.directory, OLD, NEW).files == 10
    assert len(sealed.contents(NEW)) == 5


def test_one_key_under_two_names_is_not_rotated(sealed: Sealed) -> None:
    with pytest.raises(SameKeyError):
        rotate(sealed.directory, OLD, KeyEncryptionKey.of(bytes(range(32))))


def test_a_directory_with_nothing_sealed_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NothingSealedError):
        rotate(tmp_path, OLD, NEW)


def test_keys_move_into_a_token(sealed: Sealed, tmp_path: Path, rotation_office: Office) -> None:
    token = SoftToken.made(tmp_path / "hsm", "rotation")
    Pkcs11KeyWrap.generate(token.address("kek-2026"))
    in_token = open_kek(token.uri("kek-2026"))
    rotate(sealed.directory, OLD, in_token)
    assert sealed.values(in_token) == EXPECTED_VALUES
    assert TestCa.open(sealed.directory / "test-ca", in_token, rotation_office.clock).roots


def _command(directory: Path, folder: Path) -> list[str]:
    (folder / "old").write_bytes(bytes(range(32)))
    (folder / "new").write_bytes(bytes(range(1, 33)))
    program = [sys.executable, "-m", "api", "rotate-kek", "--directory", str(directory)]
    return [*program, "--old", f"file:{folder / 'old'}", "--new", f"file:{folder / 'new'}"]


@pytest.mark.parametrize("done_before", [1, 150, 290])
def test_killed_half_way_everything_opens_with_one_of_both_keys_and_the_next_run_finishes(
    tmp_path: Path, rotation_office: Office, done_before: int
) -> None:
    sealed = Sealed.made(tmp_path / "private", rotation_office, files=300)
    (sealed.directory / ".secret-0000.sealed.rewrapped").write_bytes(b"CCK1 cut")  # an earlier killed run's
    command = _command(sealed.directory, tmp_path)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _wait_until_rewrapped(sealed.files[done_before - 1], process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    expected = [f"content {number}".encode() for number in range(300)]
    assert sealed.contents(OLD, NEW) == expected
    assert sealed.values(OLD, NEW) == EXPECTED_VALUES
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 0, again.stderr
    assert "305" in again.stdout
    assert sealed.contents(NEW) == expected
    assert all(is_envelope(path.read_bytes()) for path in sealed.files)
    assert not list(sealed.directory.rglob("*.rewrapped"))


def _wait_until_rewrapped(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.read_bytes()[4:12] == NEW.key_id or process.poll() is not None:
            return
    raise AssertionError("the rotation never came that far")


def test_a_keyring_opens_again_after_its_key_was_rotated(tmp_path: Path) -> None:
    with_old = Keyring(tmp_path / "keys", OLD)
    secret = with_old.secret("log")
    with pytest.raises(DirectoryInUseError):
        rotate(tmp_path / "keys", OLD, NEW)
    with_old.close()
    rotate(tmp_path / "keys", OLD, NEW)
    with_new = Keyring(tmp_path / "keys", NEW)
    assert with_new.secret("log") == secret
    with_new.close()


def test_many_processes_share_a_keyring_but_none_opens_during_a_rotation(tmp_path: Path) -> None:
    first, second = Keyring(tmp_path, OLD), Keyring(tmp_path, OLD)
    assert first.secret("anchor") == second.secret("anchor")
    first.close()
    second.close()
    with (tmp_path / "lock").open("rb+") as rotating:
        fcntl.flock(rotating, fcntl.LOCK_EX)
        with pytest.raises(SecretUnreadableError):
            Keyring(tmp_path, OLD)


def test_a_secret_under_another_name_or_key_does_not_open(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path, OLD)
    keyring.secret("log")
    (tmp_path / "log.sealed").rename(tmp_path / "admin.sealed")
    with pytest.raises(SecretUnreadableError):
        keyring.secret("admin")
    keyring.secret("log")
    other = Keyring(tmp_path, NEW)
    with pytest.raises(SecretUnreadableError):
        other.secret("log")
    keyring.close()
    other.close()


def test_no_secret_stands_in_its_file(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path, None)
    secret = keyring.secret("log")
    keyring.close()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())
    again = Keyring.open(tmp_path, f"file:{tmp_path / 'kek.secret'}")
    assert again.secret("log") == secret
    again.close()
