"""Step 1: the document is the recorded one, byte for byte.

Every record of the agreement names a length and two digests; since a PDF grows only at its
end (ISO 32000-2 7.5.6), each must match the bytes up to that length. The first signature was put
on the offered bytes and adds nothing but itself: else what was signed is not what was agreed. The
last record is of the executed revision; what follows may only be validation data and archive timestamps.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import DocumentMismatchError
from contracts_chain.evidence.package import InvoiceContents
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.steps.judged import verify_word
from kernel.digests import Digests, digests_of
from kernel.verdict import Check, Verdict
from signing.model import PdfFindings

__all__ = ["check"]

_REVISIONS = frozenset(
    {
        RecordKind.AGREEMENT_APPROVED,
        RecordKind.AGREEMENT_OFFERED,
        RecordKind.AGREEMENT_SIGNED,
        RecordKind.AGREEMENT_SEALED,
        RecordKind.AGREEMENT_EXECUTED,
    }
)


def check(examination: Examination) -> Check:
    """Compare the document with every record about it.

    Raises:
        DocumentMismatchError: Length or a digest differs.
        SignatureRefutedError: Something inadmissible came with the first signature, or follows the
            executed revision.
        SignatureUndecidedError: No signature claims a root of the trust bundle.
        MalformedEvidenceError: The record it should equal is missing.
    """
    evidence = examination.evidence.need(0)
    contents = examination.opened.need(0).contents
    if isinstance(contents, InvoiceContents):
        recorded = evidence.record_of(RecordKind.INVOICE_ISSUED).document
        _same("invoice.xml", recorded, digests_of(contents.invoice_xml))
        _same("evidence.json", recorded, evidence.executed)
        return proven(1, "The invoice's XML is the recorded one.", "发票 XML 与存证记录一致。")
    _check_revisions(contents.agreement_pdf, evidence)
    _check_opening(examination.findings.get(), evidence)
    _check_executed(examination.findings.get(), evidence)
    return proven(
        1,
        "Every recorded revision is a prefix of the document; nothing but signatures was added to the "
        "offered one, and only archive data to the executed one.",
        "各存证版本均为文件前段；要约文件之后仅追加签名，签署完成后仅追加了验证资料与归档时间戳。",
    )


def _check_revisions(pdf: bytes, evidence: Evidence) -> None:
    for record in evidence.settled_records():
        if record.kind in _REVISIONS:
            recorded = record.document
            _same(record.kind.value, recorded, digests_of(pdf[: recorded.length]))


def _check_opening(findings: PdfFindings, evidence: Evidence) -> None:
    """Between what was offered and the first signature stands nothing but that signature.

    Where no signature claims a root of the bundle, nobody knows which of them is a party's first.
    """
    offered, opening = evidence.record_of(RecordKind.AGREEMENT_OFFERED).document, findings.opening
    if findings.foreign:
        verify_word(
            Verdict.UNDECIDED,
            "unknown_issuer",
            "whether the first signature was put on the offered document",
            "首个签名是否签在要约所载文件之上",
        )
    if opening is None or not opening.ends <= offered.length <= opening.resumes:
        raise DocumentMismatchError(
            "the first signature was not put on the offered document",
            "首个签名并非签在要约所载文件之上",
            expected=f"{offered.length} bytes",
            actual="unknown" if opening is None else f"{opening.ends} bytes",
        )
    verify_word(
        opening.verdict,
        opening.code,
        "the revision of the first signature changes more than its field",
        "首个签名的版本除签名外还有其他改动",
    )


def _check_executed(findings: PdfFindings, evidence: Evidence) -> None:
    recorded = evidence.record_of(RecordKind.AGREEMENT_EXECUTED).document
    _same("evidence.json", recorded, evidence.executed)
    if findings.executed is None:
        raise DocumentMismatchError(
            "the executed revision cannot be told from the signatures", "无法由签名确定签署完成版本"
        )
    _same("the last signature's revision", recorded, findings.executed)
    verify_word(
        findings.tail,
        findings.tail_code,
        "what follows the executed revision is not only archive data",
        "签署完成后的追加内容不限于归档资料",
    )


def _same(name: str, recorded: Digests, found: Digests) -> None:
    if recorded != found:
        raise DocumentMismatchError(
            f"{name}: the document's digests are not the recorded ones",
            f"{name}：文件摘要与存证记录不一致",
            expected=f"{recorded.length} bytes, sha256 {recorded.sha256.hex()}, sm3 {recorded.sm3.hex()}",
            actual=f"{found.length} bytes, sha256 {found.sha256.hex()}, sm3 {found.sm3.hex()}",
        )
