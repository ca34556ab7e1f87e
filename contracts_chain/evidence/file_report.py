"""The answer of a verification: one verdict a step, one for the file, one sentence for people.

Decides how step verdicts join (DESIGN §5) and what the headline says (WEB §4): terminal, JSON
and web page show this one sentence. Authenticity and status are two statements: a terminated
contract is genuine. Must never say proven of a file whose verdict is not. A step that does
not apply to a kind of file has the code ``not_applicable`` and no say in the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar

from kernel.clock import BEIJING, beijing_text
from kernel.errors import RefutedError, RejectedError, UndecidedError
from kernel.verdict import Check, Verdict, overall
from signing.model import PdfFindings

__all__ = [
    "FOREIGN_FILE",
    "NOT_APPLICABLE",
    "FileFacts",
    "FileKind",
    "FileReport",
    "NotProvenError",
    "StillUndecidedError",
    "UnreadableFileError",
    "headline_of",
    "join",
    "require_proven",
    "signers_of",
]

FOREIGN_FILE = "foreign_file"
"""Code of step 3 over a PDF that nobody of the trust bundle answers for."""
NOT_APPLICABLE = "not_applicable"

_NO_LONGER = {
    "terminated": ("terminated", "已终止"),
    "superseded": ("superseded", "已被替代"),
    "suspended": ("suspended", "已中止"),
}
_UNFINISHED = "。.；; "


class FileKind(Enum):
    """What a file is, judged by its content."""

    AGREEMENT_PACKAGE = "agreement_package"
    INVOICE_PACKAGE = "invoice_package"
    SIGNED_PDF = "signed_pdf"
    INVOICE_XML = "invoice_xml"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What was read on the way, for the screen; believed only where the steps say so.

    Attributes:
        number: Number of the agreement or invoice.
        signers: (field, common name, organisation, timestamp) of each signature.
        anchor_sequence: Checkpoint number on the chain.
        anchor_block: Height of the anchor block.
        anchor_time_utc: Its time.
        operators: Who sealed it.
        status: Word of step 11.
    """

    number: str | None = None
    signers: tuple[tuple[str, str, str | None, datetime | None], ...] = ()
    anchor_sequence: int | None = None
    anchor_block: int | None = None
    anchor_time_utc: datetime | None = None
    operators: tuple[str, ...] = ()
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """Verdict, steps 0–11 and the headline of one file, see ``headline_of``."""

    kind: FileKind
    verdict: Verdict
    checks: tuple[Check, ...]
    headline_en: str
    headline_zh: str
    facts: FileFacts


class NotProvenError(RefutedError):
    """``require_proven`` met a refuted file."""

    code: ClassVar[str] = "file_refuted"


class StillUndecidedError(UndecidedError):
    """``require_proven`` met a file that cannot be decided yet."""

    code: ClassVar[str] = "file_undecided"


class UnreadableFileError(RejectedError):
    """``require_proven`` met a file that cannot be read."""

    code: ClassVar[str] = "file_unreadable"


def join(kind: FileKind, checks: tuple[Check, ...], facts: FileFacts) -> FileReport:
    """Make the report of all steps."""
    verdict = overall(check.verdict for check in checks if check.code != NOT_APPLICABLE)
    headline_en, headline_zh = headline_of(kind, verdict, checks, facts)
    return FileReport(
        kind=kind,
        verdict=verdict,
        checks=checks,
        headline_en=headline_en,
        headline_zh=headline_zh,
        facts=facts,
    )


def signers_of(findings: PdfFindings) -> tuple[tuple[str, str, str | None, datetime | None], ...]:
    """Field, name, organisation and time of each signature whose certificate can be read."""
    return tuple(
        (found.field, found.signer.common_name, found.signer.organisation, found.timestamp_utc)
        for found in findings.signatures
        if found.signer is not None
    )


