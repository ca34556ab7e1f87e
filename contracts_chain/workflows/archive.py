"""Exports one document for the electronic archive: a fresh package, copies, metadata, the means to check.

The package is built and proven anew, so that its status is of today; the folder is verified as a
stranger would before it is handed over (档案法 art. 37: source, procedure, elements).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files as resources

from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.archive import archive_files, verify_archive, write_archive
from contracts_chain.evidence.archive_metadata import ArchiveExport
from contracts_chain.evidence.evidence_json import read_evidence
from contracts_chain.evidence.package import AgreementContents, PackageContents, read_package
from contracts_chain.evidence.report_facts import ReportFacts
from contracts_chain.evidence.trail import read_trail
from contracts_chain.workflows.annexes import stored_annexes
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.package_invoice import build_invoice_package
from signing.inspection import inspect_pdf
from signing.model import PdfFindings

__all__ = ["Archived", "build_archive", "verification_program"]

KEPT_YEARS = 5
"""After the last party certificate ended (电子签名法 art. 24 asks this of the authority)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One archive package, verified.

    Attributes:
        number: Of the agreement or invoice; the folder's name in the ZIP.
        files: Names and bytes.
    """

    number: str
    files: dict[str, bytes]

    def as_zip(self) -> bytes:
        """The folder as one file."""
        return write_archive(self.files, self.number)


def build_archive(office: Office, number: str, *, by: str) -> Archived:
    """Build, compose and prove the archive package of an executed agreement or an issued invoice.

    Args:
        office: Where everything comes from.
        number: Of the agreement or the invoice.
        by: Who exports, as an id of the service.

    Raises:
        UnknownNumberError: Neither an agreement nor an invoice has this number.
        NotYetFinalError: Its evidence is not final yet.
        NotProvenError: The package did not pass its own verification: an alarm.
        BlobCorruptError: The bytes of an uploaded annex are not what was uploaded.
        BlobMissingError: The bytes of an uploaded annex are gone.
        ArchiveRefutedError: The composed folder does not hold: an alarm.
    """
    with office.work() as work:
        is_invoice = work.invoices.find_by_number(number) is not None
        terms = None if is_invoice else load_terms(work.agreements.load(number).terms)
    handed = build_invoice_package(office, number) if is_invoice else build_package(office, number)
    now = office.clock.now().replace(microsecond=0)
    contents = read_package(handed.package).contents
    findings = _findings(office, contents)
    export = ArchiveExport(by=by, at_utc=now, keep_until_utc=_keep_until(findings), findings=findings)
    facts = _facts(office, contents, now)
    annexes = {} if terms is None else stored_annexes(office, terms)
    composed = archive_files(
        handed.package, handed.subject, facts, export, verification_program(), annexes=annexes
    )
    verify_archive(composed, office.trust, at=office.clock.now())
    return Archived(number=number, files=composed)


def verification_program() -> bytes:
    """``docs/verify_anchor.py`` as shipped with the software."""
    return (resources("contracts_chain.evidence") / "verify_anchor.py.txt").read_bytes()


def _facts(office: Office, contents: PackageContents, now: datetime) -> ReportFacts:
    trail = read_trail(contents.trail) if isinstance(contents, AgreementContents) else ()
    named = {name: body for name, body in contents.files().items() if name != "report.pdf"}
    return ReportFacts.prove(
        read_evidence(contents.evidence), trail=trail, files=named, trust=office.trust, issued_utc=now
    )


def _findings(office: Office, contents: PackageContents) -> PdfFindings | None:
    if not isinstance(contents, AgreementContents):
        return None
    return inspect_pdf(contents.agreement_pdf, office.trust.signatures, skew=office.trust.skew)


def _keep_until(findings: PdfFindings | None) -> datetime | None:
    ends = [one.signer.not_after_utc for one in findings.signatures if one.signer] if findings else []
    return _years_after(max(ends)) if ends else None


def _years_after(moment: datetime) -> datetime:
    leap_day = moment.month == 2 and moment.day == 29
    return moment.replace(year=moment.year + KEPT_YEARS, day=28 if leap_day else moment.day, microsecond=0)
