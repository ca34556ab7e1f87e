"""A verification report in the words of the verification screen (WEB §4).

Decides the one sentence that is title and h1, what stands beside it as status, and which
step is open first. Authenticity and status are two statements: a terminated contract is
genuine. Must never say proven of anything but a report whose verdict is proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from api.verify_files import STEP_NAMES
from contracts_chain.evidence.file_report import NOT_APPLICABLE, FileKind, FileReport
from contracts_chain.ledger.chain_trust import ChainTrust
from kernel.clock import BEIJING, beijing_text
from kernel.verdict import Check, Verdict

__all__ = ["Sentence", "Step", "chain_line", "kind_word", "sentence_of", "status_line", "steps_of"]

_ENDED: Final = {"terminated": ("已终止", "terminated"), "superseded": ("已被取代", "superseded")}
_KIND_ZH: Final = {
    FileKind.AGREEMENT_PACKAGE: "合同证据包",
    FileKind.INVOICE_PACKAGE: "发票证据包",
    FileKind.SIGNED_PDF: "签名 PDF",
    FileKind.INVOICE_XML: "发票 XML",
    FileKind.UNKNOWN: "未能识别",
}
_OPERATOR_ZH: Final = {"utility": "供电公司", "notary": "公证处", "court": "法院", "ca": "CA"}
_UNFINISHED: Final = "。.；; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The verdict as one sentence in both languages."""

    zh: str
    en: str


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


def sentence_of(report: FileReport) -> Sentence:
    """The h1 of the verdict page."""
    match report.verdict:
        case Verdict.PROVEN:
            return _proven(report)
        case Verdict.REFUTED:
            found = _first(report, Verdict.REFUTED)
            return Sentence(
                zh=f"已证伪：第 {found.step} 步不成立，{_inner(found.zh)}。请勿作为原件使用。",
                en=f"Refuted: step {found.step} fails, {_inner(found.en)}. Do not use as an original.",
            )
        case Verdict.UNDECIDED:
            return _undecided(report)
        case Verdict.UNREADABLE:
            found = _first(report, Verdict.UNREADABLE)
            return Sentence(
                zh=f"无法读取：{_inner(found.zh)}，未判断真伪。请提供完整的 PDF 或证据包。",
                en=f"Unreadable: {_inner(found.en)}; nothing judged. "
                "Provide the whole PDF or evidence package.",
            )
    assert_never(report.verdict)


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
    others = [_OPERATOR_ZH.get(name, name) for name in facts.operators if name != "utility"]
    return (
        f"区块 {block:,} 由 {len(facts.operators)} 个节点封签（需 {needed} 个），"
        f"其中非供电方 {len(others)} 个：{'、'.join(others)}。"
    )


def kind_word(report: FileReport) -> str:
    """What the file was taken for."""
    return _KIND_ZH[report.kind]


def _proven(report: FileReport) -> Sentence:
    facts = report.facts
    if facts.status in _ENDED:
        zh, en = _ENDED[facts.status]
        return Sentence(
            zh=f"已证实：合同 {facts.number} 是真的，但{zh}。",
            en=f"Proven: contract {facts.number} is genuine, but {en}.",
        )
    if report.kind is FileKind.AGREEMENT_PACKAGE and facts.number and facts.anchor_time_utc:
        moment = beijing_text(facts.anchor_time_utc, seconds=True)
        english = f"{facts.anchor_time_utc.astimezone(BEIJING):%-d %b %Y, %H:%M:%S} UTC+8"
        parties = len({organisation for _, _, organisation, _ in facts.signers})
        return Sentence(
            zh=f"已证实：这就是 {moment} 存证的合同 {facts.number}，"
            f"{parties} 方签名和印章均有效，此后未被改动。",
            en=f"Proven: this is contract {facts.number} as recorded {english}; "
            f"all {parties} parties' signatures and seals valid; unchanged since.",
        )
    number = f"（{facts.number}）" if facts.number else ""
    return Sentence(
        zh=f"已证实：{_KIND_ZH[report.kind]}{number}各步骤均成立，此后未被改动。",
        en=f"Proven: every step holds for this {report.kind.value.replace('_', ' ')}; unchanged since.",
    )


def _undecided(report: FileReport) -> Sentence:
    lacking = [c for c in report.checks if c.verdict is Verdict.UNDECIDED and c.code != NOT_APPLICABLE]
    proven = sum(c.verdict is Verdict.PROVEN and c.code != NOT_APPLICABLE for c in report.checks)
    reason = _first(report, Verdict.UNDECIDED)
    return Sentence(
        zh=f"尚不能判定：{proven} 步已证实，{len(lacking)} 步缺依据（{_inner(reason.zh)}），"
        "没有一步被证伪。请稍后重验。",
        en=f"Undecided: {proven} proven, {len(lacking)} lack evidence ({_inner(reason.en)}), "
        "none refuted. Try again later.",
    )


def _first(report: FileReport, verdict: Verdict) -> Check:
    return next(c for c in report.checks if c.verdict is verdict and c.code != NOT_APPLICABLE)


def _inner(sentence: str) -> str:
    return sentence.strip().rstrip(_UNFINISHED)
