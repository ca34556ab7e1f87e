"""Issues one e-invoice under an executed agreement and notarises it.

Draft and idempotency key are committed before the tax platform is asked; the same key
always gives the same number, so a lost reply or a crash costs nothing. The XML is the
original: its digests go into the log; PDF and OFD are renderings of it.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.agreements.process_event_kind import ProcessEventKind
from contracts_chain.agreements.terms import SupplyTerms
from contracts_chain.agreements.terms.codes import InvoiceKind as AgreedKind
from contracts_chain.agreements.terms.party import Party as AgreementParty
from contracts_chain.agreements.terms_json import BillingOrder, load_terms
from contracts_chain.evidence.record import RecordKind
from contracts_chain.invoicing.draft_json import draft_bytes
from contracts_chain.invoicing.face import face_of
from contracts_chain.invoicing.invoice import Invoice, InvoiceDraft, InvoiceKind, Party
from contracts_chain.invoicing.line import Item, line_from_amount
from contracts_chain.invoicing.ofd import write_ofd
from contracts_chain.invoicing.rules import check_draft
from contracts_chain.invoicing.tax import TaxMode
from contracts_chain.invoicing.tax_platform import AllocatedNumber, SpecimenTaxPlatform
from contracts_chain.invoicing.xml import write_invoice
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.dossier import AgreementDossier, InvoiceDossier
from contracts_chain.workflows.errors import NotInvoiceableError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.process_events import evidence_move, note_process_event
from kernel.digests import digests_of
from kernel.ids import InvoiceId, new_id
from pdfgen.invoice_drawing import render_invoice

__all__ = ["issue_invoice"]


def issue_invoice(
    office: Office, agreement_number: str, billing: BillingOrder, *, idempotency_key: str
) -> InvoiceDossier:
    """Issue the invoice of one bill; the same key gives the same invoice for ever.

    Args:
        office: Where numbers, time and records come from.
        agreement_number: An executed supply contract.
        billing: The billing line.
        idempotency_key: Chosen by the billing system, one a bill.

    Raises:
        NotInvoiceableError: The agreement is not formed, or no supply contract.
        InvoiceRejectedError: The bill breaks rules; nothing was stored.
    """
    with office.work() as work:
        agreement = work.agreements.load(agreement_number)
    draft = _draft(agreement, billing)
    check_draft(draft)
    opened = _open(office, agreement_number, draft, idempotency_key)
    if opened.number is not None:
        return opened
    allocated = _numbered(office, draft, idempotency_key)
    return _finish(office, opened, draft, allocated)


def _draft(agreement: AgreementDossier, billing: BillingOrder) -> InvoiceDraft:
    terms = load_terms(agreement.terms)
    if not agreement.state.is_formed or not isinstance(terms, SupplyTerms):
        raise NotInvoiceableError(agreement.number)
    item = Item(
        name=billing.item_name,
        classification_code=billing.tax_classification_code,
        rate=billing.tax_rate,
        specification=billing.specification or "",
        unit=billing.unit,
    )
    period = f"电费期间：{billing.period_from.isoformat()} 至 {billing.period_to.isoformat()}"
    return InvoiceDraft(
        kind=_kind(terms),
        mode=TaxMode.EXCLUSIVE,
        seller=_party(terms.supplier),
        buyer=_party(terms.consumer),
        lines=(line_from_amount(item, quantity=billing.quantity_kwh, amount_fen=billing.amount),),
        contract_number=agreement.number,
        drawer=billing.drawer,
        remark=(f"户号：{terms.cust_no}", period, *((billing.remark,) if billing.remark else ())),
    )


def _kind(terms: SupplyTerms) -> InvoiceKind:
    """A special invoice for organisations that want one; a household gets an ordinary one."""
    profile = terms.invoice_profile
    wants_ordinary = profile is not None and profile.kind is AgreedKind.ORDINARY
    is_ordinary = wants_ordinary or not terms.consumer.is_organisation
    return InvoiceKind.ORDINARY if is_ordinary else InvoiceKind.SPECIAL


def _party(party: AgreementParty) -> Party:
    return Party(
        name=party.name,
        taxpayer_id=party.tax_no or "",
        address=party.registered_addr,
        telephone=party.phone,
        bank_name=party.bank_name or "",
        bank_account=party.bank_acct or "",
    )


def _open(office: Office, agreement_number: str, draft: InvoiceDraft, key: str) -> InvoiceDossier:
    with office.work() as work:
        opened = work.invoices.open(
            InvoiceDossier(
                id=InvoiceId(new_id()),
                agreement_number=agreement_number,
                idempotency_key=key,
                draft=draft_bytes(draft),
                evidence_state=EvidenceState.PENDING,
            )
        )
        work.commit()
    if opened.draft != draft_bytes(draft):
        raise NotInvoiceableError(agreement_number, key=key)
    return opened


def _numbered(office: Office, draft: InvoiceDraft, key: str) -> AllocatedNumber:
    with office.work() as work:
        platform = SpecimenTaxPlatform(work.invoices, office.clock)
        allocated = platform.find(key) or platform.issue(draft, key)  # a lost reply is settled by query
        work.commit()
    return allocated


def _finish(
    office: Office, opened: InvoiceDossier, draft: InvoiceDraft, allocated: AllocatedNumber
) -> InvoiceDossier:
    invoice = Invoice(draft=draft, number=allocated.number, issued_utc=allocated.issued_utc)
    xml = write_invoice(invoice)
    issued = replace(
        opened,
        number=invoice.number,
        issued_utc=invoice.issued_utc,
        evidence_state=EvidenceState.LOGGED,
        xml_sha256=office.blobs.put(xml),
        pdf_sha256=office.blobs.put(render_invoice(face_of(invoice, xml))),
        ofd_sha256=office.blobs.put(write_ofd(invoice, xml)),
    )
    with office.work() as work:
        standing = work.invoices.open(opened)
        if standing.number is not None:
            return standing
        work.invoices.save(issued)
        append_record(
            work,
            RecordKind.INVOICE_ISSUED,
            subject=invoice.number,
            document=digests_of(xml),
            at=office.clock.now(),
            actor="billing",
            details=_details(issued),
        )
        change = {**_details(issued), **evidence_move(standing.evidence_state, issued.evidence_state)}
        note_process_event(
            work, invoice.number, ProcessEventKind.INVOICE_ISSUED, at=invoice.issued_utc, change=change
        )
        work.commit()
    return issued


def _details(invoice: InvoiceDossier) -> dict[str, str]:
    renderings = {"pdf_sha256": invoice.pdf_sha256, "ofd_sha256": invoice.ofd_sha256}
    known = {name: digest.hex() for name, digest in renderings.items() if digest is not None}
    return known | {"agreement": invoice.agreement_number}
