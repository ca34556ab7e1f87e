"""The demo's last word on a terminal: documents, forgeries, milliseconds by stage."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from kernel.verdict import Verdict

__all__ = ["print_table"]


def print_table(console: Console, summary: dict[str, Any]) -> None:
    """Print the summary as three tables."""
    documents = Table(
        "文件 document", "编号 number", "页 pages", "签名 signatures", "区块 block", "结论 verdict"
    )
    for one in summary["documents"]:
        verdict = Verdict(one["verdict"])
        documents.add_row(
            one["kind"],
            one["number"],
            str(one["pages"]),
            str(one["signatures"]),
            str(one["anchor"]["block"]),
            f"{verdict.zh} {verdict.value}",
        )
    console.print(documents)
    forged = Table("改动一字节 one byte changed in", "结论 verdict", "步骤 step")
    for one in summary["tampered"]:
        verdict = Verdict(one["verdict"])
        forged.add_row(one["changed"], f"{verdict.zh} {verdict.value}", str(one["step"]))
    console.print(forged)
    timings = Table("阶段 stage", "毫秒 ms")
    for name, milliseconds in summary["timings_ms"].items():
        timings.add_row(name, f"{milliseconds:,}")
    console.print(timings)
