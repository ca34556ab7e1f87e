"""What the terminal shows: nothing cut off, nothing of others taken for markup, faults told from bugs."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest
from psycopg import OperationalError
from psycopg.errors import DiskFull
from rich.console import Console

from api.bounded_file import FileTooLargeError, FileUnopenedError, printable, read_bounded
from api.demo_progress import Stages
from api.demo_table import print_table
from api.settings import Settings
from api.surroundings import as_fault
from kernel.os_reason import reason_zh
from kernel.verdict import Verdict

NUMBER = "SGZJMZ00YXGY2600001"
SUMMARY: dict[str, Any] = {
    "documents": [
        {
            "kind": "VAT_SPECIAL_INVOICE",
            "number": NUMBER,
            "pages": 12_345,
            "signatures": 1_234,
            "anchor": {"block": 123_456_789},
            "verdict": verdict.value,
        }
        for verdict in Verdict
    ],
    "tampered": [{"changed": f"{NUMBER}/META-INF/ASiCManifest.xml", "verdict": "refuted", "step": 11}],
    "timings_ms": {"anchor_invoice": 1_234_567},
}


def shown(columns: int) -> str:
    stream = io.StringIO()
    print_table(Console(file=stream, width=columns, highlight=False), SUMMARY, Path("out"))
    return stream.getvalue()


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_the_tables_of_the_demo_fit_and_every_number_is_whole(columns: int) -> None:
    screen = shown(columns)
    for whole in (NUMBER, "12345", "1234", "123456789", "META-INF/ASiCManifest.xml", "1,234,567"):
        assert whole in screen
    assert "已证实 proven" in screen


@pytest.mark.parametrize("columns", [20, 40])
def test_on_a_narrow_terminal_the_tables_fold_and_cut_nothing_off(columns: int) -> None:
    assert "…" not in shown(columns)


@pytest.mark.parametrize("columns", [50, 80])
def test_a_stage_that_fails_is_marked_and_its_words_are_not_cut_off(columns: int) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=columns, highlight=False)
    with Stages(console) as stages:
        with stages.stage("sign", f"用电人阅读并签署 consumer reads and signs {NUMBER}"):
            pass
        with pytest.raises(KeyboardInterrupt), stages.stage("anchor", "锚定 anchor"):
            raise KeyboardInterrupt
    assert list(stages.timings_ms) == ["sign"]
    assert "✓" in stream.getvalue()
    assert "✕ 锚定" in stream.getvalue()
    assert "…" not in stream.getvalue()
    assert NUMBER in "".join(stream.getvalue().split())


def caused(outer: Exception, inner: BaseException) -> Exception:
    outer.__cause__ = inner
    return outer


def test_a_full_disk_is_found_behind_whatever_a_library_made_of_it() -> None:
    for problem in (OSError(errno.ENOSPC, "x"), OSError(errno.EDQUOT, "x"), DiskFull("x")):
        fault = as_fault(caused(RuntimeError("flush failed"), problem))
        assert fault is not None
        assert fault.code == "disk_full"


def test_a_lost_database_a_refusing_file_and_a_wrong_setting_are_no_bugs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "gone" in str(as_fault(caused(RuntimeError("x"), OperationalError("gone\nfor good"))))
    refused = as_fault(PermissionError(errno.EACCES, "Permission denied", "/secret"))
    assert refused is not None
    assert "/secret" in refused.zh
    assert "没有权限" in refused.zh
    monkeypatch.setenv("CONTRACTS_CHAIN_PORT", "http")
    with pytest.raises(ValueError, match="port") as wrong:
        Settings()
    setting = as_fault(wrong.value)
    assert setting is not None
    assert "CONTRACTS_CHAIN_PORT" in setting.en


def test_anything_else_is_a_bug_of_ours() -> None:
    assert as_fault(KeyError("x")) is None
    assert as_fault(ValueError("x")) is None


def test_only_ordinary_files_within_the_limit_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")
    assert read_bounded(file, 5) == b"12345"
    with pytest.raises(FileTooLargeError):
        read_bounded(file, 4)
    for place in (tmp_path / "pipe", tmp_path, tmp_path / "nowhere", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(FileUnopenedError):
            read_bounded(place, 5)


def test_a_name_is_shown_without_control_characters_or_broken_utf_8() -> None:
    assert printable(Path(os.fsdecode(b"\x1b[31m\xff.pdf"))) == "\ufffd[31m\ufffd.pdf"
    assert printable(Path("合同.pdf")) == "合同.pdf"


def test_a_refusal_we_have_no_chinese_for_keeps_the_words_of_the_system() -> None:
    assert reason_zh(OSError(errno.ENOENT, "No such file")) == "不存在"
    assert reason_zh(OSError(errno.ENODEV, "No such device")) == "No such device"
