"""Open a PDF for inspection, or say why it cannot be read.

Strict: a file that needs repair is not what was signed. Nothing is repaired, decrypted
or guessed. Limits are checked before anything is parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import ClassVar

from asn1crypto import crl, ocsp
from pyhanko.pdf_utils.form_tools import annot_width_height, get_single_field_annot
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError

from kernel.errors import RejectedError
from signing.certificates import ValidationMaterial
from signing.judgement import pass_exhaustion

__all__ = [
    "EncryptedPdfError",
    "FieldOnFile",
    "MalformedPdfError",
    "NotPdfError",
    "OversizePdfError",
    "SlowPdfError",
    "TruncatedPdfError",
    "UnreadablePdfError",
    "open_pdf",
    "signature_fields",
    "validation_material",
]

GREATEST_PDF = 64 * 1024 * 1024
HEADER_WINDOW = 1024
MOST_FIELDS = 1_000
"""Signature fields that are judged; the answer on each is read by the caller, outside any limit."""
EMPTY = ValidationMaterial(certificates=(), crls=(), ocsps=())


class UnreadablePdfError(RejectedError):
    """The file cannot be inspected; nothing is said on its signatures."""

    code: ClassVar[str] = "unreadable_pdf"


class NotPdfError(UnreadablePdfError):
    """No PDF header."""

    code = "not_a_pdf"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__("this is not a PDF file; choose the PDF itself", "该文件不是 PDF；请选择 PDF 文件")


class OversizePdfError(UnreadablePdfError):
    """Beyond the limit."""

    code = "pdf_too_large"

    def __init__(self, size: int) -> None:
        """Keep the size in bytes."""
        limit = GREATEST_PDF // 1024 // 1024
        super().__init__(
            f"the file has {size} bytes, the limit is {limit} MiB; send a smaller file",
            f"文件大小为 {size} 字节，超过 {limit} MiB 上限；请提供更小的文件",
        )
        self.size = size


class EncryptedPdfError(UnreadablePdfError):
    """Encrypted, with or without an open password."""

    code = "pdf_encrypted"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "the PDF is encrypted; ask the sender for the original without a password",
            "该 PDF 已加密；请向发送方索取未加密的原件",
        )


class TruncatedPdfError(UnreadablePdfError):
    """The end is missing."""

    code = "pdf_truncated"

    def __init__(self) -> None:
        """One sentence."""
        super().__init__(
            "the end of the PDF is missing; download or copy it again",
            "PDF 文件不完整（缺少结尾）；请重新下载或复制",
        )


class MalformedPdfError(UnreadablePdfError):
    """The structure cannot be parsed strictly."""

    code = "pdf_malformed"

    def __init__(self, reason: str) -> None:
        """Keep the parser's reason."""
        super().__init__(
            f"the PDF is damaged ({reason}); ask for the original file",
            f"PDF 结构损坏（{reason}）；请索取原始文件",
        )
        self.reason = reason


class SlowPdfError(UnreadablePdfError):
    """The inspection exceeded its time or memory."""

    code = "too_slow"

    def __init__(self, reason: str) -> None:
        """Keep which limit ended it."""
        super().__init__(
            f"the PDF could not be inspected within the limits ({reason}); inspect it with the command line",
            f"未能在限定资源内完成检验（{reason}）；请使用命令行工具检验",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOnFile:
    """A signature field as the file holds it.

    Attributes:
        name: Fully qualified.
        field: Its dictionary in the newest revision.
        signed: It has a value.
        value: Where that value lies; ``None`` if it lies nowhere of its own, as it must.
        visible: Its box has an area.
    """

    name: str
    field: DictionaryObject
    signed: bool
    value: Reference | None
    visible: bool


def open_pdf(pdf: bytes) -> PdfFileReader:
    """Parse cross-references and trailers of all revisions.

    Raises:
        NotPdfError: No ``%PDF-`` in the first kilobyte.
        OversizePdfError: More than 64 MiB.
        TruncatedPdfError: No ``startxref`` and ``%%EOF`` near the end, or they point nowhere.
        EncryptedPdfError: The trailer names an encryption dictionary.
        MalformedPdfError: Anything else.
    """
    if len(pdf) > GREATEST_PDF:
        raise OversizePdfError(len(pdf))
    if b"%PDF-" not in pdf[:HEADER_WINDOW]:
        raise NotPdfError
    if _is_cut(pdf):
        raise TruncatedPdfError
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        encrypted = reader.encrypted or "/Encrypt" in reader.trailer
        catalogue = reader.root
    except Exception as problem:  # the parser raises anything over hostile bytes
        pass_exhaustion(problem)
        raise MalformedPdfError(str(problem)) from problem
    if encrypted:
        raise EncryptedPdfError
    if not isinstance(catalogue, DictionaryObject):
        raise MalformedPdfError("no catalogue")
    return reader


def signature_fields(reader: PdfFileReader) -> tuple[FieldOnFile, ...]:
    """All signature fields, empty ones too, in the order of the form.

    Raises:
        MalformedPdfError: The form's tree is broken.
        SlowPdfError: There are more than ``MOST_FIELDS``.
    """
    try:
        found = tuple(islice(_fields(reader), MOST_FIELDS + 1))
    except Exception as problem:  # the parser raises anything over hostile bytes
        pass_exhaustion(problem)
        raise MalformedPdfError(f"form fields: {problem}") from problem
    if len(found) > MOST_FIELDS:
        raise SlowPdfError("signature fields")
    return found


def validation_material(reader: PdfFileReader) -> ValidationMaterial:
    """Certificates and revocation data from the document security store; empty if there is none.

    Raises:
        MalformedPdfError: The store is broken.
    """
    try:
        store = DocumentSecurityStore.read_dss(reader)
        return ValidationMaterial(
            certificates=tuple(store.load_certs()),
            crls=tuple(crl.CertificateList.load(ref.get_object().data) for ref in store.crls),
            ocsps=tuple(ocsp.OCSPResponse.load(ref.get_object().data) for ref in store.ocsps),
        )
    except NoDSSFoundError:
        return EMPTY
    except Exception as problem:  # the parsers raise anything over hostile bytes
        pass_exhaustion(problem)
        raise MalformedPdfError(f"document security store: {problem}") from problem


def _fields(reader: PdfFileReader) -> Iterator[FieldOnFile]:
    for name, _, reference in enumerate_sig_fields(reader):
        field = reference.get_object()
        value = field.raw_get("/V") if "/V" in field else None
        yield FieldOnFile(
            name=str(name),
            field=field,
            signed=bool(field.get("/V")),
            value=value.reference if isinstance(value, IndirectObject) else None,
            visible=all(annot_width_height(get_single_field_annot(field))),
        )


def _is_cut(pdf: bytes) -> bool:
    """The last revision is begun and not finished, as a broken download leaves it.

    Complete objects behind the last revision are no cut but an addition, which the
    rules on later revisions refute.
    """
    _, marker, rest = pdf.rpartition(b"%%EOF")
    if not marker or b"startxref" not in pdf:
        return True
    return _is_object_begun(rest) and not rest.rstrip().endswith(b"endobj")


def _is_object_begun(rest: bytes) -> bool:
    """``12 0 obj``, or as much of it as a cut leaves."""
    words = rest[:64].split(maxsplit=2)
    if not words or not all(word.isdigit() for word in words[:2]):
        return False
    return len(words) < 3 or b"obj".startswith(words[2][:3])
