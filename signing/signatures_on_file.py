"""What a signer finds in a file before adding to it: its last document timestamp, its pending signatures.

Decides nothing about soundness: that is ``inspection``'s. Reads only the signatures it needs, since
a contract may bear thirty.
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import cms
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

__all__ = ["FileEnd", "read_end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEnd:
    """What stands at the end of a file's chain of signatures.

    Attributes:
        timestamp: The newest document timestamp, if any.
        pending: Signatures without a token and with no document timestamp after them, oldest first.
    """

    timestamp: EmbeddedPdfSignature | None
    pending: tuple[EmbeddedPdfSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """One filled field, its signature not read yet."""

    name: str
    field: IndirectObject
    revision: int

    def read(self, reader: PdfFileReader) -> EmbeddedPdfSignature:
        return EmbeddedPdfSignature(reader, self.field.get_object(), self.name)  # type: ignore[no-untyped-call]


def read_end(reader: PdfFileReader) -> FileEnd:
    """Go back from the newest signature to the newest document timestamp, and no further.

    Raises:
        PdfError, ValueError, KeyError, TypeError: pyHanko's, over a file that is not sound.
    """
    filled = [_filled(reader, *found) for found in enumerate_sig_fields(reader, filled_status=True)]
    pending: list[EmbeddedPdfSignature] = []
    for one in sorted(filled, key=lambda one: one.revision, reverse=True):
        signature = one.read(reader)
        if signature.sig_object_type == "/DocTimeStamp":
            return FileEnd(timestamp=signature, pending=tuple(reversed(pending)))
        if not _has_token(signature.signer_info):
            pending.append(signature)
    return FileEnd(timestamp=None, pending=tuple(reversed(pending)))


def _filled(reader: PdfFileReader, name: str, value: IndirectObject, field: IndirectObject) -> _Filled:
    return _Filled(name=name, field=field, revision=reader.xrefs.get_introducing_revision(value.reference))


def _has_token(signer: cms.SignerInfo) -> bool:
    found = find_cms_attribute_iter(signer["unsigned_attrs"], "signature_time_stamp_token")
    return any(True for _ in found)
