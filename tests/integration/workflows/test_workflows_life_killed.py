"""kill -9 between intent and deed of a change and at the end of a term; the next run finishes it, once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from workflows_life_child import POINTS

CHILD = Path(__file__).with_name("workflows_life_child.py")


def life(data_dir: Path, point: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHILD), str(data_dir), *([point] if point else [])]
    paths = [path for path in sys.path if path]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={"PYTHONPATH": ":".join(paths), "PATH": "/usr/bin:/bin"},
    )


@pytest.mark.long
@pytest.mark.parametrize("point", POINTS)
def test_a_change_and_an_end_survive_a_kill_and_happen_once(tmp_path: Path, point: str) -> None:
    data_dir = tmp_path / "house"
    killed = life(data_dir, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = life(data_dir)
    assert finished.returncode == 0, finished.stderr
    facts = json.loads(finished.stdout)
    assert facts == {
        "state": "in_force",
        "leaves": ["agreement.executed"] + ["agreement.status"] * 3,
        "changes": [["done", True]],
        "newest": "extended",
        "renewals": 1,
        "reminders": 1,
        "findings": [],
    }
