"""Step 11: in force, superseded, suspended or terminated, as of the proof's block time.

A proof tells nothing of the time after its block; older than the bundle allows, the step is
undecided. A proven "terminated" is proven: the step asks what the status is, not whether it pleases.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import Evidence, EvidenceKind
from contracts_chain.evidence.examination import Examination, NotApplicableError, proven
from contracts_chain.evidence.findings_error import (
    EvidenceMismatchError,
    StatusMissingError,
    StatusTooOldError,
)
from contracts_chain.evidence.record import RecordKind
from contracts_chain.ledger.status_word import RegistryStatus
from contracts_chain.ledger.verify_anchor import verify_not_from_future, verify_status
from kernel.clock import utc_text
from kernel.sized_bytes import LeafHash
from kernel.verdict import Check

__all__ = ["STATUS_WORDS", "check"]

STATUS_WORDS = {
    RegistryStatus.NONE: ("no_status_change", "neither terminated nor superseded", "未登记终止、变更或替代"),
    RegistryStatus.IN_FORCE: ("in_force", "in force", "有效"),
    RegistryStatus.SUPERSEDED: ("superseded", "superseded by a later document", "已被后续文件替代"),
    RegistryStatus.TERMINATED: ("terminated", "terminated", "已终止"),
    RegistryStatus.SUSPENDED: ("suspended", "suspended", "已中止"),
}


def check(examination: Examination) -> Check:
    """Prove the status word of this document's key.

    Raises:
        StatusMissingError: No proof is at hand: undecided.
        StatusTooOldError: It is too old: undecided.
        EvidenceMismatchError: It is about another document.
        LedgerRefutedError: It does not hold.
    """
    evidence, proof = examination.evidence.need(0), examination.status
    if proof is None and evidence.kind is EvidenceKind.INVOICE:
        raise NotApplicableError
    if proof is None:
        raise StatusMissingError(
            "no status proof is at hand; verify online to fetch one", "没有状态证明；请联网核验以获取"
        )
    key = _key(evidence)
    if proof.key != key:
        raise EvidenceMismatchError(
            "the status proof is about another document",
            "状态证明属于其他文件",
            expected=key.hex(),
            actual=proof.key.hex(),
        )
    word = verify_status(proof, examination.trust.chain)
    trust, as_of = examination.trust, word.as_of_utc
    verify_not_from_future(as_of, at=examination.at, skew=trust.skew)
    if examination.at - as_of > trust.greatest_status_age:
        raise StatusTooOldError(
            f"the status is known only as of {utc_text(as_of)}; verify online to fetch a newer proof",
            f"状态仅证明至 {utc_text(as_of)}；请联网核验以获取更新的证明",
        )
    code, en, zh = STATUS_WORDS[word.status]
    return proven(11, f"Status as of {utc_text(as_of)}: {en}.", f"截至 {utc_text(as_of)}：{zh}。", code=code)


def _key(evidence: Evidence) -> LeafHash:
    agreement = evidence.kind is EvidenceKind.AGREEMENT
    return evidence.record_of(
        RecordKind.AGREEMENT_EXECUTED if agreement else RecordKind.INVOICE_ISSUED
    ).leaf()
