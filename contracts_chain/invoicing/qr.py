"""The content of the QR code at the top left of a face (reference/invoices.md §1.3)."""

from __future__ import annotations

from typing import assert_never

from contracts_chain.invoicing.invoice import Invoice, InvoiceKind
from kernel.clock import BEIJING
from kernel.money import yuan_text

__all__ = ["qr_content"]

_NO_CHECK_CODE = "0000"


def qr_content(invoice: Invoice) -> str:
    """``01,31,,NUMBER,TOTAL,yyyyMMdd,,0000``: total with tax, day in Beijing.

    The last field (Jym) is opaque and issued by the tax system; zeros say that it issued none.
    """
    day = invoice.issued_utc.astimezone(BEIJING)
    kind = _kind_code(invoice.draft.kind)
    return f"01,{kind},,{invoice.number},{yuan_text(invoice.draft.total_fen)},{day:%Y%m%d},,{_NO_CHECK_CODE}"


def _kind_code(kind: InvoiceKind) -> str:
    match kind:
        case InvoiceKind.SPECIAL:
            return "31"
        case InvoiceKind.ORDINARY:
            return "32"
    assert_never(kind)
