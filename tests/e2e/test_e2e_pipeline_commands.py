"""The operator's commands: what they print, with which exit code, and that a refusal stores nothing."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bad_commands import data_of, refused, two_at_a_time
from beside_house import BesideHouse, beside_house, forever
from demo_run import Demo, contracts_chain
from e2e_serve import Serving
from rich.cells import cell_len

from api.upkeep import examine
from kernel.digests import sha256

COLUMNS = 80
NOWHERE = "SGZJMZ00YXGY2699999"
LOG_KEY = "a" * 64


@pytest.fixture(scope="module")
def beside(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BesideHouse]:
    data = tmp_path_factory.mktemp("pipeline") / "data"
    data_of(demo, data)
    with beside_house(data) as running:
        yield running


def said(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    """What a command that went well printed; it complains of nothing."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_beside_a_running_service_looking_works_and_changing_is_refused(served: Serving) -> None:
    setting = {"CONTRACTS_CHAIN_DATA_DIR": str(served.data_dir)}
    commands = (
        ("alarms",),
        ("status", NOWHERE),
        ("flush",),
        ("status", NOWHERE, "--set", "terminated", "--reason", "r", "--by", "b"),
    )
    ran = two_at_a_time(lambda arguments: contracts_chain(*arguments, **setting), commands)
    alarms, status, flush, change = (done for _, done in ran)
    assert "没有警报。 No alarm stands." in said(alarms)
    refused(status, 10, "unknown_number", NOWHERE)
    for done in (flush, change):
        refused(done, 1, "data_directory_locked", str(served.data_dir))
    with served.staff("drafter") as anyone:
        assert anyone.get("/health").json()["alarms"] == []


def test_flush_renew_and_the_second_places(beside: BesideHouse, tmp_path: Path) -> None:
    assert "最终确认" in said(beside.run("flush"))
    renewed = said(beside.run("renew"))
    with beside.house.office.work() as work:
        twin = work.twin_anchors.newest_final()
    assert twin is not None
    assert twin.twin_root is not None
    assert f"\n  {twin.twin_root.hex()}\n" in renewed
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with forever("judicial-sandbox", "--dir", tmp_path / "court") as court:
        key = {"CONTRACTS_CHAIN_JUDICIAL_CHAIN_KEY": court["public_key"]}
        waits = beside.run("cross-anchor", CONTRACTS_CHAIN_JUDICIAL_CHAIN_URL=dead, **key)
        first = waits.stdout
        alive = {"CONTRACTS_CHAIN_JUDICIAL_CHAIN_URL": court["url"], **key}
        second, third = (said(beside.run("cross-anchor", **alive)) for _ in range(2))
    assert waits.returncode == 20
    assert "judicial_chain_unavailable" in waits.stderr
    assert "… 司法链沙箱 SANDBOX" in first
    assert "待重试 is tried again" in first
    assert "✓ 内置时间戳机构 TEST" in first
    assert "✓ 司法链沙箱 SANDBOX" in second
    assert "No newer header" in third
    assert all(cell_len(line) <= COLUMNS for line in (renewed + first + second + third).splitlines())


def test_a_change_of_status_that_is_not_allowed_stores_nothing(beside: BesideHouse) -> None:
    first, *_ = beside.numbers
    why = ("--reason", "r", "--by", "b")
    commands = {
        ("status", first, "--set", "in_force", *why): "transition_refused",
        ("status", first, "--set", "superseded", "--successor", first, *why): "successor_missing",
        ("status", first, "--set", "superseded", "--successor", NOWHERE, *why): "unknown_number",
        ("status", NOWHERE, "--set", "terminated", *why): "unknown_number",
    }
    before = beside.stored()
    for arguments, done in two_at_a_time(lambda arguments: beside.run(*arguments), commands):
        refused(done, 10, commands[arguments])
    assert beside.stored() == before


