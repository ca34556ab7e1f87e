"""What a crash or a second start does: nothing is lost, nothing doubled, one clear sentence."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
from api_service import Service, sample_order
from trial_phone import fresh_code, ready_to_sign

from api.database_alone import libpq_url
from api.settings import Settings
from api.upkeep import examine
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.workflows.draft import draft_order
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.will import confirm_will


def test_a_signature_confirmed_before_a_crash_is_finished_once_by_the_sweep(service: Service) -> None:
    office = service.house.office
    number = draft_order(office, load_order(sample_order("ORDER-CRASH")), drafted_by="drafter")[0].number
    submit_for_review(office, number, by="drafter")
    approve(office, number, reviewer="reviewer")
    token = offer(office, number, by="supplier-desk").tokens["consumer"]
    ready_to_sign(office, token)
    confirm_will(office, token, CodeFactor(code=fresh_code(office, token)))  # here the process dies

    assert finish_confirmed(office) == 0
    assert finish_confirmed(office, left_alone=timedelta(0)) == 1
    assert finish_confirmed(office, left_alone=timedelta(0)) == 0
    with office.work() as work:
        dossier = work.agreements.load(number)
    assert [slot.signed for slot in dossier.slots] == [True, True, False, False]
    with service.client() as signer:
        assert "您已签署" in signer.get(f"/s/{token}/done").text


@contextmanager
def served(data_dir: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``serve`` as a process; its address once it says that it serves."""
    environment = os.environ | {
        "CONTRACTS_CHAIN_DATA_DIR": str(data_dir),
        "CONTRACTS_CHAIN_ANCHOR_AGE_SECONDS": "1",
        "CONTRACTS_CHAIN_BLOCK_PERIOD_SECONDS": "1",
    }
    command = [sys.executable, "-m", "api", "serve", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip().rsplit(" ", 1)[-1]
        finally:
            process.kill()


def staff(data_dir: Path, url: str, duty: str) -> httpx.Client:
    token = json.loads((data_dir / "keys/staff-tokens.json").read_text("utf-8"))[duty]
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
    )


def all_final(url: str) -> bool:
    health = httpx.get(f"{url}/health", trust_env=False).json()
    return bool(health["status"] == "ok" and health["database"]["unfinished_checkpoints"] == 0)


def test_a_killed_service_comes_back_with_everything_and_stops_cleanly(tmp_path: Path) -> None:
    with served(tmp_path, "--port", "0") as (process, url):
        with staff(tmp_path, url, "drafter") as drafter, staff(tmp_path, url, "reviewer") as reviewer:
            orders = drafter.post("/api/orders", content=sample_order("ORDER-KILL")).json()
            number = orders["agreements"][0]["number"]
            drafter.post(f"/api/agreements/{number}/submit")
            reviewer.post(f"/api/agreements/{number}/approve")
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    with served(tmp_path, "--port", "0") as (process, url):
        with staff(tmp_path, url, "drafter") as drafter:
            again = drafter.post("/api/orders", content=sample_order("ORDER-KILL")).json()
            listed = drafter.get("/api/agreements").json()["agreements"]
            assert again["agreements"][0]["number"] == number
            assert {one["number"]: one["state"] for one in listed}[number] == "approved"
            deadline = time.monotonic() + 60
            while not _evidence_is_final(drafter, number):
                assert time.monotonic() < deadline, "the leaf of before the kill was never anchored"
                threading.Event().wait(0.2)
        assert all_final(url)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def _evidence_is_final(drafter: httpx.Client, number: str) -> bool:
    listed = drafter.get("/api/agreements").json()["agreements"]
    return {one["number"]: one["evidence_state"] for one in listed}[number] == "final"


def test_a_taken_port_is_one_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        with served(tmp_path / "data", "--port", str(port)) as (process, _):
            assert process.wait(30) == 1
            assert process.stderr is not None
            said = process.stderr.read()
    assert "port_in_use" in said
    assert f"端口 {port} 已被占用" in said
    assert f"port {port} on 127.0.0.1 is in use" in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


def test_the_doctor_names_a_taken_port_and_a_lost_key_directory(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "cluster").mkdir(parents=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        findings = {
            finding["name"]: finding
            for finding in examine(Settings(data_dir=tmp_path, port=other.getsockname()[1]))
        }
    assert {name for name, finding in findings.items() if not finding["ok"]} == {"port", "keys"}
    assert findings["port"]["code"] == "port_in_use"
    assert "备份" in str(findings["keys"]["zh"])


def test_the_doctor_finds_nothing_wrong_with_a_fresh_machine(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    findings = examine(Settings(data_dir=tmp_path / "not-yet", port=port))
    assert [finding for finding in findings if not finding["ok"]] == []
    assert findings[-1]["name"] == "alarms"
    assert "unknown until serve runs" in str(findings[-1]["found"])
    assert not (tmp_path / "not-yet").exists()


def run_command(command: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api", command],
        env=os.environ | {f"CONTRACTS_CHAIN_{name}": value for name, value in environment.items()},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    for _ in range(2):
        with run_command("migrate", DATA_DIR=str(tmp_path)) as process:
            assert process.wait(60) == 0
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()


def test_a_worker_alone_does_its_jobs_beside_a_service_and_stops_when_told(service: Service) -> None:
    house = service.house
    with run_command(
        "worker",
        DATA_DIR=str(house.settings.data_dir),
        DATABASE_URL=house.database_url,
        CHAIN_RPC_URL=house.rpc_url,
        BUCKET=service.bucket,
    ) as process:
        deadline = time.monotonic() + 60
        while _workers(house.database_url) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline, "the second worker never registered"
            threading.Event().wait(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert _workers(house.database_url) == 1


def _workers(database_url: str) -> int:
    with psycopg.connect(libpq_url(database_url)) as connection:
        row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
    assert row is not None
    return int(row[0])
