"""Chapters 3 and 5 of the report: where the data is kept and how, and that nothing in it changed."""

from __future__ import annotations

from contracts_chain.evidence.report_facts import ReportFacts
from kernel.clock import beijing_text
from kernel.digests import sha256, sm3
from pdfgen.document import Block, FieldTable, GridTable, Heading, Paragraph

__all__ = ["integrity_chapter", "medium_chapter"]


def medium_chapter(facts: ReportFacts) -> tuple[Block, ...]:
    """The log and its checkpoint."""
    records = tuple(
        (
            str(logged.index),
            logged.record.kind.zh,
            beijing_text(logged.record.occurred_utc, seconds=True),
            logged.record.leaf().hex(),
        )
        for logged in facts.evidence.records
    )
    return (
        Heading(level=1, text="三、存储、保管的介质与方式"),
        Paragraph(
            text="文件按其 SHA-256 摘要存放，写入后不得改写，每次读取均重新计算摘要。"
            "每一具有证明意义的步骤在发生时"
            "即形成一条加随机盐的存证记录，其哈希依次写入只增不改的默克尔日志（RFC 9162）；"
            "日志检查点写入许可链上的"
            "登记合约，合约拒绝任何不延续前一检查点的写入。"
        ),
        GridTable(
            title="存证记录",
            header=("日志位置", "事项", "记录时间（北京时间）", "叶哈希"),
            rows=records,
            widths=(1, 1.5, 2.9, 4),
        ),
        FieldTable(
            title="检查点",
            rows=(
                ("序号", str(facts.anchored.sequence)),
                ("日志叶数", str(facts.anchored.size)),
                ("根哈希", facts.anchored.root.hex()),
                ("日志名称", facts.trust.log_origin),
            ),
        ),
    )


def integrity_chapter(facts: ReportFacts) -> tuple[Block, ...]:
    """Digests of the executed revision and of every file, and what they hang on."""
    executed = facts.evidence.executed
    what = "签署完成版本" if facts.is_agreement else "发票 XML"
    later = (
        "签署完成后，文件仅追加验证资料与归档时间戳。"
        if facts.is_agreement
        else "发票以 XML 为原件，PDF 为其版式呈现。"
    )
    return (
        Heading(level=1, text="五、内容有无增加、删除、修改及不完整的情形"),
        FieldTable(
            title=what,
            rows=(
                ("长度（字节）", str(executed.length)),
                ("SHA-256", executed.sha256.hex()),
                ("SM3", executed.sm3.hex()),
            ),
        ),
        GridTable(
            title="证据包内文件摘要",
            header=("文件", "长度（字节）", "SHA-256", "SM3"),
            rows=tuple(
                (name, str(len(content)), sha256(content).hex(), sm3(content).hex())
                for name, content in facts.files.items()
            ),
            widths=(1.6, 1.3, 3.2, 3.2),
        ),
        Paragraph(
            text=f"上述{what}摘要载于存证记录，"
            f"记录的叶哈希可沿默克尔路径复算至检查点 {facts.anchored.sequence} 的根；"
            f"{later}任何增加、删除、修改均会使摘要或路径不符。"
        ),
        *_domestic(facts),
    )


def _domestic(facts: ReportFacts) -> tuple[Block, ...]:
    """The GB/T 38540 seal signatures in the package, or that there is none."""
    if not facts.is_agreement:
        return ()
    fields = [name[len("ses/") : -len(".ses")] for name in facts.files if name.startswith("ses/")]
    if not fields:
        return (Paragraph(text="国密签章：无。"),)
    return (
        Paragraph(
            text=f"国密签章（GB/T 38540，SM2/SM3）：{len(fields)} 枚，对应签名域 {'、'.join(fields)}。"
            "各枚的八项验证结果由核验程序第 2 步逐项列出。"
        ),
    )
