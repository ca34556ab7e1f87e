"""kill -9 at every point where something is half done; the next start finishes it, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from workflows_killed_child import IDENTITY_POINTS, POINTS

CHILD = Path(__file__).with_name("workflows_killed_child.py")
WHOLE_LIFE = [
    "agreement.approved",
    "agreement.offered",
    "agreement.signed",
    "agreement.sealed",
    "agreement.signed",
    "agreement.sealed",
    "agreement.executed",
    "agreement.status",
]

SHORT = ("own seal made, not committed", "anchor submitted, not noted", "twin captured, not stored")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation that is killed again and again; each point has an order of its own."""
    return tmp_path_factory.mktemp("killed") / "house"


def life(data_dir: Path, order_no: str, point: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHILD), str(data_dir), order_no, *([point] if point else [])]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, env=environment)


def killed_at(data_dir: Path, order_no: str, point: str) -> None:
    killed = life(data_dir, order_no, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def finished_once(data_dir: Path, order_no: str) -> None:
    """The next start loses nothing, doubles nothing, and finds everything sound."""
    finished = life(data_dir, order_no)
    assert finished.returncode == 0, finished.stderr
    facts = json.loads(finished.stdout.splitlines()[-1])
    assert (facts["findings"], facts["alarms"], facts["pending"]) == ([], [], [])
    assert (facts["state"], facts["signed"]) == ("suspended", [True] * 4)
    identified = facts["leaves"].count("identity.verified")
    assert identified <= 2, "each signer is vouched for once"  # or known from an order before
    assert [leaf for leaf in facts["leaves"] if leaf != "identity.verified"] == WHOLE_LIFE
    assert facts["words"] == [["IN_FORCE", "final"], ["SUSPENDED", "final"]]
    assert facts["verdicts"] == ["proven", "proven"]
    assert facts["invoice_leaves"] == ["invoice.issued"]
    assert None not in facts["invoices"]
    assert len(set(facts["invoices"])) == len(facts["invoices"])
    count = len(facts["checkpoint_states"])
    assert facts["checkpoint_states"] == ["final"] * count
    assert facts["on_chain"] == list(range(1, count + 1))
    assert facts["nonces"] == list(range(len(facts["nonces"])))
    assert set(facts["transaction_states"]) == {"final"}
    assert facts["renewed"] is not None
    assert (facts["places"], facts["deposits_pending"]) == (["file", "rfc3161"], 0)
    assert len(set(facts["file_lines"])) == len(facts["file_lines"])


def test_one_order_killed_at_every_kind_of_step_is_finished_once(data_dir: Path) -> None:
    for point in SHORT:
        killed_at(data_dir, "KILLED-SHORT", point)
    finished_once(data_dir, "KILLED-SHORT")


@pytest.mark.long
@pytest.mark.parametrize("point", POINTS)
def test_what_a_kill_interrupted_is_finished_once_by_the_next_start(data_dir: Path, point: str) -> None:
    order_no = f"KILLED-{list(POINTS).index(point)}"
    killed_at(data_dir, order_no, point)
    finished_once(data_dir, order_no)


@pytest.mark.long
@pytest.mark.parametrize("point", IDENTITY_POINTS)
def test_a_kill_while_a_signer_is_identified_loses_and_doubles_nothing(tmp_path: Path, point: str) -> None:
    killed_at(tmp_path / "house", "KILLED-IDENTITY", point)
    finished_once(tmp_path / "house", "KILLED-IDENTITY")
