"""Step 7: the leaf of every record is in the log (RFC 9162 §2.1.3.2).

Size and root come from the chain (step 8), never from the package: inclusion alone
authenticates no size, and a package can bring a root of its own.
"""

from __future__ import annotations

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import EvidenceMismatchError
from contracts_chain.evidence.merkle import verify_inclusion
from kernel.verdict import Check

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Climb from every record to the anchored root.

    Raises:
        ProofShapeError: A path fits no tree of the anchored size.
        RootMismatchError: A path ends elsewhere.
        EvidenceMismatchError: There is no record.
        DependsOnStepError: The chain's root is not established.
    """
    evidence = examination.evidence.need(0)
    anchored = examination.anchored.need(8)
    if not evidence.records:
        raise EvidenceMismatchError("the package holds no record", "证据包中没有任何存证记录")
    for logged in evidence.records:
        verify_inclusion(logged.record.leaf(), logged.proof(anchored.size), anchored.root)
    count = len(evidence.records)
    return proven(
        7,
        f"All {count} records are in the log of {anchored.size} leaves.",
        f"{count} 条存证记录均在含 {anchored.size} 个叶的日志之中。",
    )
