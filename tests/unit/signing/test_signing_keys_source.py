"""Where a key-encryption key may come from, and that a missing one is never replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from signing.kek_source import KekSettingError, KekUnavailableError, open_kek
from signing.key_encryption import KeyEncryptionKey


def test_file_and_variable_of_the_same_secret_are_the_same_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kek").write_bytes(bytes(range(32)))
    monkeypatch.setenv("OUR_KEK", bytes(range(32)).hex())
    of_file, of_variable = open_kek(f"file:{tmp_path / 'kek'}"), open_kek("env:OUR_KEK")
    assert of_variable.unseal("k", of_file.seal("k", b"secret")) == b"secret"
    assert of_file.key_id == KeyEncryptionKey.of(bytes(range(32))).key_id


def test_a_missing_file_is_made_only_when_asked_and_then_kept(tmp_path: Path) -> None:
    setting = f"file:{tmp_path / 'keys' / 'kek.secret'}"
    with pytest.raises(KekUnavailableError):
        open_kek(setting)
    assert not (tmp_path / "keys").exists()
    made = open_kek(setting, make=True)
    assert open_kek(setting, make=True).key_id == open_kek(setting).key_id == made.key_id
    assert (tmp_path / "keys" / "kek.secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33)])
def test_a_file_of_another_length_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kek").write_bytes(content)
    with pytest.raises(KekUnavailableError):
        open_kek(f"file:{tmp_path / 'kek'}", make=True)
    assert (tmp_path / "kek").read_bytes() == content


@pytest.mark.parametrize("value", ["", "00", "zz" * 32, "00" * 33])
def test_a_variable_of_another_shape_is_no_key_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OUR_KEK", value)
    with pytest.raises(KekUnavailableError) as refusal:
        open_kek("env:OUR_KEK")
    assert not value or value not in refusal.value.en


def test_a_variable_that_is_not_set_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUR_KEK", raising=False)
    with pytest.raises(KekUnavailableError):
        open_kek("env:OUR_KEK")


@pytest.mark.parametrize("setting", ["", "file:", "env:", "kek.secret", "http://example", "FILE:/x"])
def test_anything_else_names_no_key(setting: str) -> None:
    with pytest.raises(KekSettingError):
        open_kek(setting)
