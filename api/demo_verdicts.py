"""Verification by a fresh process that shares nothing with the one that made the files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from kernel.errors import FaultError
from kernel.verdict import Verdict

__all__ = ["VerifierFailedError", "judge_in_fresh_process", "verify_in_fresh_process"]

_PATIENCE_SECONDS = 300


class VerifierFailedError(FaultError):
    """The verifying process gave no verdicts."""

    code = "verifier_failed"

    def __init__(self, words: str) -> None:
        """Keep its last words."""
        super().__init__(
            f"the verifying process gave no verdict ({words}); mend that, then run `contracts-chain verify`",
            f"核验进程没有给出结论（{words}）；请排除原因后运行 contracts-chain verify",
        )


def judge_in_fresh_process(paths: Sequence[Path], trust: Path) -> list[tuple[Path, Verdict, int]]:
    """Verdict of each file and the first step that is not proven (11 if all are).

    Raises:
        VerifierFailedError: The process ended without verdicts, or not in time.
    """
    command = [sys.executable, "-m", "api", "verify", "--offline", "--json", "--trust", str(trust)]
    command += [str(path) for path in paths]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as problem:
        raise VerifierFailedError(f"{_PATIENCE_SECONDS} s") from problem
    except ValueError as problem:
        raise VerifierFailedError(" ".join(done.stderr.split())[-300:] or "no answer") from problem
    judged = []
    for path, file in zip(paths, answer["files"], strict=True):
        verdict = Verdict(file["verdict"])
        step = next((check["step"] for check in file["checks"] if check["verdict"] == file["verdict"]), 11)
        judged.append((path, verdict, step if verdict is not Verdict.PROVEN else 11))
    return judged


def verify_in_fresh_process(paths: Sequence[Path], trust: Path) -> dict[Path, Verdict]:
    """Verdict of each file."""
    return {path: verdict for path, verdict, _ in judge_in_fresh_process(paths, trust)}
