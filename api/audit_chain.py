"""``contracts-chain audit``: an outsider's check of chain, registry, log and packages.

Decides exit codes (DESIGN §6): 0 proven, 10 refuted, 20 undecided, 30 unreadable, 2 without a
usable trust bundle. A proven fork is saved before anything else is done with it. The state file
is written only after chain and registry are proven, so an alarm never becomes the new normal.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from api.audit_http_log import HttpLog
from api.audit_printed import print_report, report_json
from api.bounded_file import printable, read_bounded
from api.problems_cli import told
from api.verification import GREATEST_FILE
from contracts_chain.evidence.audit import Audit
from contracts_chain.evidence.audit_errors import MemoryUnreadableError
from contracts_chain.evidence.audit_memory import load_memory, store_memory
from contracts_chain.evidence.audit_report import AuditReport
from contracts_chain.evidence.trust_bundle import TrustBundle, UnreadableTrustError
from contracts_chain.ledger.web3_follow import ChainReader
from kernel.atomic_file import write_atomically
from kernel.canonical_json import canonical_bytes
from kernel.clock import SystemClock
from kernel.verdict import Verdict

__all__ = ["AuditRequest", "audit_chain"]

FORK_EVIDENCE = "fork-evidence.json"
_FOLLOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """The command's arguments, as ``contracts-chain audit --help`` tells them."""

    rpc: str
    trust: Path
    token: str | None = None
    log: str | None = None
    packages: Sequence[Path] = ()
    state: Path | None = None
    first_block: int = 0
    as_json: bool = False
    follow: bool = False


def audit_chain(request: AuditRequest) -> int:
    """Audit, print, remember; with ``follow`` again and again until something is not proven.

    Raises:
        FaultError: State or fork evidence cannot be written.
    """
    try:
        trust = TrustBundle.load(request.trust)
    except UnreadableTrustError as problem:
        told(problem)
        return 2  # the fault is in the arguments, not in the chain
    try:
        memory = None if request.state is None else load_memory(request.state)
    except MemoryUnreadableError as problem:
        told(problem)
        return Verdict.UNREADABLE.exit_code
    with _sources(request) as (chain, log), _progress(request) as progress:
        audit = Audit(trust, chain, first_block=request.first_block, memory=memory, progress=progress)
        packages = [
            (printable(path), partial(read_bounded, path, GREATEST_FILE)) for path in request.packages
        ]
        while True:
            report = audit.run(at=SystemClock().now(), log=log, packages=packages)
            _keep(request, report)
            if not request.follow or report.verdict is not Verdict.PROVEN:
                return report.verdict.exit_code
            time.sleep(_FOLLOW_SECONDS)


def _keep(request: AuditRequest, report: AuditReport) -> None:
    """Save forks, then the state, then print."""
    saved = [_save_fork(request, report, place) for place in _forks(report)]
    if request.state is not None and report.memory is not None:
        store_memory(report.memory, request.state)
    if request.as_json:
        print(json.dumps(report_json(report, saved), ensure_ascii=False), flush=True)
    else:
        print_report(report, saved)


def _forks(report: AuditReport) -> list[int]:
    return [place for place, finding in enumerate(report.findings) if finding.statements is not None]


def _save_fork(request: AuditRequest, report: AuditReport, place: int) -> Path:
    """Write both statements beside the state file, never over those of another fork."""
    finding = report.findings[place]
    folder = Path() if request.state is None else request.state.parent
    content = canonical_bytes(
        {
            "schema": 1,
            "code": finding.code,
            "subject": finding.subject,
            "expected": finding.expected,
            "actual": finding.actual,
            "detail": finding.en,
            "detail_zh": finding.zh,
            "statements": finding.statements,
        }
    )
    path, number = folder / FORK_EVIDENCE, 1
    while path.exists() and path.read_bytes() != content + b"\n":
        number += 1
        path = folder / f"fork-evidence-{number}.json"
    write_atomically(path, content + b"\n")
    return path


@contextlib.contextmanager
def _sources(request: AuditRequest) -> Iterator[tuple[ChainReader, HttpLog | None]]:
    chain = ChainReader(request.rpc, token=request.token)
    log = None if request.log is None else HttpLog(request.log)
    try:
        yield chain, log
    finally:
        chain.close()
        if log is not None:
            log.close()


@contextlib.contextmanager
def _progress(request: AuditRequest) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if request.as_json or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("区块 blocks"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("blocks", total=None)
        yield lambda done, due: bar.update(task, completed=done, total=due)
