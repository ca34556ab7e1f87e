"""Another key-encryption key for the activation process's own directory: the command, run for real.

As root the files belong to the process's own user before and after. Afterwards the process starts under
the new key with everything it kept, and the old key opens nothing, not even in the store's freed pages.
"""

from __future__ import annotations

import copy
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from activation_behaviour import DOCUMENT, Trial, order_for
from activation_people import Vouchers, request_for
from activation_trial import RunningActivation, running_activation
from soft_token import SoftToken

from api.activation_configure import configure_activation
from api.activation_launch import ActivationProcess, ActivationStartError
from api.kek_command import DirectoryInUseError, rotate
from contracts_chain.activation.port import SignatureOrder, SignedField
from contracts_chain.evidence.will import Release
from signing.kek_source import open_kek
from signing.key_encryption import ENVELOPE_MAGIC, KeyEncryptionKey, is_envelope, key_id_of
from signing.pkcs11_key import Pkcs11KeyWrap


class Founded:
    """An installation with a signer, a will and a signature, stopped; and whether all is still there."""

    def __init__(self, room: Path) -> None:
        self.directory, self.vouchers = room / "activation", Vouchers()
        with running_activation(self.directory, self.vouchers) as running:
            self.trial = running.trial()
            self.trial.enrol()
            self.request = request_for(self.trial.zhang, DOCUMENT)
            self.trial.released(self.request)
            self.order: SignatureOrder = order_for(self.request)
            self.signed: SignedField = self.trial.activation.sign(self.order)
            self.release: Release | None = self.trial.activation.released(self.request.ceremony)
        self.private = self.directory / "private"
        self.old_secret = (self.private / "kek.secret").read_bytes()
        self.user = self.private.stat().st_uid

    def at(self, directory: Path) -> Founded:
        """The same installation in another place."""
        moved = copy.copy(self)
        moved.directory, moved.private = directory, directory / "private"
        return moved

    def look(self) -> None:
        """Start the process: keys, people, wills and signatures of before open, and new ones are made."""
        with running_activation(self.directory, self.vouchers) as running:
            trial = replace(running.trial(), zhang=self.trial.zhang, phone=self.trial.phone)
            assert (trial.public_key, trial.trust) == (self.trial.public_key, self.trial.trust)
            assert trial.activation.standing(trial.zhang).attested_utc is not None
            assert trial.activation.released(self.request.ceremony) == self.release
            assert trial.activation.sign(self.order) == self.signed
            self._sign_anew(trial)

    @staticmethod
    def _sign_anew(trial: Trial) -> None:
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        assert trial.activation.sign(order_for(request)).pdf.startswith(DOCUMENT)

    def set_kek(self, setting: str) -> None:
        """As the runbook says."""
        configure_activation(self.directory, "kek", setting)

    def command(self, old: str, new: str) -> list[str]:
        program = [sys.executable, "-m", "api", "rotate-kek", "--directory", str(self.private)]
        return [*program, "--old", old, "--new", new]

    def rotated(self, old: str, new: str) -> None:
        done = subprocess.run(self.command(old, new), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr

    def sealed(self) -> list[Path]:
        return [path for path in self.private.rglob("*") if path.is_file() and is_envelope(path.read_bytes())]

    def everything(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.private.rglob("*") if path.is_file())


@pytest.fixture
def room() -> Iterator[Path]:
    """Where the process's own user may pass."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.fixture(scope="module")
def model() -> Iterator[Founded]:
    with tempfile.TemporaryDirectory(prefix="rotation-") as place:
        Path(place).chmod(0o755)
        yield Founded(Path(place))


@pytest.fixture
def founded(model: Founded, room: Path) -> Founded:
    """A copy of its own, owners and modes as they are."""
    subprocess.run(["cp", "-a", str(model.directory), str(room)], check=True, timeout=60)
    return model.at(room / "activation")


def own(path: Path, user: int) -> None:
    """The process's user may read it."""
    for one in (path, *path.rglob("*")):
        os.chown(one, user, user)


def test_after_a_rotation_to_another_file_all_opens_and_the_old_secret_opens_nothing(
    founded: Founded, room: Path
) -> None:
    new = room / "kek-2027"
    new.write_bytes(secrets.token_bytes(32))
    before = {path: (path.stat().st_uid, path.stat().st_mode) for path in founded.private.rglob("*")}
    founded.rotated(f"file:{founded.private / 'kek.secret'}", f"file:{new}")
    assert {path: (path.stat().st_uid, path.stat().st_mode) for path in founded.private.rglob("*")} == before
    assert founded.sealed()
    assert ENVELOPE_MAGIC + key_id_of(founded.old_secret) not in founded.everything()
    process = ActivationProcess(founded.directory, founded.vouchers.configuration())
    process.begin()
    try:
        with pytest.raises(ActivationStartError, match="unreadable_key"):
            process.ready()
    finally:
        process.stop()
    (founded.private / "kek.secret").write_bytes(new.read_bytes())
    founded.look()


def test_beside_the_running_process_nothing_is_rotated(running: RunningActivation) -> None:
    old = open_kek(f"file:{running.private / 'kek.secret'}")
    sealed = running.private / "test-ca" / "root.key"
    before = sealed.read_bytes()
    with pytest.raises(DirectoryInUseError):
        rotate(running.private, old, KeyEncryptionKey.of(secrets.token_bytes(32)))
    assert sealed.read_bytes() == before


def test_the_key_moves_to_the_environment(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIVATION_TEST_KEK", secrets.token_bytes(32).hex())
    founded.rotated(f"file:{founded.private / 'kek.secret'}", "env:ACTIVATION_TEST_KEK")
    (founded.private / "kek.secret").unlink()
    founded.set_kek("env:ACTIVATION_TEST_KEK")
    founded.look()


@pytest.mark.long
def test_the_key_moves_into_a_token(founded: Founded, room: Path) -> None:
    token = SoftToken.made(room / "hsm", "activation")
    Pkcs11KeyWrap.generate(token.address("kek-2027"))
    founded.rotated(f"file:{founded.private / 'kek.secret'}", token.uri("kek-2027"))
    (founded.private / "kek.secret").unlink()
    founded.set_kek(token.uri("kek-2027"))
    own(room / "hsm", founded.user)
    founded.look()


@pytest.mark.parametrize(
    "watched", ["vault/data.mdb", pytest.param("test-ca/tsa.key", marks=pytest.mark.long)]
)
def test_killed_half_way_a_rotation_loses_nothing_and_the_same_command_finishes(
    founded: Founded, room: Path, watched: str
) -> None:
    new = room / "new"
    new.write_bytes(secrets.token_bytes(32))
    command = founded.command(f"file:{founded.private / 'kek.secret'}", f"file:{new}")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    path, before = founded.private / watched, (founded.private / watched).read_bytes()
    deadline = time.monotonic() + 60
    while path.read_bytes() == before and process.poll() is None and time.monotonic() < deadline:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not list(founded.private.rglob("*.rewrapped"))
    assert ENVELOPE_MAGIC + key_id_of(founded.old_secret) not in founded.everything()
    (founded.private / "kek.secret").write_bytes(new.read_bytes())
    founded.look()