def require_proven(report: FileReport) -> None:
    """Return only if every step that applies is proven: what machines call.

    Raises:
        NotProvenError: Refuted.
        UnreadableFileError: Unreadable.
        StillUndecidedError: Undecided.
    """
    match report.verdict:
        case Verdict.PROVEN:
            return
        case Verdict.REFUTED:
            raise NotProvenError(report.headline_en, report.headline_zh)
        case Verdict.UNREADABLE:
            raise UnreadableFileError(report.headline_en, report.headline_zh)
        case Verdict.UNDECIDED:
            raise StillUndecidedError(report.headline_en, report.headline_zh)


def headline_of(
    kind: FileKind, verdict: Verdict, checks: tuple[Check, ...], facts: FileFacts
) -> tuple[str, str]:
    """The verdict as one sentence, English and Chinese (WEB §4); the only place that words it."""
    match verdict:
        case Verdict.PROVEN:
            return _proven(kind, facts)
        case Verdict.REFUTED:
            step, en, zh = _first(verdict, checks)
            return (
                f"Refuted: step {step} fails, {en}. Do not use as an original.",
                f"已证伪：第 {step} 步不成立，{zh}。请勿作为原件使用。",
            )
        case Verdict.UNREADABLE:
            _, en, zh = _first(verdict, checks)
            return (
                f"Unreadable: {en}; nothing judged. Provide the whole PDF or evidence package.",
                f"无法读取：{zh}，未判断真伪。请提供完整的 PDF 或证据包。",
            )
        case Verdict.UNDECIDED:
            return _undecided(checks)


def _proven(kind: FileKind, facts: FileFacts) -> tuple[str, str]:
    number_en, number_zh = (f" {facts.number}", f" {facts.number} ") if facts.number else ("", "")
    what_en, what_zh = ("invoice", "发票") if kind is FileKind.INVOICE_PACKAGE else ("contract", "合同")
    if facts.status in _NO_LONGER:
        en, zh = _NO_LONGER[facts.status]
        return (
            f"Proven: {what_en}{number_en} is genuine, but {en}; see step 11.",
            f"已证实：{what_zh}{number_zh}是真的，但{zh}，见第 11 步。",
        )
    moment = facts.anchor_time_utc
    when_en = f" as recorded {moment.astimezone(BEIJING):%-d %b %Y, %H:%M:%S} UTC+8" if moment else ""
    when_zh = f" {beijing_text(moment, seconds=True)} 存证的" if moment else ""
    parties = len({organisation or name for _, name, organisation, _ in facts.signers})
    all_en = f" all {parties} parties' signatures and seals valid;" if parties else ""
    all_zh = f"{parties} 方签名和印章均有效，" if parties else ""
    return (
        f"Proven: this is {what_en}{number_en}{when_en};{all_en} unchanged since.",
        f"已证实：这就是{when_zh}{what_zh}{number_zh.rstrip()}，{all_zh}此后未被改动。",
    )


def _undecided(checks: tuple[Check, ...]) -> tuple[str, str]:
    asked = [check.verdict for check in checks if check.code != NOT_APPLICABLE]
    proven, lacking = asked.count(Verdict.PROVEN), asked.count(Verdict.UNDECIDED)
    _, en, zh = _first(Verdict.UNDECIDED, checks)
    # time settles nothing about a file of others: its own reason says whom to ask
    waits = all(check.code != FOREIGN_FILE for check in checks)
    return (
        f"Undecided: {proven} steps proven, {lacking} lack evidence ({en}), none refuted."
        + (" Try again later." if waits else ""),
        f"尚不能判定：{proven} 步已证实，{lacking} 步缺依据（{zh}），没有一步被证伪。"
        + ("请稍后重验。" if waits else ""),
    )


def _first(verdict: Verdict, checks: tuple[Check, ...]) -> tuple[int, str, str]:
    """Step and reasons of the first check with this verdict, without their full stops."""
    for check in checks:
        if check.verdict is verdict and check.code != NOT_APPLICABLE:
            return check.step, check.en.rstrip(_UNFINISHED), check.zh.rstrip(_UNFINISHED)
    return 0, "no step was judged", "没有可判定的步骤"
