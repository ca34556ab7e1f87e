"""Chapter 1 of the report: the system's surroundings, and who besides the utility watched over it.

The utility is party and runs one validator: 人民法院在线诉讼规则 art. 17(2) asks for just that
relation, so every validator and witness is named, with what it did for this very checkpoint.
"""

from __future__ import annotations

from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.ledger.chain_trust import operator_zh
from kernel.clock import beijing_text
from pdfgen.document import Block, FieldTable, GridTable, Heading, Paragraph

__all__ = ["environment_chapter"]

_UTILITY = "utility"


def environment_chapter(subject: ReportSubject, facts: ReportFacts) -> tuple[Block, ...]:
    """System, validators, witnesses."""
    return (
        Heading(level=1, text="一、生成、收集、存储、传输所依赖的系统环境"),
        FieldTable(title="系统环境", rows=subject.environment),
        Heading(level=2, text="（一）区块链验证节点及其与当事人的关系"),
        Paragraph(text=_sealed_text(subject, facts)),
        GridTable(
            title="验证节点与运行机构",
            header=("运行机构", "与当事人关系", "节点地址", "本区块"),
            rows=_validator_rows(subject, facts),
            widths=(1.8, 1.4, 5.4, 1),
        ),
        Heading(level=2, text="（二）检查点见证机构"),
        *_witness_blocks(facts),
    )


def _sealed_text(subject: ReportSubject, facts: ReportFacts) -> str:
    others = [name for _, name in facts.sealed.sealers if not _is_party(name, subject)]
    return (
        "供电企业既是当事人，又运行其中一个节点，因此区块须由不少于三分之二的节点签封方为有效，"
        "任何一方不能单独"
        f"改写。登载本检查点的第 {facts.sealed.number} 块由 {len(facts.sealed.sealers)} 个节点签封（至少须 "
        f"{facts.sealed.needed} 个），其中非当事人运行的节点 {len(others)} 个："
        f"{'、'.join(operator_zh(name) for name in others) or '无'}。"
    )


def _validator_rows(subject: ReportSubject, facts: ReportFacts) -> tuple[tuple[str, ...], ...]:
    sealers = {address for address, _ in facts.sealed.sealers}
    known = facts.trust.chain.validators_at(facts.sealed.number)
    return tuple(
        (
            operator_zh(name),
            "当事人" if _is_party(name, subject) else "非当事人",
            address.hex0x(),
            "已签封" if address in sealers else "未签封",
        )
        for address, name in known.members
    )


def _is_party(operator: str, subject: ReportSubject) -> bool:
    return operator == _UTILITY or operator in {name for _, name, _ in subject.parties}


def _witness_blocks(facts: ReportFacts) -> tuple[Block, ...]:
    if not facts.trust.witnesses:
        return (Paragraph(text="信任包未列见证机构，本检查点未经见证联署。"),)
    times = {one.name: beijing_text(one.time_utc, seconds=True) for one in facts.cosigned}
    return (
        Paragraph(
            text="检查点上链之前，由下列机构各自核对其为所见前一检查点的延续后联署；机构之间、"
            "机构与供电企业之间"
            f"不共用密钥。至少须 {facts.trust.witness_quorum} 个机构联署，"
            f"本检查点已有 {len(facts.cosigned)} 个。"
        ),
        GridTable(
            title="见证机构与联署时间（北京时间）",
            header=("运行机构", "见证密钥名称", "联署时间"),
            rows=tuple(
                (operator_zh(one.operator), one.name, times.get(one.name, "未联署"))
                for one in facts.trust.witnesses
            ),
            widths=(2, 4, 3),
        ),
    )
