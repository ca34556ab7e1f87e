"""``contracts-chain verify``: a table or JSON, and the exit code of the joined verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.verification import JudgedFile, NoTrustError, judge_files, load_trust, report_json
from contracts_chain.evidence.file_report import NOT_APPLICABLE
from kernel.clock import SystemClock
from kernel.verdict import Verdict, overall

__all__ = ["verify_files"]

_STYLE = {
    Verdict.PROVEN: "[green]✓",
    Verdict.REFUTED: "[red]✕",
    Verdict.UNDECIDED: "[yellow]?",
    Verdict.UNREADABLE: "[bright_black]–",
}
STEP_NAMES = (
    "文件完整 package", "指纹一致 document", "签名完整 signatures", "证书有效 certificates", "时间戳 timestamp",
    "签署主体 parties", "过程完整 process", "收录 inclusion", "链上锚定 anchor", "区块封签 seals",
    "时间顺序 order", "当前状态 status",
)  # fmt: skip


def verify_files(files: Sequence[Path], trust: Path | None, *, as_json: bool, offline: bool) -> int:
    """Judge the files and print; nothing is fetched unless a chain is configured and ``offline`` is unset.

    Raises:
        UnreadableTrustError: The bundle is damaged.
    """
    del offline  # the recipe is pure; fetching a fresh status comes with the audit command
    try:
        bundle = load_trust(trust)
    except NoTrustError as problem:
        Console(stderr=True).print(f"{problem.zh}\n{problem.en}", soft_wrap=True)
        return 2
    judged = judge_files(files, bundle, at=SystemClock().now())
    if as_json:
        print(json.dumps(report_json(judged), ensure_ascii=False))
    else:
        _print(judged)
    return overall(one.report.verdict for one in judged).exit_code


def _print(judged: Sequence[JudgedFile]) -> None:
    console = Console(highlight=False)
    for one in judged:
        report = one.report
        console.print(f"\n[bold]{one.file}[/bold]", soft_wrap=True)
        console.print(
            f"{_STYLE[report.verdict]} {report.verdict.zh} {report.verdict.value}[/] {report.headline_zh}"
        )
        table = Table("步 step", "结论", "说明 detail", box=None, padding=(0, 1))
        for check in report.checks:
            mark = "[dim]·" if check.code == NOT_APPLICABLE else _STYLE[check.verdict]
            table.add_row(f"{check.step:>2} {STEP_NAMES[check.step]}", f"{mark}[/]", check.zh)
        console.print(table)
