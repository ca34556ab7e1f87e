"""``metadata.json`` of an archive package: source, procedure, elements, keeping, export.

States facts that the package proves and where they are in it. No metadata standard is
claimed; an archive maps these members to its own scheme (docs/formats/archive.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.steps.s11_status import STATUS_WORDS
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.digests import digests_of
from signing.model import PdfFindings

__all__ = ["ArchiveExport", "metadata_bytes"]

_PDFA = b"<pdfaid:part>3</pdfaid:part>"
_MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "xml": "application/xml",
    "pem": "application/x-pem-file",
    "asice": "application/vnd.etsi.asic-e+zip",
    "ses": "application/octet-stream",
    "py": "text/x-python",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveExport:
    """The act of exporting.

    Attributes:
        by: Who exported, as an id of the service.
        at_utc: When, whole seconds.
        keep_until_utc: Earliest end of keeping that follows from the certificates; ``None`` if no
            certificate of a party is in the file. The archive extends it to its own period.
        findings: What the agreement's signatures tell; ``None`` for an invoice.
    """

    by: str
    at_utc: datetime
    keep_until_utc: datetime | None
    findings: PdfFindings | None


def metadata_bytes(
    subject: ReportSubject, facts: ReportFacts, export: ArchiveExport, files: Mapping[str, bytes]
) -> bytes:
    """Canonical JSON (RFC 8785) over proven facts and the files as they are."""
    return canonical_bytes(
        {
            "schema": 1,
            "number": subject.number,
            "kind": facts.evidence.kind.value,
            "title": subject.title,
            "mark": subject.mark,
            "parties": [
                {"role": role, "name": name, "organisation_id": code} for role, name, code in subject.parties
            ],
            "source": _source(subject, facts, export),
            "procedure": _procedure(facts),
            "elements": _elements(facts, files),
            "keeping": _keeping(export),
            "export": {"by": export.by, "at_utc": utc_text(export.at_utc)},
        }
    )


def _source(subject: ReportSubject, facts: ReportFacts, export: ArchiveExport) -> dict[str, JsonValue]:
    found = export.findings.signatures if export.findings is not None else ()
    return {
        "issuer": subject.issuer,
        "environment": [{"item": item, "statement": text} for item, text in subject.environment],
        "signatures": [
            {
                "field": one.field,
                "signer": one.signer.common_name,
                "organisation": one.signer.organisation,
                "organisation_id": one.signer.organisation_id,
                "certificate_sha256": one.signer.certificate_sha256.hex(),
                "certificate_not_after_utc": utc_text(one.signer.not_after_utc),
                "timestamp_utc": None if one.timestamp_utc is None else utc_text(one.timestamp_utc),
            }
            for one in found
            if one.signer is not None
        ],
        "original": {"name": facts.document_name, **facts.evidence.executed.as_json()},
    }


def _procedure(facts: ReportFacts) -> dict[str, JsonValue]:
    anchored = facts.anchored
    operators = {one.name: one.operator for one in facts.trust.witnesses}
    return {
        "records": [
            {
                "kind": logged.record.kind.value,
                "kind_zh": logged.record.kind.zh,
                "occurred_utc": utc_text(logged.record.occurred_utc),
                "actor": logged.record.actor,
                "index": logged.index,
                "leaf": logged.record.leaf().hex(),
            }
            for logged in facts.evidence.records
        ],
        "trail_events": len(facts.trail),
        "checkpoint": {"sequence": anchored.sequence, "size": anchored.size, "root": anchored.root.hex()},
        "block": {
            "chain_id": facts.trust.chain.chain_id,
            "number": anchored.block_number,
            "hash": anchored.block_hash.hex0x(),
            "time_utc": utc_text(anchored.block_time_utc),
            "sealed_by": [name for _, name in facts.sealed.sealers],
        },
        "witnessed_by": [
            {"operator": operators[one.name], "time_utc": utc_text(one.time_utc)} for one in facts.cosigned
        ],
        "renewed": None
        if facts.renewed is None
        else {"algorithm": facts.renewed.algorithm, "block_time_utc": utc_text(facts.renewed.block_time_utc)},
        "cross_anchored": [
            {"place": one.place, "kind": one.kind.value, "time_utc": utc_text(one.time_utc)}
            for one in facts.crossed
        ],
    }


def _elements(facts: ReportFacts, files: Mapping[str, bytes]) -> dict[str, JsonValue]:
    status = facts.status
    return {
        "files": [
            {"name": name, "format": _format(name, body), **digests_of(body).as_json()}
            for name, body in files.items()
        ],
        "status": None
        if status is None
        else {
            "word": STATUS_WORDS[status.status][0],
            "as_of_utc": utc_text(status.as_of_utc),
        },
    }


def _format(name: str, body: bytes) -> str:
    """Media type; a PDF's own claim of PDF/A, which obliges it to embed its fonts, is repeated as a claim."""
    media = _MEDIA[name.rpartition(".")[2]]
    claims = name.endswith(".pdf") and _PDFA in body
    return f"{media}; claims PDF/A-3B, fonts embedded" if claims else media


def _keeping(export: ArchiveExport) -> dict[str, JsonValue]:
    return {
        "keep_until_at_least_utc": None if export.keep_until_utc is None else utc_text(export.keep_until_utc),
        "basis": "签名证书失效后五年（电子签名法第二十四条对认证信息的保存期限）；"
        "合同期满后的诉讼时效期间更长的，从其规定，由档案部门确定",
    }
