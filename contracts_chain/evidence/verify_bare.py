"""What can be said of a file that comes without evidence package: ours or a stranger's.

A sound signature by someone is not yet a contract by the parties, and bytes without a proof
are not yet notarised: those steps stay undecided and the report says which file would decide.
Of a PDF that others signed, integrity and what was done to it afterwards are told; who signed
is not, and the rules of our contracts are not held against it.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from contracts_chain.evidence.examination import (
    NotApplicableError,
    Outcome,
    PdfInspector,
    check_of_error,
    proven,
)
from contracts_chain.evidence.file_report import (
    FOREIGN_FILE,
    FileFacts,
    FileKind,
    FileReport,
    join,
    signers_of,
)
from contracts_chain.evidence.steps.judged import verify_word
from contracts_chain.evidence.steps.s02_signatures import verify_integrity
from contracts_chain.evidence.steps.s03_certificates import verify_chains
from contracts_chain.evidence.steps.s04_timestamp import stamped, verify_timestamps
from contracts_chain.evidence.trust_bundle import TrustBundle
from kernel.errors import RejectedError, UndecidedError
from kernel.verdict import Check
from signing.model import Modification, PdfFindings

__all__ = ["NoEvidenceError", "UnknownFileError", "verify_invoice_xml", "verify_pdf", "verify_unknown"]


class NoEvidenceError(UndecidedError):
    """The file alone cannot show this; its evidence package can."""

    code = "no_evidence"

    def __init__(self) -> None:
        """Say which file to bring."""
        super().__init__(
            "the file alone does not show this; verify its evidence package (.asice)",
            "仅凭本文件无法判定；请核验其证据包（.asice）",
        )


class NoSignatureError(UndecidedError):
    """A PDF without any signature."""

    code = "not_signed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "the PDF carries no signature; verify the signed file or its evidence package",
            "PDF 中没有签名；请核验已签署的文件或其证据包",
        )


class ForeignSignerError(UndecidedError):
    """A PDF that was not made here: nobody in the trust bundle answers for its signers."""

    code = FOREIGN_FILE

    def __init__(self, signers: tuple[str, ...]) -> None:
        """Name the signers as their certificates do."""
        en, zh = ", ".join(signers), "、".join(signers)
        super().__init__(
            f"this PDF was not made here; its certificates name {en}, but their issuer is not in the trust "
            "bundle: ask that issuer, or add its root to the bundle",
            f"本文件并非本平台出具；证书载明的签署人为{zh}，但其签发机构不在信任包内，身份无法判定："
            "请向该机构核验，或将其根证书加入信任包",
        )


class UnreadableXmlError(RejectedError):
    """The XML is not well formed, or carries a document type."""

    code = "xml_unreadable"

    def __init__(self, problem: str) -> None:
        """Keep the parser's words."""
        super().__init__(
            f"the XML cannot be read: {problem}; ask for an undamaged copy",
            f"XML 无法读取（{problem}）；请索取完好副本",
        )


class UnknownFileError(RejectedError):
    """Neither package, PDF nor invoice."""

    code = "unknown_file"

    def __init__(self) -> None:
        """Say what is accepted."""
        super().__init__(
            "this is no evidence package, PDF or e-invoice XML; give one of these",
            "不是证据包、PDF 或数电票 XML；请提供上述文件之一",
        )


def verify_pdf(content: bytes, trust: TrustBundle, *, inspect: PdfInspector) -> FileReport:
    """Judge the signatures of a PDF, ours or foreign; the rest stays undecided."""
    findings = Outcome.of(lambda: inspect(content, trust.signatures, skew=trust.skew))
    steps: dict[int, Callable[[], Check]] = {
        0: lambda: _readable(findings.get()),
        1: lambda: _unaltered(findings.need(0)),
        2: lambda: _intact(findings.need(0)),
        3: lambda: _chained(findings.need(0)),
        4: lambda: _stamped(findings.need(0)),
    }
    foreign = findings.value is not None and findings.value.foreign
    rest = _not_applicable if foreign else _undecided
    checks = tuple(_judge(number, steps.get(number, rest)) for number in range(12))
    signers = () if findings.value is None else signers_of(findings.value)
    return join(FileKind.SIGNED_PDF, checks, FileFacts(signers=signers))


