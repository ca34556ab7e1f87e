"""The demo's last word on a terminal: documents, forgeries, milliseconds by stage.

Fits 80 columns; on a narrower terminal a cell is folded. A number is never cut off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from kernel.verdict import Verdict

__all__ = ["print_table"]

_KINDS = {
    "HV_SUPPLY": "高压供用电合同",
    "GRID_DISPATCH": "并网调度协议",
    "VAT_SPECIAL_INVOICE": "增值税专用发票",
}
_STYLE = {Verdict.PROVEN: "green", Verdict.REFUTED: "red"}


def print_table(console: Console, summary: dict[str, Any], out: Path) -> None:
    """Print the summary as three tables, and where the artefacts are."""
    console.print(_documents(summary))
    console.print(_forgeries(summary))
    console.print(_timings(summary))
    console.print(
        Text(f"成果 artefacts  {out}\n核验 verify  contracts-chain verify FILE --trust {out / 'trust'}"),
        soft_wrap=True,
    )


def _documents(summary: dict[str, Any]) -> Table:
    table = _table(
        _text("编号 number"),
        _text("文件 document"),
        _figure("页\npages"),
        _figure("签名\nsigned"),
        _figure("区块\nblock"),
        _text("结论 verdict"),
    )
    for one in summary["documents"]:
        figures = (one["pages"], one["signatures"], one["anchor"]["block"])
        kind = _KINDS.get(one["kind"], one["kind"])
        table.add_row(one["number"], kind, *map(str, figures), _verdict(one["verdict"]))
    return table


def _forgeries(summary: dict[str, Any]) -> Table:
    table = _table(_text("改动一字节 one byte changed in"), _text("结论 verdict"), _figure("步骤\nstep"))
    for one in summary["tampered"]:
        table.add_row(one["changed"], _verdict(one["verdict"]), str(one["step"]))
    return table


def _timings(summary: dict[str, Any]) -> Table:
    table = _table(_text("阶段 stage"), _figure("毫秒 ms"))
    for name, milliseconds in summary["timings_ms"].items():
        table.add_row(name, f"{milliseconds:,}")
    return table


def _table(*columns: Column) -> Table:
    return Table(*columns, box=box.SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)


def _text(heading: str) -> Column:
    return Column(heading, overflow="fold")


def _figure(heading: str) -> Column:
    return Column(heading, justify="right", overflow="fold")


def _verdict(word: str) -> Text:
    verdict = Verdict(word)
    return Text(f"{verdict.zh} {verdict.value}", _STYLE.get(verdict, "bright_black"))
