"""An audit's report as JSON for machines and as Chinese and English for people.

Words of others (file names, a node's messages) are printed as they are, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from contracts_chain.evidence.audit_report import AuditFinding, AuditReport
from kernel.canonical_json import JsonValue
from kernel.clock import beijing_text, utc_text
from kernel.verdict import Verdict

__all__ = ["print_report", "report_json"]

_MARK = {
    Verdict.PROVEN: ("✓", "green"),
    Verdict.REFUTED: ("✕", "bold red"),
    Verdict.UNDECIDED: ("?", "yellow"),
    Verdict.UNREADABLE: ("–", "bright_black"),
}
_SECTION_ZH = {"chain": "链", "registry": "登记合约", "log": "公开日志", "package": "证据包"}
_HEADLINE = {
    Verdict.PROVEN: ("审计通过：未见改写或分叉。", "Audit passed: nothing was rewritten, no fork."),
    Verdict.REFUTED: ("警报：发现矛盾，详见下文。", "ALARM: a contradiction was found, see below."),
    Verdict.UNDECIDED: ("尚不能判定，详见下文。", "Not decided, see below."),
    Verdict.UNREADABLE: ("文件无法读取，详见下文。", "A file cannot be read, see below."),
}


def report_json(report: AuditReport, saved: Sequence[Path]) -> dict[str, JsonValue]:
    """The object of ``--json`` (docs/formats/audit.md)."""
    last, newest = report.last, report.checkpoints[-1] if report.checkpoints else None
    return {
        "schema": 1,
        "verdict": report.verdict.value,
        "first_block": report.first_block,
        "last_block": None if last is None else last.header.number,
        "last_block_hash": None if last is None else last.hash.hex0x(),
        "last_block_time_utc": None if last is None else utc_text(last.header.time_utc),
        "blocks_read": report.blocks,
        "checkpoints": len(report.checkpoints),
        "newest_checkpoint": None
        if newest is None
        else {
            "sequence": newest.sequence,
            "size": newest.size,
            "root": newest.root.hex(),
            "block": newest.block_number,
        },
        "events": dict(sorted(report.events.items())),
        "validator_changes": [
            {"from_block": one.from_block, "validators": [each.hex0x() for each in one.validators]}
            for one in report.set_changes
        ],
        "findings": [_finding_json(one) for one in report.findings],
        "fork_evidence": [str(path) for path in saved],
    }


def print_report(report: AuditReport, saved: Sequence[Path]) -> None:
    """Print verdict, findings, and both statements of every fork."""
    console = Console(highlight=False)
    mark, style = _MARK[report.verdict]
    zh, en = _HEADLINE[report.verdict]
    console.print(Text(f"{mark} {zh}\n  {en}", style), soft_wrap=True)
    for finding in report.findings:
        console.print(_lines(finding), soft_wrap=True)
    for change in report.set_changes:
        names = " ".join(one.hex0x() for one in change.validators)
        console.print(
            Text(
                f"  自第 {change.from_block} 号区块起验证者经投票变更为 / validators voted in from block "
                f"{change.from_block}: {names}；请更新信任包 / renew the trust bundle"
            ),
            soft_wrap=True,
        )
    if report.last is not None:
        moment = beijing_text(report.last.header.time_utc, seconds=True)
        console.print(
            Text(
                f"  末块 last block {report.last.header.number} {report.last.hash.hex0x()}"
                f"（{moment} 北京时间 / {utc_text(report.last.header.time_utc)}）"
            ),
            soft_wrap=True,
        )
    for path in saved:
        console.print(Text(f"  矛盾双方已保存 / both statements saved: {path}", "bold"), soft_wrap=True)


def _lines(finding: AuditFinding) -> Text:
    mark, style = _MARK[finding.verdict]
    text = Text.assemble(
        (f"{mark} ", style), f"{_SECTION_ZH[finding.section]} {finding.section} {finding.subject}\n"
    )
    text.append(f"    {finding.zh}\n    {finding.en}")
    if finding.verdict is not Verdict.PROVEN:
        text.append(f"\n    [{finding.code}]")
    for name, value in (finding.statements or {}).items():
        text.append(f"\n    {name}: {value}")
    return text


def _finding_json(finding: AuditFinding) -> dict[str, JsonValue]:
    return {
        "section": finding.section,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "code": finding.code,
        "detail": finding.en,
        "detail_zh": finding.zh,
        "expected": finding.expected,
        "actual": finding.actual,
        "statements": finding.statements,
    }