def verify_invoice_xml(content: bytes) -> FileReport:
    """An invoice's XML alone proves nothing: bytes, not yet their notarised record."""
    steps: dict[int, Callable[[], Check]] = dict.fromkeys((2, 3, 4, 5, 6), _not_applicable)
    steps[0] = lambda: _well_formed(content)
    checks = tuple(_judge(number, steps.get(number, _undecided)) for number in range(12))
    return join(FileKind.INVOICE_XML, checks, FileFacts())


def verify_unknown() -> FileReport:
    """A file of no kind we know is unreadable."""
    checks = tuple(
        check_of_error(number, UnknownFileError() if number == 0 else NoEvidenceError())
        for number in range(12)
    )
    return join(FileKind.UNKNOWN, checks, FileFacts())


def _judge(number: int, step: Callable[[], Check]) -> Check:
    outcome = Outcome.of(step)
    return outcome.get() if outcome.error is None else check_of_error(number, outcome.error)


def _undecided() -> Check:
    raise NoEvidenceError


def _not_applicable() -> Check:
    raise NotApplicableError


def _well_formed(content: bytes) -> Check:
    """XML without document type: no entity is ever expanded here."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise UnreadableXmlError(str(problem)) from problem
    return proven(0, "The file is a well-formed VAT e-invoice.", "文件为格式完好的数电票 XML。")


def _refuse_doctype(*_: object) -> None:
    raise UnreadableXmlError("a document type is not allowed")


def _readable(findings: PdfFindings) -> Check:
    if not findings.signatures:
        raise NoSignatureError
    return proven(0, "The PDF can be read.", "PDF 可读。")


def _unaltered(findings: PdfFindings) -> Check:
    if not findings.signatures:
        raise NoSignatureError
    verify_word(
        findings.tail,
        findings.tail_code,
        "what follows the last signature is not only archive data",
        "最后签名之后的追加内容不限于归档资料",
    )
    return proven(1, "Nothing but archive data follows the last signature.", "最后签名之后仅有归档资料。")


def _intact(findings: PdfFindings) -> Check:
    if not findings.signatures:
        raise NoSignatureError
    verify_integrity(findings)
    gravest = max((one.modification for one in findings.signatures), key=list(Modification).index)
    en, zh = _AFTERWARDS[gravest]
    count = len(findings.signatures)
    return proven(2, f"All {count} signatures are intact; {en}.", f"{count} 个签名均完整；{zh}。")


def _chained(findings: PdfFindings) -> Check:
    if not findings.signatures:
        raise NoSignatureError
    if findings.foreign:
        raise ForeignSignerError(tuple(one.signer.common_name for one in findings.signatures if one.signer))
    verify_chains(findings)
    return proven(3, "Every certificate leads to a trusted root.", "各证书均可追溯至受信根证书。")


def _stamped(findings: PdfFindings) -> Check:
    if not findings.signatures:
        raise NoSignatureError
    verify_timestamps(findings)
    return stamped(findings)


_AFTERWARDS = {
    Modification.NONE: ("nothing was added after them", "此后未追加任何内容"),
    Modification.ARCHIVE: ("only archive data was added after them", "此后仅追加归档资料"),
    Modification.SIGNATURES: (
        "only further signatures and archive data were added",
        "此后仅追加后续签名和归档资料",
    ),
    Modification.FORM_FILLING: ("form fields were filled in after signing", "签名后曾填写表单域"),
    Modification.OTHER: ("the document was changed after signing", "签名后文件被改动"),
}
