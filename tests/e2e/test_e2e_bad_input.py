"""Bad input at the command line: a clear sentence in both languages, never a traceback or half a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bad_commands import CHINESE, ENGLISH, refused, two_at_a_time
from bad_files import (
    ROOT,
    SmallDisk,
    command_with_a_bug,
    hostile_files,
    members_of,
    sample_terms,
    small_disk,
    sparse,
    terms_of,
    written,
)
from demo_run import Demo, contracts_chain
from pty_command import on_terminal

from contracts_chain.agreements.rules.finding import RulesViolatedError
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.zip_container import write_zip
from contracts_chain.workflows.draft import check_terms
from pdfgen.glyphs import missing_glyphs

BROKEN = ROOT / "tests" / "vectors" / "zhejiang_35kv_broken.json"


# --- draft: the terms


def test_terms_that_break_rules_are_refused_with_every_rule_and_no_file(tmp_path: Path) -> None:
    terms = terms_of(BROKEN, "HV_SUPPLY")
    file = written(tmp_path / "terms.json", terms)
    with pytest.raises(RulesViolatedError) as violated:
        check_terms(load_terms(file.read_bytes()))
    findings = violated.value.findings
    said = refused(contracts_chain("draft", file, "-o", tmp_path / "out.pdf"), 10, "未保存任何内容")
    assert len(findings) > 10
    for found in findings:
        assert f"{found.rule}  {found.path}" in said
    flat = re.sub(r"\s", "", said)
    assert all(re.sub(r"\s", "", found.zh) in flat for found in findings)
    assert all(re.sub(r"\s", "", found.en) in flat for found in findings)
    assert [path.name for path in tmp_path.iterdir()] == ["terms.json"]


def test_a_file_that_is_no_terms_is_refused_by_its_form(tmp_path: Path) -> None:
    contents = {
        "nope": b"{nope",
        "doubled": b'{"schema": 1, "schema": 1}',
        "deep": b"[" * 100_000,
        "latin": b"\xff",
    }

    def drafted(name: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / name).write_bytes(contents[name])
        return contracts_chain("draft", tmp_path / name, "-o", tmp_path / "out.pdf")

    for _, done in two_at_a_time(drafted, contents):
        refused(done, 10, "FORM")
    assert not (tmp_path / "out.pdf").exists()


def test_every_unknown_or_missing_field_is_named(tmp_path: Path) -> None:
    terms = sample_terms()
    terms["terms"]["colour"] = "red"
    del terms["terms"]["supplier"]["name"]
    file = written(tmp_path / "terms.json", {**terms, "more": 1})
    said = refused(contracts_chain("draft", file, "-o", tmp_path / "out.pdf"), 10)
    assert {"more", "terms.colour", "terms.supplier.name"} <= set(said.split())


def test_terms_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    places = (tmp_path / "nowhere.json", pipe)
    for place, done in two_at_a_time(
        lambda place: contracts_chain("draft", place, "-o", tmp_path / "x"), places
    ):
        refused(done, 10, str(place))
    assert not (tmp_path / "x").exists()


def test_a_name_that_no_font_can_print_is_refused_by_character_and_code_point(tmp_path: Path) -> None:
    rare = next(chr(code) for code in range(0x30000, 0x31349) if missing_glyphs(chr(code)))
    terms = sample_terms()
    terms["terms"]["supplier"]["contact"] = f"陆{rare}远"
    file = written(tmp_path / "terms.json", terms)
    refused(
        contracts_chain("draft", file, "-o", tmp_path / "out.pdf"),
        10,
        "missing_glyph",
        rare,
        f"U+{ord(rare):04X}",
    )
    assert not (tmp_path / "out.pdf").exists()


def test_a_block_that_is_no_hash_never_reaches_the_page(tmp_path: Path) -> None:
    file = written(tmp_path / "terms.json", sample_terms())
    done = contracts_chain("draft", file, "-o", tmp_path / "out.pdf", "--not-before", "yesterday")
    refused(done, 10, "yesterday")
    assert not (tmp_path / "out.pdf").exists()


# --- draft: the machine


def test_an_unreadable_font_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = written(tmp_path / "terms.json", sample_terms())
    broken = [fonts_with_one_cut(tmp_path / f"fonts-{kept}", kept) for kept in (None, 9_000_000)]

    def drafted(font: Path) -> subprocess.CompletedProcess[str]:
        return contracts_chain("draft", file, "-o", tmp_path / "x", CONTRACTS_CHAIN_FONTS=str(font.parent))

    for font, done in two_at_a_time(drafted, broken):
        refused(done, 1, str(font), "make setup", "CONTRACTS_CHAIN_FONTS")
    assert not (tmp_path / "x").exists()


def fonts_with_one_cut(folder: Path, kept: int | None) -> Path:
    """The bundled fonts, but of one only the first ``kept`` bytes, or nothing at all."""
    bundled = Path(sys.prefix) / "share/contracts-chain/fonts"
    folder.mkdir()
    for font in bundled.iterdir():
        (folder / font.name).symlink_to(font)
    broken = folder / "NotoSansSC_700Bold.ttf"
    broken.unlink()
    if kept is not None:
        broken.write_bytes((bundled / broken.name).read_bytes()[:kept])
    return broken


def test_a_full_disk_leaves_no_half_written_draft(tmp_path: Path) -> None:
    file = written(tmp_path / "terms.json", sample_terms())
    with small_disk(tmp_path / "small", 64) as disk:
        refused(disk.run("draft", file, "-o", disk.folder / "out.pdf"), 1, str(disk.folder / "out.pdf"))
        assert list(disk.folder.iterdir()) == []


def test_a_limit_on_the_size_of_files_leaves_no_half_written_draft(tmp_path: Path) -> None:
    file = written(tmp_path / "terms.json", sample_terms())
    limited = SmallDisk(tmp_path, ("sh", "-c", 'ulimit -f 100; exec "$@"', "sh"))
    refused(limited.run("draft", file, "-o", tmp_path / "out.pdf"), 1, "ulimit")
    assert [path.name for path in tmp_path.iterdir()] == ["terms.json"]


def test_a_folder_or_a_device_is_never_replaced_by_a_draft(tmp_path: Path) -> None:
    file = written(tmp_path / "terms.json", sample_terms())
    folder, device = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(device)
    places = (folder, device)
    for place, done in two_at_a_time(lambda place: contracts_chain("draft", file, "-o", place), places):
        refused(done, 1, str(place))
    assert folder.is_dir()
    assert device.is_fifo()


# --- verify


@pytest.fixture(scope="module")
def hostile(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Unreadable files and the code of the reason each must be given."""
    folder = tmp_path_factory.mktemp("hostile")
    expected = {}
    for name, (code, content) in hostile_files(demo.package.read_bytes(), demo.contract.read_bytes()).items():
        (folder / name).write_bytes(content)
        expected[folder / name] = code
    expected[sparse(folder / "large.pdf", b"%PDF-1.7\n", 65 * 2**20)] = "pdf_too_large"
    expected[sparse(folder / "huge.asice", b"PK\x03\x04", 101_000_000)] = "too_large"
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    for name in ("folder", "pipe", "nowhere", "x" * 300):
        expected[folder / name] = "file_unreadable"
    (folder / "loop").symlink_to("loop")
    expected[folder / "loop"] = "file_unreadable"
    strange = folder / "[" / os.fsdecode(b"bold]\x1b[31m\xff.pdf")  # markup, a colour, no UTF-8
    strange.parent.mkdir()
    strange.write_bytes(b"x")
    expected[strange] = "unknown_file"
    return expected


