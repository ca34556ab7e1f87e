"""``contracts-chain activation-set`` over a real directory: the next start has the change, or none."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from activation_people import Vouchers
from activation_trial import RunningActivation, running_activation

from api.activation_client import HttpActivation
from api.activation_configure import NotFoundedError, configure_activation
from api.activation_directory import ActivationDirectoryLockedError
from contracts_chain.activation.changed_setting import SettingRefusedError, SettingUnknownError
from contracts_chain.activation.configuration import ActivationConfiguration
from kernel.errors import ContractsChainError
from signing.kek_source import KekUnavailableError


@dataclass(frozen=True)
class Stopped:
    """A founded directory whose process does not run."""

    directory: Path
    vouchers: Vouchers

    @property
    def file(self) -> Path:
        return self.directory / "private" / "activation.json"


@pytest.fixture(scope="module")
def stopped() -> Iterator[Stopped]:
    """Where the process's own user may pass."""
    with tempfile.TemporaryDirectory(prefix="configured-") as place:
        Path(place).chmod(0o755)
        founded = Stopped(Path(place) / "activation", Vouchers())
        with running_activation(founded.directory, founded.vouchers):
            pass
        yield founded


def configure(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api", "activation-set", "--directory", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_changed_setting_holds_from_the_next_start_and_the_file_stays_its_owners(stopped: Stopped) -> None:
    before = stopped.file.stat()
    done = configure(stopped.directory, "rp_name", "另一家供电公司 TEST")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rp_name" in done.stdout
    after = stopped.file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    with running_activation(stopped.directory, stopped.vouchers) as running:
        assert HttpActivation(running.channel).configuration_differs == ("rp_name",)
    with running_activation(stopped.directory, stopped.vouchers, rp_name="另一家供电公司 TEST") as running:
        assert HttpActivation(running.channel).configuration_differs == ()


def test_beside_the_running_process_nothing_is_changed(running: RunningActivation) -> None:
    file = running.private / "activation.json"
    before = file.read_bytes()
    with pytest.raises(ActivationDirectoryLockedError):
        configure_activation(running.process.directory, "codes_an_hour", "999")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("origin", "https://sign.example", SettingUnknownError),
        ("tsa_roots", '["nowhere.pem"]', SettingRefusedError),
        ("kek", "file:other.secret", SettingRefusedError),
        ("kek", "env:NO_SUCH_KEK", KekUnavailableError),
        ("providers.nobody", None, SettingUnknownError),
    ],
)
def test_what_the_process_would_not_start_with_changes_nothing(
    stopped: Stopped, name: str, value: str | None, refusal: type[ContractsChainError]
) -> None:
    stopped.file.with_name("other.secret").write_bytes(secrets.token_bytes(32))
    before = stopped.file.read_bytes()
    with pytest.raises(refusal):
        configure_activation(stopped.directory, name, value)
    assert stopped.file.read_bytes() == before


def test_the_sound_key_encryption_key_under_another_name_is_taken(stopped: Stopped) -> None:
    kept = stopped.file.with_name("kek.secret").read_bytes()
    stopped.file.with_name("moved.secret").write_bytes(kept)
    configure_activation(stopped.directory, "kek", "file:moved.secret")
    assert ActivationConfiguration.parse(stopped.file.read_bytes()).kek == "file:moved.secret"


def test_a_directory_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    before = tmp_path.stat()
    with pytest.raises(NotFoundedError):
        configure_activation(tmp_path, "rp_name", "某供电公司")
    after = tmp_path.stat()
    assert (after.st_uid, after.st_mode, list(tmp_path.iterdir())) == (before.st_uid, before.st_mode, [])
