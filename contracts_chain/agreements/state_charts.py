"""The two tables of ``lifecycle`` as Mermaid pictures; ``docs/lifecycle.md`` shows them.

Generated, never drawn by hand: a test compares the paper with ``charts``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts_chain.agreements.lifecycle import (
    AgreementState,
    EvidenceState,
    agreement_arrows,
    allowed_deeds,
    evidence_arrows,
)

__all__ = ["agreement_chart", "evidence_chart"]

_FENCE: Final = "```"


def agreement_chart() -> str:
    """Every state of an agreement with its Chinese word, every arrow with its deed."""
    return "\n".join((f"{_FENCE}mermaid", "stateDiagram-v2", *_agreement_lines(), _FENCE))


def evidence_chart() -> str:
    """The same for the evidence of one record."""
    return "\n".join((f"{_FENCE}mermaid", "stateDiagram-v2", *_evidence_lines(), _FENCE))


def _agreement_lines() -> Iterator[str]:
    yield from (f"    {state} : {state} {state.zh}" for state in AgreementState)
    yield f"    [*] --> {AgreementState.DRAFT}"
    yield from (f"    {start} --> {to} : {deed} {deed.zh}" for start, deed, to in agreement_arrows())
    yield from (f"    {state} --> [*]" for state in AgreementState if not allowed_deeds(state))


def _evidence_lines() -> Iterator[str]:
    yield from (f"    {state} : {state} {state.zh}" for state in EvidenceState)
    yield f"    [*] --> {EvidenceState.PENDING}"
    yield from (f"    {start} --> {to}" for start, to in evidence_arrows())
