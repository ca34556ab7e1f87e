"""Chapter 7 of the report: which of its facts answer which point of 人民法院在线诉讼规则 arts. 16–19.

It names points and facts, never a conclusion: whether the points are met is for the court.
"""

from __future__ import annotations

from contracts_chain.evidence.report_facts import ReportFacts
from pdfgen.document import Block, GridTable, Heading, Paragraph

__all__ = ["litigation_chapter"]


def litigation_chapter(facts: ReportFacts) -> tuple[Block, ...]:
    """A table of points and places, and what an expert gets."""
    return (
        Heading(level=1, text="七、在线诉讼规则各项与本报告的对应"),
        GridTable(
            title="",
            header=("条文所涉事项", "本报告所载事实", "所在章节"),
            rows=_rows(facts),
            widths=(3, 4.8, 1.8),
        ),
        Heading(level=2, text="专家辅助与司法鉴定"),
        Paragraph(
            text="证据包含原始签名数据（PDF 内各签名与时间戳、META-INF/signature.p7s）、过程记录、"
            "各项链上证明的原始"
            "字节；核验程序 verify_anchor.py 为单一源文件，可由鉴定机构通读。格式说明与测试向量随软件公开，"
            "鉴定机构可另行编写程序复算，无须使用出证单位的软件或服务。"
        ),
    )


def _rows(facts: ReportFacts) -> tuple[tuple[str, str, str], ...]:
    anchored = facts.anchored
    return (
        (
            "第十六条：上链后是否经技术核验一致",
            f"检查点 {anchored.sequence}、第 {anchored.block_number} 块；核验步骤及应得结果逐条列出",
            "四、六",
        ),
        (
            "第十七条第（一）项：存证平台是否符合有关区块链存证服务的规定",
            "平台备案情况见“系统环境”",
            "一",
        ),
        (
            "第十七条第（二）项：当事人与存证平台的利害关系，有无不当干预",
            _interest(facts),
            "一（一）、（二）",
        ),
        (
            "第十七条第（三）、（四）项：信息系统与存储技术、过程",
            "软件版本、存储介质、加密与校验方法、时间来源",
            "一、三",
        ),
        (
            "第十八条：上链前数据的真实性",
            "生成输入、身份核验与签署意愿事件在发生时即入日志"
            if facts.is_agreement
            else "开具事项在发生时即入日志",
            "二（一）至（三）" if facts.is_agreement else "二（一）",
        ),
        ("第十九条：专家辅助、司法鉴定", "原始数据、格式说明与核验程序", "七"),
    )


def _interest(facts: ReportFacts) -> str:
    return (
        f"供电企业为当事人并运行其中一个节点；本区块由 {len(facts.sealed.sealers)} 个节点签封，"
        f"检查点由 {len(facts.cosigned)} 个见证机构联署，机构名称及时间均已列明"
    )
