"""A package verified where there is no network and no server: both verifiers, files alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import Demo

PROGRAM = Path(__file__).parents[2] / "docs" / "verify_anchor.py"
ALONE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]


def without_network(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a network namespace with nothing in it, an empty home and this folder alone."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [*ALONE, sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(PROGRAM.parents[1])},
    )


@pytest.fixture
def court(demo: Demo, tmp_path: Path) -> Path:
    """What a court is handed: a package, a trust bundle, and nothing that runs."""
    shutil.copy(demo.package, tmp_path / "evidence.asice")
    shutil.copytree(demo.trust, tmp_path / "trust")
    return tmp_path


def test_there_is_no_network_in_the_namespace(court: Path) -> None:
    ask = "import socket; socket.create_connection(('127.0.0.1', 80), 2)"
    assert without_network(court, "-c", ask).returncode != 0
    lone = "import socket, sys; sys.exit(0 if [n for _, n in socket.if_nameindex()] == ['lo'] else 1)"
    assert without_network(court, "-c", lone).returncode == 0


def test_the_product_proves_the_package_without_network_and_server(court: Path) -> None:
    run = without_network(court, "-m", "api", "verify", "evidence.asice", "--trust", "trust", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert told["verdict"] == "proven"
    assert [check["step"] for check in told["files"][0]["checks"]] == list(range(12))


def test_the_program_proves_the_package_without_network_server_and_library(court: Path) -> None:
    run = without_network(court, "-I", "-S", PROGRAM, "evidence.asice", "trust/trust.json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "proven"


def test_a_tampered_package_is_refuted_there_as_well(court: Path) -> None:
    found = json.loads((court / "trust" / "trust.json").read_text("utf-8"))
    found["chain"]["registry_code_hash"] = "0x" + "00" * 32
    (court / "trust" / "trust.json").write_text(json.dumps(found), "utf-8")
    run = without_network(court, "-I", "-S", PROGRAM, "evidence.asice", "trust/trust.json")
    assert run.returncode == 10
    judged = without_network(court, "-m", "api", "verify", "evidence.asice", "--trust", "trust")
    assert judged.returncode == 10
