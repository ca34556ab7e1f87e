"""Step 4: a trusted authority stamped each signature and the whole document (RFC 3161, EN 319 142-1).

A signature made while no authority answered has no token of its own. Until a document timestamp
covers it the time is open, which refutes nothing; afterwards that timestamp is its time.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import SignatureRefutedError, SignatureUndecidedError
from contracts_chain.evidence.steps.judged import Judged, verify_all
from kernel.verdict import Check, Verdict
from signing.model import PdfFindings, TimeSource

__all__ = ["check", "stamped", "verify_timestamps"]

PENDING = "timestamp_pending"


def check(examination: Examination) -> Check:
    """Judge every signature timestamp and document timestamp.

    Raises:
        SignatureRefutedError: One is false or missing.
        SignatureUndecidedError: One is by an authority the bundle does not know.
    """
    examination.agreement()
    findings = examination.findings.get()
    verify_timestamps(findings)
    return stamped(findings)


def stamped(findings: PdfFindings) -> Check:
    """Step 4 of findings whose timestamps are all proven; names those that were added later."""
    late = [one.field for one in findings.signatures if one.time_source is TimeSource.DOCUMENT_TIMESTAMP]
    if not late:
        return proven(4, "Trusted timestamps cover every signature.", "各签名均由受信时间戳机构加盖时间戳。")
    return proven(
        4,
        f"Trusted timestamps cover every signature; added after an outage: {', '.join(late)}.",
        f"各签名均有受信时间戳；其中 {'、'.join(late)} 系时间戳服务中断后补加。",
    )


def verify_timestamps(findings: PdfFindings) -> None:
    """Require every timestamp to be proven.

    Raises:
        SignatureRefutedError: One is false, or there is no signature.
        SignatureUndecidedError: One cannot be judged.
    """
    if not findings.signatures:
        raise SignatureRefutedError("signature_missing", "there is no signature", "没有签名")
    signatures = [
        Judged(name=finding.field, verdict=finding.timestamp, code=finding.timestamp_code)
        for finding in findings.signatures
    ]
    archives = [
        Judged(name=f"DocTimeStamp {number}", verdict=finding.verdict, code=finding.code)
        for number, finding in enumerate(findings.document_timestamps, start=1)
    ]
    _refuse_pending(signatures, archives)
    verify_all([*signatures, *archives], "the timestamp does not hold", "时间戳不成立")


def _refuse_pending(signatures: Sequence[Judged], archives: Sequence[Judged]) -> None:
    """Say that a time is only pending, unless something graver is wrong."""
    pending = [one.name for one in signatures if one.code == PENDING]
    if not pending or any(one.verdict is Verdict.REFUTED for one in (*signatures, *archives)):
        return
    raise SignatureUndecidedError(
        PENDING,
        f"the timestamp of {', '.join(pending)} is still pending; ask the operator for the file with the "
        "timestamp added and verify again",
        f"{'、'.join(pending)} 的时间戳待补加，签署时间尚不能判定；请向运营方索取补加后的文件重新核验",
    )
