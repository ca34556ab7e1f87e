"""The verification recipe: twelve steps, all always run, each with its own verdict.

 0 package       well formed, within limits, as its maker signed it
 1 document      length and digests of every recorded revision; only archive updates follow the executed one
 2 signatures    every required one is there and intact; eight lines for each GB/T 38540 seal signature
 3 certificates  chain to trusted roots, valid at the proven moment
 4 timestamp     by a trusted TSA over this content
 5 parties       the signers are the parties
 6 process       records and trail unbroken, ceremony complete
 7 inclusion     every record's leaf is under the anchored root
 8 anchor        the checkpoint equals what the chain holds, never the package's word
 9 seals         the block is sealed by a quorum of the trusted validators
10 order         not-before ≤ signatures ≤ timestamps ≤ block, with the bundle's skew
11 status        in force, superseded, terminated … as of the proof's block time

Decides nothing by itself: each step returns or raises, and whatever is missing or throws is
never proven (DESIGN §5). Pure: the trust bundle and the moment are given, nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from contracts_chain.evidence.evidence_json import Evidence, read_evidence
from contracts_chain.evidence.examination import (
    DependsOnStepError,
    Examination,
    Outcome,
    PdfInspector,
    check_of_error,
)
from contracts_chain.evidence.file_report import FileFacts, FileKind, FileReport, join, signers_of
from contracts_chain.evidence.package import AgreementContents, InvoiceContents, OpenedPackage, read_package
from contracts_chain.evidence.ses_lines import with_seal_lines
from contracts_chain.evidence.sniff import sniff
from contracts_chain.evidence.steps import (
    s00_package,
    s01_document,
    s02_signatures,
    s03_certificates,
    s04_timestamp,
    s05_parties,
    s06_process,
    s07_inclusion,
    s08_anchor,
    s09_seals,
    s10_order,
    s11_status,
)
from contracts_chain.evidence.trail import Trail, read_trail
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify_bare import verify_invoice_xml, verify_pdf, verify_unknown
from contracts_chain.ledger.anchor_proof import StatusProof
from contracts_chain.ledger.verify_anchor import verify_anchor, verify_block_seals
from kernel.verdict import Check
from signing.inspection import inspect_pdf
from signing.model import PdfFindings

__all__ = ["STEPS", "verify_file", "verify_package"]

STEPS: tuple[Callable[[Examination], Check], ...] = (
    s00_package.check,
    s01_document.check,
    s02_signatures.check,
    s03_certificates.check,
    s04_timestamp.check,
    s05_parties.check,
    s06_process.check,
    s07_inclusion.check,
    s08_anchor.check,
    s09_seals.check,
    s10_order.check,
    s11_status.check,
)


def verify_file(
    content: bytes,
    trust: TrustBundle,
    *,
    at: datetime,
    inspect: PdfInspector = inspect_pdf,
    fresh_status: StatusProof | None = None,
) -> FileReport:
    """Verify any file we know, by its content: package, signed PDF, invoice XML."""
    match sniff(content):
        case FileKind.AGREEMENT_PACKAGE | FileKind.INVOICE_PACKAGE:
            return verify_package(content, trust, at=at, inspect=inspect, fresh_status=fresh_status)
        case FileKind.SIGNED_PDF:
            return verify_pdf(content, trust, inspect=inspect)
        case FileKind.INVOICE_XML:
            return verify_invoice_xml(content)
        case FileKind.UNKNOWN:
            return verify_unknown()


def verify_package(
    content: bytes,
    trust: TrustBundle,
    *,
    at: datetime,
    inspect: PdfInspector = inspect_pdf,
    fresh_status: StatusProof | None = None,
) -> FileReport:
    """Run all twelve steps over an evidence package.

    Args:
        content: The archive.
        trust: The verifier's own bundle.
        at: Moment of verification, aware.
        inspect: Judge of PDF signatures; the bounded one for hostile uploads.
        fresh_status: A newer status proof fetched by the caller; it is verified like the package's own.

    Returns:
        A report with one check a step. It never raises over content; machines call ``require_proven``.
    """
    examination = _examine(content, trust, at, inspect, fresh_status)
    checks = tuple(_run(number, step, examination) for number, step in enumerate(STEPS))
    checks = (*checks[:2], with_seal_lines(checks[2], examination), *checks[3:])
    opened = examination.opened.value
    invoice = opened is not None and isinstance(opened.contents, InvoiceContents)
    kind = FileKind.INVOICE_PACKAGE if invoice else FileKind.AGREEMENT_PACKAGE
    return join(kind, checks, _facts(examination, checks))


def _examine(
    content: bytes, trust: TrustBundle, at: datetime, inspect: PdfInspector, fresh_status: StatusProof | None
) -> Examination:
    opened = Outcome.of(lambda: read_package(content))
    evidence = Outcome.of(lambda: read_evidence(opened.need(0).contents.evidence))
    own_status = None if evidence.value is None else evidence.value.status
    return Examination(
        opened=opened,
        evidence=evidence,
        findings=Outcome.of(lambda: _inspect(opened, trust, inspect)),
        trail=Outcome.of(lambda: _trail(opened)),
        anchored=Outcome.of(lambda: verify_anchor(evidence.need(0).anchor, trust.chain)),
        sealed=Outcome.of(lambda: verify_block_seals(evidence.need(0).anchor.header, trust.chain)),
        status=own_status if fresh_status is None else fresh_status,
        trust=trust,
        at=at,
    )


def _inspect(opened: Outcome[OpenedPackage], trust: TrustBundle, inspect: PdfInspector) -> PdfFindings:
    contents = opened.need(0).contents
    if not isinstance(contents, AgreementContents):
        raise DependsOnStepError(0)
    return inspect(contents.agreement_pdf, trust.signatures, skew=trust.skew)


def _trail(opened: Outcome[OpenedPackage]) -> Trail:
    contents = opened.need(0).contents
    if not isinstance(contents, AgreementContents):
        raise DependsOnStepError(0)
    return read_trail(contents.trail)


def _run(number: int, step: Callable[[Examination], Check], examination: Examination) -> Check:
    outcome = Outcome.of(lambda: step(examination))
    if outcome.error is not None:
        return check_of_error(number, outcome.error)
    return outcome.get()


def _facts(examination: Examination, checks: tuple[Check, ...]) -> FileFacts:
    evidence: Evidence | None = examination.evidence.value
    findings, anchored, sealed = (
        examination.findings.value,
        examination.anchored.value,
        examination.sealed.value,
    )
    return FileFacts(
        number=None if evidence is None else evidence.number,
        signers=() if findings is None else signers_of(findings),
        anchor_sequence=None if anchored is None else anchored.sequence,
        anchor_block=None if anchored is None else anchored.block_number,
        anchor_time_utc=None if anchored is None else anchored.block_time_utc,
        operators=() if sealed is None else tuple(operator for _, operator in sealed.sealers),
        status=checks[11].code,
    )
