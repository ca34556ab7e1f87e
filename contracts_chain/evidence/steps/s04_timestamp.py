"""Step 4: a trusted authority stamped each signature and the whole document (RFC 3161, EN 319 142-1)."""

from __future__ import annotations

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import SignatureRefutedError
from contracts_chain.evidence.steps.judged import Judged, verify_all
from kernel.verdict import Check
from signing.model import PdfFindings

__all__ = ["check", "verify_timestamps"]


def check(examination: Examination) -> Check:
    """Judge every signature timestamp and document timestamp.

    Raises:
        SignatureRefutedError: One is false or missing.
        SignatureUndecidedError: One is by an authority the bundle does not know.
    """
    examination.agreement()
    verify_timestamps(examination.findings.get())
    return proven(4, "Trusted timestamps cover every signature.", "各签名均由受信时间戳机构加盖时间戳。")


def verify_timestamps(findings: PdfFindings) -> None:
    """Require every timestamp to be proven.

    Raises:
        SignatureRefutedError: One is false, or there is no signature.
        SignatureUndecidedError: One cannot be judged.
    """
    if not findings.signatures:
        raise SignatureRefutedError("signature_missing", "there is no signature", "没有签名")
    signatures = [
        Judged(name=finding.field, verdict=finding.timestamp, code=finding.code)
        for finding in findings.signatures
    ]
    archives = [
        Judged(name=f"DocTimeStamp {number}", verdict=finding.verdict, code=finding.code)
        for number, finding in enumerate(findings.document_timestamps, start=1)
    ]
    verify_all([*signatures, *archives], "the timestamp does not hold", "时间戳不成立")
