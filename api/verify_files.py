"""``contracts-chain verify``: steps in words or JSON, and the exit code of the joined verdict.

Words of others (file names, parser messages) are printed as they are, never as markup,
and nothing is cut off at the edge of the terminal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.problems_cli import told
from api.verification import JudgedFile, NoTrustError, judge_files, load_trust, report_json
from contracts_chain.evidence.file_report import NOT_APPLICABLE
from contracts_chain.evidence.trust_bundle import UnreadableTrustError
from kernel.clock import SystemClock
from kernel.verdict import Check, Verdict, overall

__all__ = ["STEP_NAMES", "verify_files"]

_MARK = {Verdict.PROVEN: "✓", Verdict.REFUTED: "✕", Verdict.UNDECIDED: "?", Verdict.UNREADABLE: "–"}
_STYLE = {
    Verdict.PROVEN: "green",
    Verdict.REFUTED: "red",
    Verdict.UNDECIDED: "yellow",
    Verdict.UNREADABLE: "bright_black",
}
STEP_NAMES = (
    "文件完整 package", "指纹一致 document", "签名完整 signatures", "证书有效 certificates",
    "时间戳 timestamp", "签署主体 parties", "过程完整 process", "收录 inclusion",
    "链上锚定 anchor", "区块封签 seals", "时间顺序 order", "当前状态 status",
)  # fmt: skip


def verify_files(files: Sequence[Path], trust: Path | None, *, as_json: bool, offline: bool) -> int:
    """Judge the files and print; exit 0, 10, 20, 30 by the verdict, 2 without a usable trust bundle.

    The recipe is pure: nothing is fetched, with or without ``offline``.
    """
    del offline
    try:
        bundle = load_trust(trust)
    except (NoTrustError, UnreadableTrustError) as problem:
        told(problem)
        return 2  # the fault is in the arguments, not in the files (DESIGN §6)
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
        console.print(Text(f"\n{one.file}", "bold"), soft_wrap=True)
        console.print(_headline(one), soft_wrap=True)
        steps = Table.grid(
            Column(justify="right", no_wrap=True),
            Column(no_wrap=True),
            Column(no_wrap=True),
            Column(overflow="fold"),
            padding=(0, 1, 0, 0),
        )
        for check in report.checks:
            steps.add_row(str(check.step), _mark(check), STEP_NAMES[check.step], _words(check))
            for line in check.lines:
                sentence = f"{line.subject} · {line.number} {line.name_zh}：{line.zh}"
                steps.add_row("", Text(_MARK[line.verdict], _STYLE[line.verdict]), "", sentence)
        console.print(steps)


def _headline(judged: JudgedFile) -> Text:
    report = judged.report
    style = _STYLE[report.verdict]
    return Text.assemble(
        (f"{_MARK[report.verdict]} {report.headline_zh}\n", f"bold {style}"),
        (f"  {report.headline_en}", style),
    )


def _mark(check: Check) -> Text:
    if check.code == NOT_APPLICABLE:
        return Text("·", "dim")
    return Text(_MARK[check.verdict], _STYLE[check.verdict])


def _words(check: Check) -> Text:
    """One line for what holds; both languages, code and compared values for what does not."""
    if check.verdict is Verdict.PROVEN or check.code == NOT_APPLICABLE:
        return Text(check.zh)
    lines = [check.zh, check.en]
    if check.expected is not None:
        lines.append(f"期望值 expected {check.expected}")
    if check.actual is not None:
        lines.append(f"实际值 actual {check.actual}")
    return Text("\n".join([*lines, f"[{check.code}]"]))
