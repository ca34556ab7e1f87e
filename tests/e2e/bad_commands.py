"""How a refusal has to look, whatever was refused; and commands that are run two at a time."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from demo_run import Demo

__all__ = ["CHINESE", "ENGLISH", "data_of", "refused", "two_at_a_time"]

Case = TypeVar("Case")
CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]{4}"), re.compile(r"[a-z]{2,}[ ;,:)][^\n]*[a-z]{2,}")


def refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> str:
    """What standard error says, after making sure that it is a sentence in both languages."""
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    assert CHINESE.search(done.stderr), said
    assert ENGLISH.search(done.stderr), said
    for word in words:
        assert word in done.stderr, said
    return done.stderr


def two_at_a_time(
    run: Callable[[Case], subprocess.CompletedProcess[str]], cases: Iterable[Case]
) -> list[tuple[Case, subprocess.CompletedProcess[str]]]:
    """Each case with what came of it; starting Python takes most of the time."""
    known = list(cases)
    with ThreadPoolExecutor(2) as both:
        return list(zip(known, both.map(run, known), strict=True))


def data_of(demo: Demo, place: Path) -> dict[str, str]:
    """A copy of the demo's data directory, as a setting."""
    shutil.copytree(demo.out / "data", place)
    return {"CONTRACTS_CHAIN_DATA_DIR": str(place)}
