"""Inspect a hostile upload in a process of its own, with a clock and a memory limit.

The child sets its limits before it reads the file, and answers in JSON. A child that
dies, stalls or answers nonsense means that the file is unreadable, never that it is
sound. About a second of start-up: for uploads, not for our own documents.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from kernel.canonical_json import JsonObject, parse_json
from signing.findings_json import findings_as_json, findings_from_json
from signing.model import PdfFindings, SignatureTrust
from signing.pdf_reading import (
    GREATEST_PDF,
    EncryptedPdfError,
    MalformedPdfError,
    NotPdfError,
    OversizePdfError,
    SlowPdfError,
    TruncatedPdfError,
    UnreadablePdfError,
)

__all__ = ["inspect_pdf_bounded"]

WALL_SECONDS = 10.0
MEMORY_BYTES = 512 * 1024 * 1024
ROOM = Path(__file__).resolve().parent.parent


def inspect_pdf_bounded(
    pdf: bytes,
    trust: SignatureTrust,
    *,
    skew: timedelta = timedelta(0),
    wall_seconds: float = WALL_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> PdfFindings:
    """``inspect_pdf`` within limits.

    Args:
        pdf: The file under test.
        trust: Roots, never taken from the file.
        skew: As for ``inspect_pdf``.
        wall_seconds: From the child's start to its answer.
        memory_bytes: Address space of the child.

    Raises:
        SlowPdfError: A limit ended the inspection.
        UnreadablePdfError: As for ``inspect_pdf``.
    """
    if len(pdf) > GREATEST_PDF:
        raise OversizePdfError(len(pdf))
    header = json.dumps(_question(trust, skew, memory_bytes, wall_seconds)).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "signing.bounded_inspection"],
            input=header + b"\n" + pdf,
            capture_output=True,
            timeout=wall_seconds,
            check=False,
            cwd=ROOM,
            env={"PYTHONPATH": str(ROOM), "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
        )
    except subprocess.TimeoutExpired as problem:
        raise SlowPdfError(f"{wall_seconds:g} s") from problem
    return _answer(done.stdout)


def _question(trust: SignatureTrust, skew: timedelta, memory: int, seconds: float) -> JsonObject:
    return {
        "ca_roots": [der.hex() for der in trust.ca_roots],
        "tsa_roots": [der.hex() for der in trust.tsa_roots],
        "skew_seconds": int(skew.total_seconds()),
        "memory_bytes": memory,
        "cpu_seconds": int(seconds) + 1,
    }


def _answer(output: bytes) -> PdfFindings:
    try:
        answer = json.loads(output)
        if "findings" in answer:
            return findings_from_json(parse_json(output)["findings"])  # type: ignore[call-overload,index]
        code, argument = str(answer["unreadable"]), answer.get("argument")
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise SlowPdfError("the inspection process died") from problem
    raise _error(code, argument)


def _error(code: str, argument: object) -> UnreadablePdfError:
    match code:
        case NotPdfError.code:
            return NotPdfError()
        case EncryptedPdfError.code:
            return EncryptedPdfError()
        case TruncatedPdfError.code:
            return TruncatedPdfError()
        case SlowPdfError.code:
            return SlowPdfError(str(argument))
        case _:
            return MalformedPdfError(str(argument))


def _child() -> None:
    """Read a question from standard input, write one JSON answer to standard output."""
    from signing.inspection import inspect_pdf

    question = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (question["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (question["cpu_seconds"],) * 2)
    trust = SignatureTrust(
        ca_roots=tuple(bytes.fromhex(der) for der in question["ca_roots"]),
        tsa_roots=tuple(bytes.fromhex(der) for der in question["tsa_roots"]),
    )
    answer: JsonObject
    try:
        pdf = sys.stdin.buffer.read()
        findings = inspect_pdf(pdf, trust, skew=timedelta(seconds=question["skew_seconds"]))
        answer = {"findings": findings_as_json(findings)}
    except MemoryError:
        answer = {"unreadable": SlowPdfError.code, "argument": "memory"}
    except UnreadablePdfError as problem:
        answer = {"unreadable": problem.code, "argument": getattr(problem, "reason", None)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _child()