def test_a_contract_is_superseded_on_the_chain_and_that_is_the_end_of_it(beside: BesideHouse) -> None:
    second, first = beside.numbers[-1], beside.numbers[0]
    change = (
        "status",
        second,
        "--set",
        "superseded",
        "--successor",
        first,
        "--reason",
        "扩容",
        "--by",
        "desk",
    )
    told = said(beside.run(*change))
    assert told.startswith(f"{second} ")
    assert "superseded (final)" in told
    assert said(beside.alone("status", second)) == told  # the database alone, while the house is open
    before = beside.stored()
    again = beside.run("status", second, "--set", "suspended", "--reason", "r", "--by", "b")
    refused(again, 10, "transition_refused")
    assert beside.stored() == before


def test_an_archive_is_written_whole_or_not_at_all(beside: BesideHouse, tmp_path: Path) -> None:
    first, folder = beside.numbers[0], tmp_path / "[a] folder"
    commands = (
        ("archive", first, "-o", folder, "--by", "档案员"),
        ("archive", NOWHERE, "-o", tmp_path / "other"),
    )
    ran = two_at_a_time(lambda arguments: beside.run(*arguments), commands)
    to_folder, unknown = (done for _, done in ran)
    told = said(to_folder)
    assert str(folder) in told
    assert "已核验" in told
    refused(unknown, 10, "unknown_number", NOWHERE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["[a] folder"]
    manifest = (folder / "MANIFEST-SHA256.txt").read_text("utf-8").splitlines()
    for digest, name in (line.split("  ", 1) for line in manifest):
        assert sha256((folder / name).read_bytes()).hex() == digest
    assert json.loads((folder / "metadata.json").read_bytes())["export"]["by"] == "档案员"


def test_an_alarm_stands_until_somebody_clears_it(beside: BesideHouse) -> None:
    beside.raise_alarm("unknown_checkpoint", "7")
    beside.raise_alarm("status_differs", "0xab:1")
    shown = said(beside.alone("alarms"), 10)
    assert "unknown_checkpoint:7\n" in shown
    assert "status_differs:0xab:1\n" in shown
    assert "what happened [and] what to do" in shown
    findings = examine(beside.house.settings)
    found = {one["name"]: one for one in findings}["alarms"]
    assert (found["ok"], found["code"]) == (False, "alarms_standing")
    before = beside.stored()
    refused(beside.alone("alarms", "--clear", "unknown_checkpoint:8", "--by", "b"), 10, "alarm_request")
    assert beside.stored() == before
    rest = said(beside.alone("alarms", "--clear", "unknown_checkpoint:7", "--by", "审计员"), 10)
    assert "unknown_checkpoint" not in rest
    assert "No alarm stands" in said(beside.run("alarms", "--clear", "status_differs:0xab:1", "--by", "b"))


def test_a_witness_says_who_it_is_and_no_second_one_takes_its_directory(tmp_path: Path) -> None:
    arguments = ("witness", "--dir", tmp_path, "--name", "notary.test/witness", "--log", f"x={LOG_KEY}")
    with forever(*arguments) as told:
        assert told["name"] == "notary.test/witness"
        assert str(told["vkey"]).startswith("notary.test/witness+")
        refused(contracts_chain(*arguments), 1, "witness_directory_locked", str(tmp_path))


def test_the_judicial_sandbox_says_that_it_is_one_and_gives_one_receipt_a_hash(tmp_path: Path) -> None:
    asked = {"header_hash": "0x" + "ab" * 32, "header_number": 7}
    with forever("judicial-sandbox", "--dir", tmp_path) as told, httpx.Client(trust_env=False) as client:
        assert "SANDBOX" in str(told["place"])
        first, second = (client.post(f"{told['url']}/deposits", json=asked) for _ in range(2))
        assert client.post(f"{told['url']}/deposits", json={**asked, "more": 1}).status_code == 422
    assert first.content == second.content
    assert first.json()["receipt"]["sandbox"] is True
