"""Signs a package, reads it back, proves it, and only then lets it out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from contracts_chain.evidence.evidence_json import Evidence
from contracts_chain.evidence.file_report import FileReport, require_proven
from contracts_chain.evidence.package import PackageContents, write_package
from contracts_chain.evidence.report import ReportSubject, evidence_report
from contracts_chain.evidence.trail import Trail
from contracts_chain.evidence.verify import verify_package
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals
from contracts_chain.workflows.office import Office
from pdfgen.document import Document
from signing.cades import sign_detached

__all__ = ["EVIDENCE_SEAL", "HandedOut", "environment", "hand_out", "report_on"]

EVIDENCE_SEAL = "电子存证专用章"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A package and the report that proved it."""

    package: bytes
    report: FileReport


def hand_out(office: Office, contents: PackageContents) -> HandedOut:
    """Sign the contents as a package and prove it by the recipe any stranger uses.

    Raises:
        NotProvenError: It did not pass its own verification: an alarm.
        StillUndecidedError: Something is missing, e.g. the status is too old.
    """
    package = write_package(contents, lambda manifest: _sign(office, manifest))
    report = verify_package(package, office.trust, at=office.clock.now())
    require_proven(report)
    return HandedOut(package=package, report=report)


def report_on(office: Office, subject: ReportSubject, evidence: Evidence, trail: Trail) -> Document:
    """出证报告 on this evidence; its chain facts are verified before they are printed."""
    return evidence_report(
        subject,
        evidence=evidence,
        trail=trail,
        anchored=verify_anchor(evidence.anchor, office.trust.chain),
        sealed=verify_block_seals(evidence.anchor.header, office.trust.chain),
        trust=office.trust,
        issued_utc=office.clock.now().replace(microsecond=0),
    )


def environment(office: Office) -> tuple[tuple[str, str], ...]:
    """Statements on the system for the report's first chapter."""
    return (
        ("软件", f"contracts-chain {version('contracts-chain')}"),
        ("数据库", "PostgreSQL，日志表与过程表只可追加，由触发器拒绝修改和删除"),
        ("区块链", f"许可制以太坊（QBFT），链号 {office.trust.chain.chain_id}"),
        ("时间来源", "系统时钟；证明力以 RFC 3161 时间戳和区块时间为准"),
    )


def _sign(office: Office, manifest: bytes) -> bytes:
    """CAdES with timestamp over a package's manifest, by the evidence service's seal."""
    credential = office.ca.issue_seal(
        organisation=office.utility.name, organisation_id=office.utility.uscc, seal_name=EVIDENCE_SEAL
    )
    roots = (*office.trust.signatures.ca_roots, *office.trust.signatures.tsa_roots)
    try:
        return sign_detached(manifest, credential, office.timestamps, office.ca, roots)
    finally:
        credential.key.destroy()
