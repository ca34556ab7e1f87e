"""What an audit found: one finding a section, and the facts a reader wants beside them.

Decides the words ``chain``, ``registry``, ``log`` and ``package``, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts_chain.evidence.audit_headers import SealedHeader, SetChange
from contracts_chain.evidence.audit_memory import Memory
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.canonical_json import JsonObject
from kernel.verdict import Verdict, overall

__all__ = ["AuditFinding", "AuditReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """What one section came to.

    Attributes:
        section: ``chain``, ``registry``, ``log`` or ``package``.
        subject: What it is about: block range, address, URL or file name.
        statements: Both statements of a fork, ``None`` otherwise.
    """

    section: str
    subject: str
    verdict: Verdict
    code: str
    en: str
    zh: str
    expected: str | None = None
    actual: str | None = None
    statements: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The whole audit.

    Attributes:
        findings: One a section, in the order given above.
        first_block: Where the audit of this chain began, over all runs.
        last: Last verified block, ``None`` if there is none.
        blocks: Headers verified in this run.
        checkpoints: All checkpoints known, oldest first.
        events: How often the registry said what, in this run.
        set_changes: Validator sets voted in, in this run.
        memory: What to remember; ``None`` unless chain and registry are proven.
    """

    findings: tuple[AuditFinding, ...]
    first_block: int
    last: SealedHeader | None
    blocks: int
    checkpoints: tuple[AnchoredCheckpoint, ...]
    events: Mapping[str, int]
    set_changes: tuple[SetChange, ...]
    memory: Memory | None

    @property
    def verdict(self) -> Verdict:
        """Refuted before unreadable before undecided before proven."""
        return overall(finding.verdict for finding in self.findings)
