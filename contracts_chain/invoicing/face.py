"""From an invoice to the strings of its PDF face: no figure is computed here."""

from __future__ import annotations

from contracts_chain.invoicing.figures import beijing_seconds, decimal_text, percent_text
from contracts_chain.invoicing.invoice import Invoice
from contracts_chain.invoicing.line import Line
from contracts_chain.invoicing.qr import qr_content
from kernel.clock import BEIJING
from kernel.money import yuan_capitals, yuan_text
from pdfgen.document import Attachment
from pdfgen.invoice_face import InvoiceFace, InvoiceFaceLine

__all__ = ["face_of", "issue_date_text"]


def face_of(invoice: Invoice, xml: bytes) -> InvoiceFace:
    """Say what the face shows.

    Args:
        invoice: The numbered invoice.
        xml: Its original, exactly as notarised; embedded as the PDF's source.
    """
    draft = invoice.draft
    return InvoiceFace(
        title=draft.kind.title,
        number=invoice.number,
        issue_date=issue_date_text(invoice),
        buyer_name=draft.buyer.name,
        buyer_tax_id=draft.buyer.taxpayer_id,
        seller_name=draft.seller.name,
        seller_tax_id=draft.seller.taxpayer_id,
        lines=tuple(_row(line) for line in draft.lines),
        total_amount=yuan_text(draft.amount_fen),
        total_tax=yuan_text(draft.tax_fen),
        total_with_tax=yuan_text(draft.total_fen),
        capitals=yuan_capitals(draft.total_fen),
        remark=invoice.remark_lines,
        drawer=draft.drawer,
        qr_text=qr_content(invoice),
        mark=invoice.mark,
        created_utc=invoice.issued_utc,
        attachments=(_original(invoice, xml),),
        metadata=_metadata(invoice),
    )


def issue_date_text(invoice: Invoice) -> str:
    """``2026年11月20日``: the day in Beijing."""
    day = invoice.issued_utc.astimezone(BEIJING)
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"


def _row(line: Line) -> InvoiceFaceLine:
    return InvoiceFaceLine(
        name=line.item.name,
        spec=line.item.specification,
        unit=line.item.unit,
        quantity="" if line.quantity is None else decimal_text(line.quantity),
        price="" if line.price is None else decimal_text(line.price),
        amount=yuan_text(line.amount_fen),
        rate=percent_text(line.item.rate),
        tax=yuan_text(line.tax_fen),
    )


def _original(invoice: Invoice, xml: bytes) -> Attachment:
    return Attachment(
        name=f"{invoice.number}.xml",
        media_type="application/xml",
        relationship="Source",
        description="数电票 XML 原件" + ("（样张）" if invoice.is_specimen else ""),
        content=xml,
    )


def _metadata(invoice: Invoice) -> dict[str, str]:
    """The keys that invoice PDFs in circulation carry in their Info dictionary."""
    draft = invoice.draft
    return {
        "InvoiceNumber": invoice.number,
        "IssueTime": beijing_seconds(invoice.issued_utc),
        "SellerIdNum": draft.seller.taxpayer_id,
        "TotalAmWithoutTax": yuan_text(draft.amount_fen),
        "TotalTaxAm": yuan_text(draft.tax_fen),
        "TotalTax-includedAmount": yuan_text(draft.total_fen),
    }
