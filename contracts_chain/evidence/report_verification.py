"""Chapter 6 of the report: what the chain says, as of when, and what stands beside the chain."""

from __future__ import annotations

from contracts_chain.evidence.report_facts import ReportFacts
from contracts_chain.evidence.steps.s11_status import STATUS_WORDS
from contracts_chain.ledger.chain_trust import operator_zh
from kernel.clock import beijing_text
from pdfgen.document import Block, FieldTable, GridTable, Heading, Paragraph

__all__ = ["status_text", "verification_chapter"]


def status_text(facts: ReportFacts) -> str:
    """The chain's word with the moment it holds for."""
    if facts.status is None:
        return "未取得"
    _, _, word = STATUS_WORDS[facts.status.status]
    return f"{word}（截至 {beijing_text(facts.status.as_of_utc, seconds=True)}）"


def verification_chapter(facts: ReportFacts) -> tuple[Block, ...]:
    """Anchor, status, renewal, cross-anchors, ways of checking."""
    return (
        Heading(level=1, text="六、通过特定形式得到验证"),
        FieldTable(title="链上记载", rows=_anchor_rows(facts)),
        Heading(level=2, text="（一）文件在链上的状态"),
        Paragraph(text=_status_paragraph(facts)),
        Heading(level=2, text="（二）第二摘要算法"),
        *_renewal(facts),
        Heading(level=2, text="（三）链外交叉锚定"),
        *_crossed(facts),
        Heading(level=2, text="（四）核验方式"),
        Paragraph(
            text="核验无须联网，亦不依赖出证单位：持有信任包者运行 contracts-chain verify，"
            "或仅用 Python 标准库运行 "
            "verify_anchor.py，逐步得出已证实、已证伪或尚不能判定的结论。区块时间为验证节点所述时间，"
            "签署时间以可信"
            "时间戳为准。"
        ),
    )


def _anchor_rows(facts: ReportFacts) -> tuple[tuple[str, str], ...]:
    anchored, chain = facts.anchored, facts.trust.chain
    names = "、".join(operator_zh(name) for _, name in facts.sealed.sealers)
    return (
        ("链标识", str(chain.chain_id)),
        ("区块高度", str(anchored.block_number)),
        ("创世区块哈希", chain.genesis_hash.hex0x()),
        ("登记合约", chain.registry.hex0x()),
        ("合约代码哈希", chain.registry_code_hash.hex0x()),
        ("交易哈希", facts.evidence.anchor.transaction_hash.hex0x()),
        ("区块哈希", anchored.block_hash.hex0x()),
        ("区块时间（北京时间）", beijing_text(anchored.block_time_utc, seconds=True)),
        ("签封节点", f"{names}（至少 {facts.sealed.needed} 个）"),
    )


def _status_paragraph(facts: ReportFacts) -> str:
    if facts.status is None:
        return "出证时未取得链上状态证明，本报告不说明文件现时是否有效。"
    return (
        f"链上状态：{status_text(facts)}，取自第 {facts.status.block_number} 块的状态树。"
        "该状态仅在所注区块时间成立；"
        "此后文件可能被终止、变更或替代，本报告及证据包均不证明文件在今日仍然有效，须另行取得新的状态证明。"
    )


def _renewal(facts: ReportFacts) -> tuple[Block, ...]:
    renewed = facts.renewed
    if renewed is None:
        return (Paragraph(text="各记录同时载明文件的 SHA-256 与 SM3 摘要；日志尚未以 SM3 另行锚定。"),)
    return (
        Paragraph(
            text="日志已以 SM3 重算全部叶与节点并另行上链，本文件各记录均有通向该根的 SM3 路径；"
            "此前出具的证明不受影响。"
        ),
        FieldTable(
            title="SM3 根",
            rows=(
                ("检查点", str(renewed.sequence)),
                ("日志叶数", str(renewed.size)),
                ("SM3 根哈希", renewed.root.hex()),
                ("所在区块", str(renewed.block_number)),
                ("区块时间", beijing_text(renewed.block_time_utc, seconds=True)),
            ),
        ),
    )


def _crossed(facts: ReportFacts) -> tuple[Block, ...]:
    if not facts.crossed:
        return (Paragraph(text="出证时尚无覆盖本检查点的链外交叉锚定。"),)
    return (
        Paragraph(
            text="登载本检查点或其后续检查点的区块头哈希另存于下列处所。追加式文件由出证单位自行保管，"
            "仅供比对；其余处所是否独立于当事人，以其名称所示机构为准。"
        ),
        GridTable(
            title="交叉锚定（北京时间）",
            header=("处所", "方式", "区块", "时间"),
            rows=tuple(
                (
                    one.place,
                    one.kind.zh,
                    str(one.block_number),
                    beijing_text(one.time_utc, seconds=True),
                )
                for one in facts.crossed
            ),
            widths=(3, 2, 1, 3),
        ),
    )
