"""Whether nothing but signatures stands between the agreed bytes and the end of a file.

The first signature covers whatever was appended before it, and its own revision may change what
it likes: no rule about *later* revisions sees that. A signer's agreement, though, is to exact
bytes. So the agreed revision itself is taken as the base, and everything after it is judged as if
the signer had certified it at P2 (ISO 32000-2 12.8.2.2): filled signature fields, their seams,
validation data, archive timestamps; nothing else.
"""

from __future__ import annotations

import re

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from kernel.errors import RefutedError
from kernel.verdict import Verdict
from signing.contract_policy import OPENING_POLICY
from signing.document_metadata import MetadataHistory
from signing.form_fields import fields_by_name, is_field_rewritten, written_places
from signing.inspection import inspect_pdf
from signing.model import SignatureTrust
from signing.pdf_reading import FieldOnFile, open_pdf, signature_fields
from signing.revision_bytes import find_unaccounted_bytes

__all__ = ["ChangedSinceAgreedError", "verify_only_signatures_since"]

_SEAM = re.compile(r"(?P<slot>.+)Seam[0-9]{3,}")


class ChangedSinceAgreedError(RefutedError):
    """More than signatures was added to the agreed bytes."""

    code = "changed_since_agreed"

    def __init__(self, reason: str) -> None:
        """Say what was added."""
        super().__init__(
            f"the file holds more than signatures after the agreed bytes ({reason}); take the agreed file",
            f"文件在已同意的内容之后除签名外还有其他改动（{reason}）；请使用已同意的文件",
        )
        self.reason = reason


def verify_only_signatures_since(pdf: bytes, agreed_length: int, trust: SignatureTrust) -> None:
    """Prove that a file is its first ``agreed_length`` bytes and sound signatures.

    Args:
        pdf: The newest revision. Its beginning was compared with the agreed digest already.
        agreed_length: Where the agreed bytes end, in bytes.
        trust: For the signatures' inspection; only their integrity counts here.

    Raises:
        ChangedSinceAgreedError: Something else was added, or a signature does not hold.
        UnreadablePdfError: The file, or its beginning, cannot be read.
    """
    if agreed_length == len(pdf):
        return
    base = int(open_pdf(pdf[:agreed_length]).xrefs.total_revisions) - 1
    reader = open_pdf(pdf)
    try:
        _verify_revisions(pdf, reader, base, agreed_length)
    except ChangedSinceAgreedError:
        raise
    except Exception as problem:
        raise ChangedSinceAgreedError(f"unreadable revision: {type(problem).__name__}") from problem
    _verify_signatures(pdf, trust)


def _verify_revisions(pdf: bytes, reader: PdfFileReader, base: int, agreed_length: int) -> None:
    if find_unaccounted_bytes(pdf, reader, after_revision=base, start=agreed_length) is not None:
        raise ChangedSinceAgreedError("bytes that belong to no declared object")
    difference = OPENING_POLICY.review_file(reader, base, doc_mdp=MDPPerm.FILL_FORMS)
    if (
        not isinstance(difference, DiffResult)
        or difference.modification_level > ModificationLevel.FORM_FILLING
    ):
        raise ChangedSinceAgreedError("pages, annotations or objects were changed")
    fields = {field.name: field for field in signature_fields(reader)}
    _verify_fields(reader, difference, fields, base)
    if MetadataHistory(reader).find_change(since=base) is not None:
        raise ChangedSinceAgreedError("title or other metadata were changed")


def _verify_fields(
    reader: PdfFileReader, difference: DiffResult, fields: dict[str, FieldOnFile], base: int
) -> None:
    named, written = fields_by_name(reader), written_places(reader, since=base)
    for name in sorted(difference.changed_form_fields - fields.keys()):
        seam = _SEAM.fullmatch(name)  # what a seam may show is judged with the signatures
        sealed = seam is not None and seam["slot"] in fields and fields[seam["slot"]].signed
        if not sealed and is_field_rewritten(named.get(name), written, since=base):
            raise ChangedSinceAgreedError(f"form field {name} was filled")
    known = {str(name) for name, _, _ in enumerate_sig_fields(reader.get_historical_resolver(base))}
    added = [name for name, field in fields.items() if name not in known and field.visible]
    if added:
        raise ChangedSinceAgreedError(f"signature fields were added: {', '.join(sorted(added))}")


def _verify_signatures(pdf: bytes, trust: SignatureTrust) -> None:
    findings = inspect_pdf(pdf, trust)
    for finding in findings.signatures:
        if finding.integrity is not Verdict.PROVEN:
            raise ChangedSinceAgreedError(f"signature {finding.field} does not hold: {finding.code}")
    if not findings.signatures or findings.tail is not Verdict.PROVEN:
        raise ChangedSinceAgreedError(f"after the last signature: {findings.tail_code}")
