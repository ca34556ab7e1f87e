"""What a rule found, how grave it is, and how sure its source is (reference §0, §3.6).

An unverified source is never shown as law: its text is 待核实.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts_chain.agreements.terms.codes import Coded
from kernel.errors import RejectedError

__all__ = ["Confidence", "Finding", "RulesViolatedError", "Severity", "Violation", "require_no_errors"]


class Severity(Coded):
    """E stops the contract, W needs a look, I is for knowledge."""

    ERROR = ("E", "错误")
    WARNING = ("W", "提醒")
    INFORMATION = ("I", "提示")


class Confidence(Coded):
    """How the source of a rule is known."""

    LAW = ("law", "法律法规原文")
    SECONDARY = ("sec", "二手来源")
    UNVERIFIED = ("unv", "待核实")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule's own answer: where, and what to write instead."""

    path: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding of one rule on one field.

    Attributes:
        rule: Stable id, e.g. ``R-LATE-1``.
        severity: E, W or I.
        path: Field path in the terms.
        en: Message with the values, in English.
        zh: Message with the values, in Chinese.
        source: Clause as shown to people, ``待核实`` if unverified.
        confidence: How the source is known.
    """

    rule: str
    severity: Severity
    path: str
    en: str
    zh: str
    source: str
    confidence: Confidence


class RulesViolatedError(RejectedError):
    """The terms break rules that stop a contract; all of them are listed."""

    code = "rules_violated"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep every error finding."""
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
        super().__init__(
            f"{len(findings)} rule violations ({rules}); correct the terms: "
            + "; ".join(f"{f.path}: {f.en} [{f.rule}]" for f in findings),
            f"条款有 {len(findings)} 处不合规，请改正："
            + "；".join(f"{f.zh}（{f.source}，{f.rule}）" for f in findings),
        )
        self.findings = findings


def require_no_errors(findings: Iterable[Finding]) -> None:
    """Let warnings and information pass, stop at errors.

    Raises:
        RulesViolatedError: With all error findings.
    """
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise RulesViolatedError(errors)
