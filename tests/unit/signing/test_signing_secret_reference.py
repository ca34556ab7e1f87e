"""Settings name secrets and hold none."""

from __future__ import annotations

from pathlib import Path

import pytest

from signing.secret_reference import SecretUnreadableError, is_secret_reference, load_secret


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("file:/run/secrets/s3", True),
        ("env:S3_SECRET", True),
        ("s3cr3t", False),
        ("file:", False),
        ("env:", False),
        ("env:1A", False),
        ("env:A\n", False),
        ("vault:a", False),
    ],
)
def test_a_reference_names_a_file_or_a_variable(setting: str, named: bool) -> None:
    assert is_secret_reference(setting) is named


def test_the_secret_is_read_at_each_use_without_white_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s").write_text(" first\n")
    assert load_secret(f"file:{tmp_path / 's'}") == "first"
    (tmp_path / "s").write_text("second")
    assert load_secret(f"file:{tmp_path / 's'}") == "second"
    monkeypatch.setenv("S3_TEST_SECRET", "third ")
    assert load_secret("env:S3_TEST_SECRET") == "third"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_secret_that_is_not_there_is_a_fault_that_names_the_place(
    tmp_path: Path, content: bytes | None
) -> None:
    place = tmp_path / "s"
    if content is not None:
        place.write_bytes(content)
    with pytest.raises(SecretUnreadableError) as caught:
        load_secret(f"file:{place}")
    assert str(place) in caught.value.zh
    assert str(place) in caught.value.en


def test_a_variable_that_is_not_set_is_a_fault() -> None:
    with pytest.raises(SecretUnreadableError, match="S3_TEST_UNSET"):
        load_secret("env:S3_TEST_UNSET")