def test_every_unreadable_file_is_called_so_with_its_reason(demo: Demo, hostile: dict[Path, str]) -> None:
    done = contracts_chain("verify", *hostile, "--trust", demo.trust, "--json")
    assert (done.returncode, done.stderr) == (30, "")
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["verdict"] == "unreadable"
    for file, (path, code) in zip(answer["files"], hostile.items(), strict=True):
        first = file["checks"][0]
        assert (file["verdict"], first["step"], first["code"]) == ("unreadable", 0, code), path
        assert CHINESE.search(first["detail_zh"]), first
        assert ENGLISH.search(first["detail"]), first
        assert not re.search(
            r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", first["detail_zh"].replace(file["file"], "")
        ), first
        assert file["headline_zh"].startswith("无法读取：")
        assert file["headline"].startswith("Unreadable: ")


def test_people_read_the_same_reasons_and_no_control_characters(demo: Demo, hostile: dict[Path, str]) -> None:
    done = contracts_chain("verify", *hostile, "--trust", demo.trust)
    assert (done.returncode, done.stderr) == (30, "")
    assert "Traceback" not in done.stdout
    assert "\x1b" not in done.stdout
    assert all(f"[{code}]" in done.stdout for code in hostile.values())


def test_one_unreadable_file_alone_exits_with_30(demo: Demo, hostile: dict[Path, str]) -> None:
    names = {"encrypted.pdf", "bomb.asice", "traversal.asice", "nowhere"}
    paths = [path for path in hostile if path.name in names]
    for _, done in two_at_a_time(lambda path: contracts_chain("verify", path, "--trust", demo.trust), paths):
        assert (done.returncode, done.stderr) == (30, "")
        assert "无法读取：" in done.stdout
        assert "Unreadable: " in done.stdout


