"""The operator's commands refuse what cannot be meant before anything is opened, in both languages."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from api.cli import main

NUMBER = "SGZJMZ00YXGY2699999"
STATUS = f"status {NUMBER}"
WITNESS = "witness --dir {folder}/witness"
LOG = f"--log x={'a' * 64}"
CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]{4}"), re.compile(r"[a-z]{2,}[ ;,:)][^\n]*[a-z]{2,}")
MEANINGLESS = [
    (f"{STATUS} --set void --reason r --by b", 10, "status_request"),
    (f"{STATUS} --set terminated --by b", 10, "status_request"),
    (f"{STATUS} --set terminated --reason r", 10, "status_request"),
    (f"{STATUS} --set terminated --reason {'长' * 501} --by b", 10, "500"),
    (f"{STATUS} --reason r", 10, "--set"),
    (f"{STATUS} --successor {NUMBER}", 10, "--set"),
    ("alarms --clear x:y", 10, "alarm_request"),
    ("alarms --by b", 10, "alarm_request"),
    (f"archive {NUMBER} -o {{folder}}/taken", 10, "archive_folder_taken"),
    (f"{WITNESS} --name a+b {LOG}", 10, "witness_arguments"),
    (f"{WITNESS} --name n.test --log x=short", 10, "witness_arguments"),
    (f"{WITNESS} --name n.test {LOG} --port 70000", 2, "--port"),
    ("judicial-sandbox --dir {folder}/court --port -1", 2, "--port"),
    ("judicial-sandbox --dir /dev/null", 1, "/dev/null"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONTRACTS_CHAIN_DATA_DIR", str(tmp_path / "none"))
    return tmp_path


def refused(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    """Exit code and standard error of a command that prints nothing else."""
    monkeypatch.setattr(sys, "argv", ["contracts-chain", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert CHINESE.search(printed.err), printed.err
    assert ENGLISH.search(printed.err), printed.err
    assert len(printed.err.splitlines()) == 2, printed.err
    return ended.value.code, printed.err


@pytest.mark.parametrize(("line", "code", "words"), MEANINGLESS)
def test_what_cannot_be_meant_is_refused_and_nothing_is_made(
    folder: Path,
    line: str,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "taken").mkdir()
    told, said = refused(line.format(folder=folder), monkeypatch, capsys)
    assert told == code, said
    assert words in said
    assert [path.name for path in folder.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    "line",
    [
        "flush",
        "renew",
        "cross-anchor",
        "alarms",
        "fsck",
        STATUS,
        f"{STATUS} --set terminated --reason r --by b",
        f"archive {NUMBER} -o {{folder}}/folder",
    ],
)
def test_without_an_installation_a_command_says_so_and_begins_none(
    folder: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told, said = refused(line.format(folder=folder), monkeypatch, capsys)
    assert told == 1
    assert "no_installation" in said
    assert str(folder / "none") in said
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("period", ["0.2", "-1", "3601"])
def test_a_block_period_the_chain_does_not_take_is_named_as_a_setting(
    folder: Path, period: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONTRACTS_CHAIN_BLOCK_PERIOD_SECONDS", period)
    told, said = refused("flush", monkeypatch, capsys)
    assert told == 1
    assert "setting_invalid" in said
    assert "block_period_seconds" in said
    assert list(folder.iterdir()) == []
