"""The evidence package of an e-invoice: its XML, the rendering, and the proofs.

It proves that these bytes were recorded then, not that a tax bureau knows the number
(查验 is the bureau's own service).
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.evidence.evidence_json import Evidence, EvidenceKind, evidence_bytes
from contracts_chain.evidence.package import InvoiceContents
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.report import ReportSubject
from contracts_chain.invoicing.draft_json import read_draft
from contracts_chain.workflows.dossier import InvoiceDossier
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.hand_out import HandedOut, environment, hand_out, report_on
from contracts_chain.workflows.later_proofs import later_proofs
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.proofs import proofs_of
from pdfgen.render import render

__all__ = ["build_invoice_package"]


def build_invoice_package(office: Office, number: str) -> HandedOut:
    """Build, sign, re-read and prove the package of an issued invoice.

    Raises:
        UnknownNumberError: No such invoice.
        NotYetFinalError: Its record is not under a final checkpoint yet.
        NotProvenError: The package did not pass its own verification: an alarm.
    """
    with office.work() as work:
        work.log.snapshot()
        invoice = work.invoices.find_by_number(number)
        proofs = proofs_of(work, number)
        later = later_proofs(work, proofs)
    if invoice is None or invoice.xml_sha256 is None or invoice.pdf_sha256 is None:
        raise UnknownNumberError(number)
    issued = proofs.record_of(RecordKind.INVOICE_ISSUED)
    evidence = Evidence(
        kind=EvidenceKind.INVOICE,
        number=number,
        slots=(),
        records=proofs.records,
        checkpoint=proofs.checkpoint,
        anchor=proofs.anchor,
        status=office.chain.capture_status(issued.leaf()),
        executed=issued.document,
    )
    evidence = later.added_to(evidence, office)
    contents = InvoiceContents(
        invoice_xml=office.blobs.get(invoice.xml_sha256),
        invoice_pdf=office.blobs.get(invoice.pdf_sha256),
        evidence=evidence_bytes(evidence),
        report_pdf=b"",
    )
    files = {name: content for name, content in contents.files().items() if content}
    subject = _subject(office, invoice, number)
    report = report_on(office, subject, evidence, (), files)
    return hand_out(office, subject, replace(contents, report_pdf=render(report).pdf))


def _subject(office: Office, invoice: InvoiceDossier, number: str) -> ReportSubject:
    draft = read_draft(invoice.draft)
    return ReportSubject(
        title=draft.kind.title,
        number=number,
        parties=(
            ("销售方", draft.seller.name, draft.seller.taxpayer_id),
            ("购买方", draft.buyer.name, draft.buyer.taxpayer_id),
        ),
        qr_text=f"{office.utility.verify_url}/verify",
        mark=office.utility.mark,
        environment=environment(office),
        issuer=office.utility.name,
    )
