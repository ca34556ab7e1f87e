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
    findings = examination.findings.get()
    verify_chains(findings)
    lower_en, lower_zh = _lower_levels(findings)
    return proven(
        3,
        f"Every certificate leads to a trusted root{lower_en}.",
        f"各证书均可追溯至受信根证书，签署时有效{lower_zh}。",
    )


def _lower_levels(findings: PdfFindings) -> tuple[str, str]:
    """Which signers, by their certificates, had their keys released at the lower level; else nothing."""
    named = [
        (one.field, one.signer.sole_control)
        for one in findings.signatures
        if one.signer is not None and one.signer.sole_control is not None and one.signer.sole_control.is_lower
    ]
    if not named:
        return "", ""
    en = ", ".join(f"{field} by {level.value.replace('_', ' ')}" for field, level in named)
    zh = "、".join(f"{field}：{level.zh}" for field, level in named)
    return f"; sole control at the lower level: {en}", f"；签署意愿认证为较低等级的有：{zh}"


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
            Judged(name=finding.field, verdict=finding.chain, code=finding.chain_code)
            for finding in findings.signatures
        ),
        "the certificate is not valid",
        "证书不成立",
    )
