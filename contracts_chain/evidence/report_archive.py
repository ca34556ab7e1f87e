"""Chapter 8 of the report: what an electronic archive asks for (档案法 art. 37, 实施条例 art. 39).

Source reliable, procedure standard, elements complete: it states the facts for each, and that
a court may consider data kept as an archive, or as the parties agreed (民事诉讼证据规定 art. 94).
"""

from __future__ import annotations

from contracts_chain.evidence.report_facts import ReportFacts
from pdfgen.document import Block, GridTable, Heading, Paragraph

__all__ = ["archive_chapter"]


def archive_chapter(facts: ReportFacts) -> tuple[Block, ...]:
    """The three properties and where they show, and the note of the bundle."""
    return (
        Heading(level=1, text="八、归档保存"),
        GridTable(
            title="",
            header=("要求", "本证据包所载事实", "所在文件"),
            rows=_rows(facts),
            widths=(1.3, 4.7, 3),
        ),
        Paragraph(
            text="《最高人民法院关于民事诉讼证据的若干规定》第九十四条将以档案管理方式保管、"
            "按当事人约定的方式保存、"
            "传输、提取等列为可予考虑的情形；本证据包可连同归档元数据一并导出，"
            "供电子档案系统接收并定期复验。"
        ),
        Paragraph(text=facts.trust.label or "本报告仅对所载电子数据的形成与完整性作出说明。", note=True),
    )


def _rows(facts: ReportFacts) -> tuple[tuple[str, str, str], ...]:
    signed = (
        f"签署人 {len(facts.evidence.slots)} 个签名、印章及其证书；过程记录 {len(facts.trail)} 条"
        if facts.is_agreement
        else "开票系统出具的 XML 原件"
    )
    elements = "、".join((*facts.files, "report.pdf"))
    return (
        ("来源可靠", signed, f"{facts.document_name}、evidence.json"),
        (
            "程序规范",
            f"{len(facts.evidence.records)} 条存证记录前后相接，先入日志，再经检查点上链",
            "evidence.json",
        ),
        ("要素合规", f"文件齐备：{elements}；每一文件均列于已签名的清单", "META-INF/ASiCManifest.xml"),
    )
