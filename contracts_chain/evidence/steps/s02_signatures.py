"""Step 2: every required signature is there and intact, nothing bad came after (ISO 32000-2 12.8)."""

from __future__ import annotations

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import SignatureRefutedError
from contracts_chain.evidence.steps.judged import Judged, agreed_slots, verify_all
from kernel.verdict import Check
from signing.model import PdfFindings

__all__ = ["check", "verify_integrity"]


def check(examination: Examination) -> Check:
    """Compare signed fields with the slots of the offer, then judge each signature.

    Raises:
        EvidenceMismatchError: The slots are not those of the offer.
        SignatureRefutedError: One is missing, superfluous or broken.
        SignatureUndecidedError: One cannot be judged.
    """
    examination.agreement()
    findings = examination.findings.get()
    due = [slot.field for slot in agreed_slots(examination.evidence.need(0))]
    signed = [finding.field for finding in findings.signatures]
    for field in due:
        if field not in signed:
            raise SignatureRefutedError("signature_missing", f"{field} is not signed", f"{field} 未签署")
    if sorted(signed) != sorted(due):
        raise SignatureRefutedError(
            "signature_unexpected", "there is a signature nobody owed", "存在要约之外的签名"
        )
    verify_integrity(findings)
    return proven(2, f"All {len(due)} signatures and seals are intact.", f"{len(due)} 个签名、印章均完整。")


def verify_integrity(findings: PdfFindings) -> None:
    """Require every signature to be intact.

    Raises:
        SignatureRefutedError: One is broken.
        SignatureUndecidedError: One cannot be judged.
    """
    verify_all(
        (
            Judged(name=finding.field, verdict=finding.integrity, code=finding.integrity_code)
            for finding in findings.signatures
        ),
        "the signature does not hold",
        "签名不成立",
    )
