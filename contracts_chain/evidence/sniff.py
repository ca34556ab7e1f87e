"""Tell what a file is by its content; names and media types are the sender's word."""

from __future__ import annotations

from contracts_chain.evidence.file_report import FileKind

__all__ = ["sniff"]

_HEAD = 4_096


def sniff(content: bytes) -> FileKind:
    """Judge by the first bytes; whether it is whole is for the verification to say."""
    if content.startswith(b"PK\x03\x04"):
        # The mimetype comes first and stored, then the document: its name is in the first bytes.
        return FileKind.INVOICE_PACKAGE if b"invoice.xml" in content[:256] else FileKind.AGREEMENT_PACKAGE
    if b"%PDF-" in content[:1024]:
        return FileKind.SIGNED_PDF
    if b"<EInvoice" in content[:_HEAD]:
        return FileKind.INVOICE_XML
    return FileKind.UNKNOWN
