"""A verification report in the words of the verification screen (WEB §4).

Decides what stands beside the headline as status, and which step is open first; the
headline itself is the report's. Authenticity and status are two statements: a terminated
contract is genuine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.verify_files import STEP_NAMES
from contracts_chain.evidence.file_report import NOT_APPLICABLE, FileKind, FileReport
from contracts_chain.ledger.chain_trust import ChainTrust, operator_zh
from kernel.verdict import Check, Verdict

__all__ = ["Step", "chain_line", "kind_word", "status_line", "steps_of"]

_KIND_ZH: Final = {
    FileKind.AGREEMENT_PACKAGE: "合同证据包",
    FileKind.INVOICE_PACKAGE: "发票证据包",
    FileKind.SIGNED_PDF: "签名 PDF",
    FileKind.INVOICE_XML: "发票 XML",
    FileKind.UNKNOWN: "未能识别",
}
_UNFINISHED: Final = "。.；; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as the page lists it.

    Attributes:
        check: What was found.
        name: Chinese name of the step.
        applies: Whether the step has a say for this kind of file.
        open: Whether the page opens it at once: the first that is not proven.
    """

    check: Check
    name: str
    applies: bool
    open: bool


def status_line(report: FileReport) -> str | None:
    """The proven status with the moment it was read at the chain; nothing where none was proven.

    A refuted file gets no status: it is not the document that the chain speaks of.
    """
    if report.verdict is Verdict.REFUTED:
        return None
    status = next((check for check in report.checks if check.step == 11), None)
    if report.facts.status is None or status is None or status.verdict is not Verdict.PROVEN:
        return None
    return f"状态：{_inner(status.zh)}"


def steps_of(report: FileReport) -> tuple[Step, ...]:
    """All steps in order; the first that applies and is not proven is open."""
    first = next(
        (c.step for c in report.checks if c.code != NOT_APPLICABLE and c.verdict is not Verdict.PROVEN), None
    )
    return tuple(
        Step(
            check=check,
            name=STEP_NAMES[check.step].split(" ")[0],
            applies=check.code != NOT_APPLICABLE,
            open=check.step == first,
        )
        for check in report.checks
    )


def chain_line(report: FileReport, chain: ChainTrust) -> str | None:
    """``区块 18,204 由 4 个节点封签（需 3 个），其中非供电方 3 个：…``; nothing without a proven seal."""
    facts = report.facts
    sealed = next((check for check in report.checks if check.step == 9), None)
    block = facts.anchor_block
    if block is None or not facts.operators or sealed is None or sealed.verdict is not Verdict.PROVEN:
        return None
    members = next(
        known.members
        for known in chain.validator_sets
        if known.from_block <= block and (known.to_block is None or block <= known.to_block)
    )
    needed = -(-2 * len(members) // 3)
    others = [operator_zh(name) for name in facts.operators if name != "utility"]
    return (
        f"区块 {block:,} 由 {len(facts.operators)} 个节点封签（需 {needed} 个），"
        f"其中非供电方 {len(others)} 个：{'、'.join(others)}。"
    )


def kind_word(report: FileReport) -> str:
    """What the file was taken for."""
    return _KIND_ZH[report.kind]


def _inner(sentence: str) -> str:
    return sentence.strip().rstrip(_UNFINISHED)