def test_nothing_of_a_verdict_is_cut_off_on_a_narrow_terminal(demo: Demo, tmp_path: Path) -> None:
    members = members_of(demo.package.read_bytes())
    forged = tmp_path / "forged.asice"
    forged.write_bytes(write_zip({**members, "trail.jsonl": members["trail.jsonl"].replace(b"1", b"2", 1)}))
    for columns, path, code, word in (
        (80, demo.package, 0, "已证实：这就是"),
        (60, forged, 10, "已证伪：第 0 步"),
    ):
        with on_terminal("verify", path, "--trust", demo.trust, columns=columns) as running:
            assert running.end() == code
            assert word in running.screen
            assert "…" not in running.screen
            assert str(path) in running.screen.replace("\n", "")
    number = demo.contract.parent.name
    with on_terminal("verify", demo.package, "--trust", demo.trust) as running:
        running.end()
        assert f"存证的合同 {number}，2 方签名和印章均有效，此后未被改动。" in running.screen
        assert f"this is contract {number} as recorded" in running.screen


def damaged(trust: Path, place: Path, name: str, content: bytes | None) -> Path:
    shutil.copytree(trust, place)
    if content is None:
        (place / name).unlink()
    else:
        (place / name).write_bytes(content)
    return place


def test_a_damaged_or_absent_trust_bundle_is_a_fault_of_the_arguments(demo: Demo, tmp_path: Path) -> None:
    whole = (demo.trust / "trust.json").read_bytes()
    pem = b"-----BEGIN CERTIFICATE-----\nAAAA%s\n-----END CERTIFICATE-----\n"
    bundles = [
        damaged(demo.trust, tmp_path / "cut", "trust.json", whole[:100]),
        damaged(demo.trust, tmp_path / "binary", "trust.json", b"\xff\xfe"),
        damaged(
            demo.trust,
            tmp_path / "long",
            "trust.json",
            whole.replace(b'_seconds":5', b'_seconds":%d' % 2**52),
        ),
        damaged(demo.trust, tmp_path / "no-root", "ca-root-1.pem", None),
        damaged(demo.trust, tmp_path / "odd-root", "ca-root-1.pem", pem % b"A"),
        damaged(demo.trust, tmp_path / "false-root", "tsa-root-1.pem", pem % b""),
        tmp_path / "nowhere",
        demo.package,
    ]
    for bundle, done in two_at_a_time(
        lambda bundle: contracts_chain("verify", demo.package, "--trust", bundle), bundles
    ):
        refused(done, 2, str(bundle), "trust_unreadable", "--trust")
        assert done.stdout == ""
    refused(contracts_chain("verify", demo.package), 2, "no_trust", "--trust")


# --- the command line itself


def test_a_wrong_command_line_is_told_in_both_languages() -> None:
    wrong = (("verify",), ("verify", "--colour", "x"), ("fly",), ("draft", "x.json"))
    for _, done in two_at_a_time(lambda arguments: contracts_chain(*arguments), wrong):
        refused(done, 2, "--help")


def test_a_setting_that_cannot_be_read_is_named() -> None:
    refused(contracts_chain("fsck", CONTRACTS_CHAIN_CHAIN_ID="twenty"), 1, "CONTRACTS_CHAIN_CHAIN_ID")


def test_a_bug_of_ours_is_one_sentence_unless_a_traceback_is_asked_for(demo: Demo, tmp_path: Path) -> None:
    run = command_with_a_bug(tmp_path, demo.trust)
    (_, quiet), (_, loud) = two_at_a_time(lambda debug: run(CONTRACTS_CHAIN_DEBUG=debug), ("", "1"))
    refused(quiet, 1, "ZeroDivisionError", "CONTRACTS_CHAIN_DEBUG")
    assert loud.returncode == 1
    assert "Traceback" in loud.stderr


def test_an_answer_that_could_not_be_written_is_no_success(demo: Demo) -> None:
    command = [sys.executable, "-m", "api", "verify", "--json", demo.package, "--trust", demo.trust]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    done.stdout = ""
    refused(done, 1, "disk_full")


def test_a_port_in_use_is_named_with_a_free_choice(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        data = str(tmp_path / "data")
        done = contracts_chain("serve", "--port", str(port), CONTRACTS_CHAIN_DATA_DIR=data)
    refused(done, 1, "port_in_use", str(port), f"--port {port + 1}")
    assert not (tmp_path / "data").exists()
