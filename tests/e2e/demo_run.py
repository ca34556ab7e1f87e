"""What a demo run left, and the command line as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Demo", "contracts_chain", "run_demo"]

PATIENCE_SECONDS = 280


@dataclass(frozen=True)
class Demo:
    """The output folder, its summary and what stood on the screen."""

    out: Path
    summary: dict[str, Any]
    screen: str

    @property
    def contract(self) -> Path:
        return self.out / str(self.summary["documents"][0]["file"])

    @property
    def package(self) -> Path:
        return self.out / str(self.summary["documents"][0]["package"])

    @property
    def trust(self) -> Path:
        return self.out / "trust"


def contracts_chain(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


def run_demo(out: Path) -> Demo:
    """Run the demo command and read its summary."""
    done = contracts_chain("demo", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return Demo(out=out, summary=json.loads((out / "summary.json").read_text("utf-8")), screen=done.stdout)
