"""What an evidence package holds, and how it is written and opened.

Decides which files make a package (DESIGN §5, docs/formats/package.md); ``asice`` decides
the container's bytes. Opening says nothing about truth: that is ``verify``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from contracts_chain.evidence.asice import (
    MANIFEST_NAME,
    MIMETYPE,
    MIMETYPE_NAME,
    SIGNATURE_NAME,
    manifest_xml,
)
from contracts_chain.evidence.zip_container import UnreadablePackageError, read_zip, write_zip

__all__ = [
    "AgreementContents",
    "InvoiceContents",
    "OpenedPackage",
    "PackageContents",
    "UnreadablePackageError",
    "read_package",
    "write_package",
]

_ENVELOPE = (MIMETYPE_NAME, MANIFEST_NAME, SIGNATURE_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementContents:
    """Files of an agreement's package, as bytes.

    Attributes:
        agreement_pdf: The executed PDF with its archive timestamps.
        trail: ``trail.jsonl``.
        evidence: ``evidence.json``, see ``evidence_json.evidence_bytes``.
        report_pdf: 出证报告.
        ses: GB/T 38540 seal signature, DER, of each seal field that has one, by field name.
    """

    agreement_pdf: bytes
    trail: bytes
    evidence: bytes
    report_pdf: bytes
    ses: tuple[tuple[str, bytes], ...] = ()

    def files(self) -> dict[str, bytes]:
        """Names and bytes in the order they are written."""
        return {
            "agreement.pdf": self.agreement_pdf,
            **{f"ses/{field}.ses": der for field, der in self.ses},
            "trail.jsonl": self.trail,
            "evidence.json": self.evidence,
            "report.pdf": self.report_pdf,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceContents:
    """Files of an invoice's package: the XML is the original, the PDF a rendering."""

    invoice_xml: bytes
    invoice_pdf: bytes
    evidence: bytes
    report_pdf: bytes

    def files(self) -> dict[str, bytes]:
        """Names and bytes in the order they are written."""
        return {
            "invoice.xml": self.invoice_xml,
            "invoice.pdf": self.invoice_pdf,
            "evidence.json": self.evidence,
            "report.pdf": self.report_pdf,
        }


PackageContents: TypeAlias = AgreementContents | InvoiceContents


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPackage:
    """A package as found: contents, the manifest beside them and the signature over it."""

    contents: PackageContents
    manifest: bytes
    signature: bytes


def write_package(contents: PackageContents, sign: Callable[[bytes], bytes]) -> bytes:
    """Build the archive; the same contents and signature give the same bytes.

    Args:
        contents: The files.
        sign: Makes a detached CAdES signature (DER) over the manifest it is given.
    """
    files = contents.files()
    manifest = manifest_xml(files)
    return write_zip(
        {MIMETYPE_NAME: MIMETYPE, **files, MANIFEST_NAME: manifest, SIGNATURE_NAME: sign(manifest)}
    )


def read_package(content: bytes) -> OpenedPackage:
    """Open an archive within limits; nothing is believed yet.

    Raises:
        UnreadablePackageError: Not such an archive, beyond the limits, or files are missing or foreign.
    """
    members = read_zip(content)
    if next(iter(members), "") != MIMETYPE_NAME or members[MIMETYPE_NAME] != MIMETYPE:
        raise UnreadablePackageError(
            "package_mimetype", "it does not begin with the ASiC-E mimetype", "开头不是 ASiC-E 类型标记"
        )
    found = {name: body for name, body in members.items() if name not in _ENVELOPE}
    for name in _ENVELOPE:
        if name not in members:
            raise UnreadablePackageError("package_member_missing", f"{name} is missing", f"缺少 {name}")
    return OpenedPackage(
        contents=_contents(found), manifest=members[MANIFEST_NAME], signature=members[SIGNATURE_NAME]
    )


def _contents(found: dict[str, bytes]) -> PackageContents:
    due = _INVOICE_NAMES if "invoice.xml" in found else _AGREEMENT_NAMES
    ses = _seal_signatures(found) if due is _AGREEMENT_NAMES else ()
    for name in due:
        if name not in found:
            raise UnreadablePackageError("package_member_missing", f"{name} is missing", f"缺少 {name}")
    sealed = {f"ses/{field}.ses" for field, _ in ses}
    for name in found:
        if name not in due and name not in sealed:
            raise UnreadablePackageError(
                "package_member_unexpected", f"{name!r} does not belong there", f"{name!r} 不应出现"
            )
    if due is _INVOICE_NAMES:
        return InvoiceContents(
            invoice_xml=found["invoice.xml"],
            invoice_pdf=found["invoice.pdf"],
            evidence=found["evidence.json"],
            report_pdf=found["report.pdf"],
        )
    return AgreementContents(
        agreement_pdf=found["agreement.pdf"],
        trail=found["trail.jsonl"],
        evidence=found["evidence.json"],
        report_pdf=found["report.pdf"],
        ses=ses,
    )


def _seal_signatures(found: dict[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Members below ``ses/`` in the order of the archive."""
    matches = ((_SES_NAME.fullmatch(name), der) for name, der in found.items())
    return tuple((match[1], der) for match, der in matches if match is not None)


_SES_NAME = re.compile(r"ses/([A-Za-z0-9_-]{1,60})\.ses")
_AGREEMENT_NAMES = ("agreement.pdf", "trail.jsonl", "evidence.json", "report.pdf")
_INVOICE_NAMES = ("invoice.xml", "invoice.pdf", "evidence.json", "report.pdf")
