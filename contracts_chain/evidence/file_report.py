"""The answer of a verification: one verdict a step, one for the file, one sentence for people.

Decides how step verdicts join (DESIGN §5) and what the headline says. A step that does not
apply to a kind of file has the code ``not_applicable`` and no say in the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar

from kernel.errors import RefutedError, RejectedError, UndecidedError
from kernel.verdict import Check, Verdict, overall
from signing.model import PdfFindings

__all__ = [
    "NOT_APPLICABLE",
    "FileFacts",
    "FileKind",
    "FileReport",
    "NotProvenError",
    "StillUndecidedError",
    "UnreadableFileError",
    "join",
    "require_proven",
    "signers_of",
]

NOT_APPLICABLE = "not_applicable"

_NO_LONGER = {
    "terminated": ("Genuine, but terminated: see step 11.", "真实，但已终止：见第 11 步。"),
    "superseded": ("Genuine, but superseded: see step 11.", "真实，但已被替代：见第 11 步。"),
    "suspended": ("Genuine, but suspended: see step 11.", "真实，但已中止：见第 11 步。"),
}


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
    """Verdict, steps 0–11 and headline of one file."""

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
    headline_en, headline_zh = _headline(verdict, checks)
    if verdict is Verdict.PROVEN and facts.status in _NO_LONGER:
        headline_en, headline_zh = _NO_LONGER[facts.status]
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


def _headline(verdict: Verdict, checks: tuple[Check, ...]) -> tuple[str, str]:
    first = next((c for c in checks if c.verdict is verdict and c.code != NOT_APPLICABLE), None)
    why_en = f" Step {first.step}: {first.en}" if first is not None else ""
    why_zh = f"第 {first.step} 步：{first.zh}" if first is not None else ""
    match verdict:
        case Verdict.PROVEN:
            return "Genuine: every step is proven.", "真实：各步骤均已证实。"
        case Verdict.REFUTED:
            return f"Not genuine: do not rely on it.{why_en}", f"不真实：请勿采信。{why_zh}"
        case Verdict.UNREADABLE:
            return f"Cannot be read.{why_en}", f"无法读取。{why_zh}"
        case Verdict.UNDECIDED:
            return f"Cannot be decided yet.{why_en}", f"尚不能判定。{why_zh}"
