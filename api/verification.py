"""Verification as people and machines see it: files in, the JSON of DESIGN §6 or a table out.

Reads files within limits, takes hostile PDFs apart in a bounded subprocess, and joins
the verdicts of several files. The recipe itself is ``evidence.verify``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api.bounded_file import FileTooLargeError, FileUnopenedError, printable, read_bounded
from contracts_chain.evidence.file_report import FileFacts, FileKind, FileReport, join
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_file
from kernel.canonical_json import JsonValue
from kernel.errors import RejectedError
from kernel.verdict import Check, CheckLine, Verdict, overall
from signing.bounded_inspection import inspect_pdf_bounded

__all__ = ["JudgedFile", "NoTrustError", "judge_bytes", "judge_files", "load_trust", "report_json"]

GREATEST_FILE = 100_000_000


class NoTrustError(RejectedError):
    """A package cannot be judged without a trust bundle of one's own."""

    code = "no_trust"

    def __init__(self) -> None:
        """Say where one comes from."""
        super().__init__(
            "no trust bundle is given; name its directory with --trust DIR (the demo writes out/demo/trust)",
            "没有信任包；请用 --trust 指定目录（演示写在 out/demo/trust）",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFile:
    """One file and what was found."""

    file: str
    report: FileReport


def load_trust(directory: Path | None) -> TrustBundle:
    """The bundle of ``--trust``, of the environment, or of ``./trust``.

    Raises:
        NoTrustError: None of them is there.
        UnreadableTrustError: It is there and damaged.
    """
    named = directory or (
        Path(os.environ["CONTRACTS_CHAIN_TRUST"]) if "CONTRACTS_CHAIN_TRUST" in os.environ else None
    )
    if named is not None:
        return TrustBundle.load(named)
    if (Path("trust") / "trust.json").exists():
        return TrustBundle.load(Path("trust"))
    raise NoTrustError


def judge_files(paths: Sequence[Path], trust: TrustBundle, *, at: datetime) -> tuple[JudgedFile, ...]:
    """Judge each file on its own; a file that cannot be read is ``unreadable``, never skipped.

    As many at a time as there are processors: each PDF is taken apart in a process of its own.
    """
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        reports = pool.map(lambda path: _judge_path(path, trust, at), paths)
        return tuple(
            JudgedFile(file=printable(path), report=report)
            for path, report in zip(paths, reports, strict=True)
        )


def judge_bytes(content: bytes, trust: TrustBundle, *, at: datetime) -> FileReport:
    """Judge one file's bytes."""
    if len(content) > GREATEST_FILE:
        return _unreadable(FileTooLargeError(GREATEST_FILE))
    return verify_file(content, trust, at=at, inspect=inspect_pdf_bounded)


def _judge_path(path: Path, trust: TrustBundle, at: datetime) -> FileReport:
    try:
        content = read_bounded(path, GREATEST_FILE)
    except (FileTooLargeError, FileUnopenedError) as problem:
        return _unreadable(problem)
    return judge_bytes(content, trust, at=at)


def _unreadable(problem: RejectedError) -> FileReport:
    check = Check(step=0, code=problem.code, verdict=Verdict.UNREADABLE, en=problem.en, zh=problem.zh)
    return join(FileKind.UNKNOWN, (check,), FileFacts())


def report_json(judged: Sequence[JudgedFile]) -> dict[str, JsonValue]:
    """The JSON of ``contracts-chain verify --json`` (DESIGN §6)."""
    return {
        "schema": 1,
        "verdict": overall(one.report.verdict for one in judged).value,
        "files": [_file_json(one) for one in judged],
    }


def _file_json(judged: JudgedFile) -> dict[str, JsonValue]:
    return {
        "file": judged.file,
        "kind": judged.report.kind.value,
        "verdict": judged.report.verdict.value,
        "headline": judged.report.headline_en,
        "headline_zh": judged.report.headline_zh,
        "checks": [_check_json(check) for check in judged.report.checks],
    }


def _check_json(check: Check) -> dict[str, JsonValue]:
    return {
        "step": check.step,
        "code": check.code,
        "verdict": check.verdict.value,
        "detail": check.en,
        "detail_zh": check.zh,
        "expected": check.expected,
        "actual": check.actual,
        "lines": [_line_json(line) for line in check.lines],
    }


def _line_json(line: CheckLine) -> dict[str, JsonValue]:
    return {
        "subject": line.subject,
        "number": line.number,
        "name": line.name_en,
        "name_zh": line.name_zh,
        "code": line.code,
        "verdict": line.verdict.value,
        "detail": line.en,
        "detail_zh": line.zh,
    }
