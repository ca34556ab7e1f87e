"""出证报告: what a court needs, in the order in which it asks.

Chapters 1 to 6 follow the six points of 最高人民法院关于互联网法院审理案件若干问题的规定 art. 11;
chapter 7 those of 人民法院在线诉讼规则 arts. 16–19, chapter 8 the archive's (档案法 art. 37 and
实施条例 art. 39). It states; it does not prove and gives no legal opinion. Every value in it
can be recomputed from the package, by hand, with the commands of chapter 4.
"""

from __future__ import annotations

from contracts_chain.evidence.report_archive import archive_chapter
from contracts_chain.evidence.report_environment import environment_chapter
from contracts_chain.evidence.report_extraction import extraction_chapter
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.report_integrity import integrity_chapter, medium_chapter
from contracts_chain.evidence.report_litigation import litigation_chapter
from contracts_chain.evidence.report_origin import origin_chapter
from contracts_chain.evidence.report_verification import status_text, verification_chapter
from kernel.clock import beijing_text
from pdfgen.document import Block, Document, Paragraph

__all__ = ["ReportFacts", "ReportSubject", "evidence_report"]


def evidence_report(subject: ReportSubject, facts: ReportFacts) -> Document:
    """Lay out the report; same inputs, same document."""
    return Document(
        title="电子数据出证报告",
        number=subject.number,
        qr_text=subject.qr_text,
        subtitle=subject.title,
        cover=(
            ("文件名称", subject.title),
            ("文件编号", subject.number),
            ("出证单位", subject.issuer),
            ("出证时间", beijing_text(facts.issued_utc, seconds=True)),
            ("链上区块", str(facts.anchored.block_number)),
            ("链上状态", status_text(facts)),
        ),
        footnote=f"本报告所载各值均可由证据包复算　检查点 {facts.anchored.sequence}　"
        f"区块 {facts.anchored.block_number}",
        mark=subject.mark,
        created_utc=facts.issued_utc,
        blocks=(
            *_preface(subject),
            *environment_chapter(subject, facts),
            *origin_chapter(subject, facts),
            *medium_chapter(facts),
            *extraction_chapter(subject, facts),
            *integrity_chapter(facts),
            *verification_chapter(facts),
            *litigation_chapter(facts),
            *archive_chapter(facts),
        ),
    )


def _preface(subject: ReportSubject) -> tuple[Block, ...]:
    return (
        Paragraph(
            text=f"本报告由{subject.issuer}的电子合同存证系统根据证据包自动生成，未经人工编辑。"
            "报告仅就电子数据的"
            "生成、存储、提取与核验陈述事实，不构成法律意见，也不替代人民法院、仲裁机构或公证机构的认定。"
        ),
        Paragraph(
            text="报告第一章至第六章依《最高人民法院关于互联网法院审理案件若干问题的规定》第十一条所列六项排列，"
            "第七章对应《人民法院在线诉讼规则》第十六条至第十九条，第八章供电子档案管理之用。"
        ),
    )
