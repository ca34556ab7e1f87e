"""Step 7: the leaf of every record is in the log (RFC 9162 §2.1.3.2).

Size and root come from the chain (step 8), never from the package: inclusion alone
authenticates no size, and a package can bring a root of its own.

A renewal (the log under SM3) is checked where there is one; it refutes if it is wrong, and where it
cannot be judged it takes nothing away. Once the verifier's bundle distrusts SHA-256, only a
renewal that was on the chain before that moment proves inclusion.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import DigestDistrustedError, EvidenceMismatchError
from contracts_chain.evidence.merkle import verify_inclusion
from contracts_chain.evidence.renewal import Renewed, verify_renewal
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint, verify_not_from_future
from kernel.clock import utc_text
from kernel.errors import UndecidedError
from kernel.verdict import Check

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Climb from every record to the anchored root.

    Raises:
        ProofShapeError: A path fits no tree of the anchored size.
        RootMismatchError: A path ends elsewhere.
        EvidenceMismatchError: There is no record, or the renewal is not about these.
        LedgerRefutedError: The renewal's chain proof does not hold.
        DigestDistrustedError: The bundle trusts SHA-256 no more and no renewal came in time: undecided.
        DependsOnStepError: The chain's root is not established.
    """
    evidence = examination.evidence.need(0)
    anchored = examination.anchored.need(8)
    if not evidence.records:
        raise EvidenceMismatchError("the package holds no record", "证据包中没有任何存证记录")
    for logged in evidence.records:
        verify_inclusion(logged.record.leaf(), logged.proof(anchored.size), anchored.root)
    renewed, en, zh = _renewed(examination, evidence, anchored)
    _require_trusted_digest(examination, renewed)
    count = len(evidence.records)
    return proven(
        7,
        f"All {count} records are in the log of {anchored.size} leaves{en}.",
        f"{count} 条存证记录均在含 {anchored.size} 个叶的日志之中{zh}。",
    )


def _renewed(
    examination: Examination, evidence: Evidence, anchored: AnchoredCheckpoint
) -> tuple[Renewed | None, str, str]:
    """What the renewal proves, if there is one, and how to say it in both languages."""
    if evidence.renewal is None:
        return None, "", ""
    records = [(logged.index, logged.record) for logged in evidence.records]
    try:
        renewed = verify_renewal(evidence.renewal, records, anchored, examination.trust.chain)
    except UndecidedError as problem:
        return (
            None,
            f"; the SM3 renewal is not judged ({problem.code})",
            f"；SM3 续期未作判定（{problem.code}）",
        )
    verify_not_from_future(renewed.block_time_utc, at=examination.at, skew=examination.trust.skew)
    return (
        renewed,
        f", and under SM3 since block {renewed.block_number}",
        f"，并自第 {renewed.block_number} 块起另以 SM3 固定",
    )


def _require_trusted_digest(examination: Examination, renewed: Renewed | None) -> None:
    """SHA-256 proves nothing from the bundle's date on, unless SM3 took over before it."""
    distrusted = dict(examination.trust.distrusted_digests)
    until = distrusted.get("sha256")
    if until is None or examination.at < until:
        return
    successor_ends = distrusted.get("sm3")
    still_good = successor_ends is None or examination.at < successor_ends
    if renewed is None or renewed.block_time_utc >= until or not still_good:
        raise DigestDistrustedError("SHA-256", utc_text(until))
