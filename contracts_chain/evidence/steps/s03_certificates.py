"""Step 3: each certificate leads to a trusted root, valid at the proven moment (RFC 5280 §6)."""

from __future__ import annotations

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import SignatureRefutedError
from contracts_chain.evidence.steps.judged import Judged, verify_all
from kernel.verdict import Check
from signing.model import PdfFindings

__all__ = ["check", "verify_chains"]


def check(examination: Examination) -> Check:
    """Judge every signer's chain.

    Raises:
        SignatureRefutedError: A chain does not hold, or there is no signature.
        SignatureUndecidedError: A chain leads to no root the bundle knows.
    """
    examination.agreement()
    verify_chains(examination.findings.get())
    return proven(3, "Every certificate leads to a trusted root.", "各证书均可追溯至受信根证书，签署时有效。")


def verify_chains(findings: PdfFindings) -> None:
    """Require every chain to be proven.

    Raises:
        SignatureRefutedError: One does not hold, or there is no signature.
        SignatureUndecidedError: One leads to no root the bundle knows.
    """
    if not findings.signatures:
        raise SignatureRefutedError("signature_missing", "there is no signature", "没有签名")
    verify_all(
        (
            Judged(name=finding.field, verdict=finding.chain, code=finding.code)
            for finding in findings.signatures
        ),
        "the certificate is not valid",
        "证书不成立",
    )
