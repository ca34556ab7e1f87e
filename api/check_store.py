"""``contracts-chain fsck``: the whole installation re-hashed and held against the chain."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from api.house import reopen_house
from api.settings import Settings
from contracts_chain.workflows.fsck import FsckReport, check_everything

__all__ = ["check_store"]


def check_store(*, as_json: bool) -> int:
    """Check and print; exit 0 if sound, 10 if something does not hold.

    Raises:
        FaultError: The installation cannot be opened, e.g. ``serve`` is running on it.
        ChainUnavailableError: The chain does not answer (exit 20).
    """
    with reopen_house(Settings()) as house:
        report = check_everything(house.office)
    if as_json:
        print(json.dumps(_json(report), ensure_ascii=False))
    else:
        _print(report)
    return 0 if report.sound else 10


def _json(report: FsckReport) -> dict[str, object]:
    return {
        "schema": 1,
        "verdict": "proven" if report.sound else "refuted",
        "leaves": report.leaves,
        "pending": report.pending,
        "untimed": report.untimed,
        "tiles": report.tiles,
        "checkpoints": report.checkpoints,
        "anchored": report.anchored,
        "documents": report.documents,
        "findings": [
            {"code": one.code, "place": one.place, "detail": one.en, "detail_zh": one.zh}
            for one in report.findings
        ],
        "alarms": [
            {"code": one.code, "subject": one.subject, "detail": one.en, "detail_zh": one.zh}
            for one in report.alarms
        ],
    }


def _print(report: FsckReport) -> None:
    console = Console(highlight=False)
    console.print(
        f"{report.leaves} 片叶 leaves · {report.pending} 条待排序 pending · "
        f"{report.untimed} 份待补时间戳 untimed · {report.tiles} 块 tiles · "
        f"{report.checkpoints} 个检查点 checkpoints · {report.anchored} 个在链上 on chain · "
        f"{report.documents} 份文件 documents"
    )
    if report.sound:
        console.print("[green]✓[/] 全部一致。 Everything holds.")
        return
    table = Table("代码 code", "位置 place", "说明 detail")
    for one in report.findings:
        table.add_row(one.code, str(one.place), f"{one.zh}\n{one.en}")
    for alarm in report.alarms:
        table.add_row(alarm.code, alarm.subject, f"{alarm.zh}\n{alarm.en}")
    console.print(table)
