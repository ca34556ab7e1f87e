"""Why an invoice is refused, is unreadable, or is false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import RefutedError, RejectedError

__all__ = ["InvoiceContradictionError", "InvoiceFinding", "InvoiceRejectedError", "InvoiceUnreadableError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFinding:
    """One bad field: where it is, a stable code, and what to do in both languages."""

    field: str
    code: str
    en: str
    zh: str


class InvoiceRejectedError(RejectedError):
    """The draft breaks rules; all findings are listed at once and no number was taken."""

    code = "invoice_rejected"

    def __init__(self, findings: Sequence[InvoiceFinding]) -> None:
        """Keep every finding for the screen."""
        super().__init__(
            "correct these fields, then issue again: "
            + "; ".join(f"{finding.field}: {finding.en}" for finding in findings),
            "请更正以下内容后重新开票："
            + "；".join(f"{finding.field}：{finding.zh}" for finding in findings),
        )
        self.findings = tuple(findings)


class InvoiceUnreadableError(RejectedError):
    """The bytes are not an invoice in the form this service writes."""

    code = "invoice_unreadable"

    def __init__(self, reason: str) -> None:
        """Say what stands in the way, in the parser's words."""
        super().__init__(
            f"this is no invoice XML of this service ({reason}); give the XML exactly as delivered",
            f"不是本服务出具的发票 XML（{reason}）；请提供原样交付的 XML 文件",
        )
        self.reason = reason


class InvoiceContradictionError(RefutedError):
    """Two places of one invoice that must agree do not; somebody changed it."""

    code = "invoice_contradiction"

    def __init__(self, place: str, *, expected: str, actual: str) -> None:
        """Keep both values."""
        super().__init__(
            f"the invoice contradicts itself at {place}: {actual}, the rest gives {expected}; do not use it",
            f"发票内容自相矛盾：{place} 为 {actual}，按其余内容应为 {expected}；请勿使用",
        )
        self.place = place
        self.expected = expected
        self.actual = actual
