"""``README.txt`` of an archive package: plain Chinese for a person who finds the folder decades on."""

from __future__ import annotations

from contracts_chain.evidence.archive_metadata import ArchiveExport
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.report_verification import status_text
from kernel.clock import beijing_text

__all__ = ["readme_text"]


def readme_text(subject: ReportSubject, facts: ReportFacts, export: ArchiveExport) -> str:
    """What this is, what each file is, how to check it, what it does not prove."""
    return "\n".join([*_what(subject, facts, export), *_files(facts), *_how(facts), *_limits(facts), ""])


def _what(subject: ReportSubject, facts: ReportFacts, export: ArchiveExport) -> list[str]:
    parties = "；".join(f"{role} {name}（{code}）" for role, name, code in subject.parties)
    mark = [f"【{subject.mark}】"] if subject.mark else []
    return [
        *mark,
        f"{subject.title}　{subject.number}",
        "电子档案归档包",
        "",
        "一、这是什么",
        f"本文件夹保存一份电子{'合同' if facts.is_agreement else '发票'}及其全部证据。当事人：{parties}。",
        f"由{subject.issuer}的电子合同存证系统于北京时间 {beijing_text(export.at_utc, seconds=True)} 导出，",
        f"导出人标识 {export.by}。",
        "阅读和核验均不需要原系统，也不需要联网。",
        "",
    ]


def _files(facts: ReportFacts) -> list[str]:
    original = (
        [
            "agreement.pdf　　合同原件（PDF，含各方电子签名、印章和时间戳），可用任何 PDF 阅读器阅读",
            "trail.jsonl　　签署过程记录，每行一个事件，文本文件",
            "ses/　　各印章的国密签章（GB/T 38540，DER 编码，如有），文件名为签名域名称",
            "annexes/　　合同附件中已上传的文件（如有），文件名为其 SHA-256，与合同附件清单所载一致",
        ]
        if facts.is_agreement
        else ["invoice.xml　　发票原件（XML 文本文件）", "invoice.pdf　　发票的版式呈现"]
    )
    return [
        "二、有哪些文件",
        *original,
        "report.pdf　　出证报告，说明文件如何生成、保存，并逐条列出核验命令",
        "evidence.asice　　证据包（ZIP 格式），含上述文件和全部数学证明，整体经电子签名和时间戳固定",
        "metadata.json　　归档元数据：来源、过程、要素、保管期限、导出人",
        "trust/　　导出时所用信任包的副本，仅供参考；核验时应使用自可信途径取得的信任包",
        "verify_anchor.py　　核验程序，仅用 Python 标准库，可通读",
        "MANIFEST-SHA256.txt、MANIFEST-SM3.txt　　以上各文件的摘要清单",
        "",
    ]


def _how(facts: ReportFacts) -> list[str]:
    executed = facts.evidence.executed
    return [
        "三、如何核验",
        "1. 文件是否完好：在本文件夹执行 sha256sum -c MANIFEST-SHA256.txt，各行均应为 OK。",
        "2. 存证是否成立：执行 python3 verify_anchor.py evidence.asice trust/trust.json，末行应为 proven。",
        f"3. 原件是否未变：{facts.document_name} 的前 {executed.length} 字节，",
        f"   SHA-256 应为 {executed.sha256.hex()}，",
        f"   SM3 应为 {executed.sm3.hex()}。",
        "4. 其余步骤见 report.pdf 第四章；所用格式均为公开标准：PDF、ZIP、JSON、X.509、CMS、",
        "   RFC 3161、RFC 9162。",
        "",
    ]


def _limits(facts: ReportFacts) -> list[str]:
    return [
        "四、不证明什么",
        f"链上状态：{status_text(facts)}。该状态只在所注时间成立，不证明此后文件是否仍然有效。",
        "摘要算法会老化：若 SHA-256 或 SM3 已不再安全，请以仍然可信的算法为准，",
        "并参看证据包中的续期证明（如有）。",
    ]
