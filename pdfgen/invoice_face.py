"""The visual face of a 数电票, 210 × 140 mm, by the tax bureau's layout of 2024.

Says what the face shows; ``invoice_drawing`` says where: all amounts arrive as the
strings that the XML (the original) holds. Never draws the 监制章: only the tax system
may (发票管理办法 art. 16). Everything is marked ``SPECIMEN 样张`` by ``mark``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pdfgen.document import Attachment

__all__ = ["InvoiceFace", "InvoiceFaceLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFaceLine:
    """One item row, as printed; an empty string leaves the cell empty.

    Attributes:
        name: ``*供电*电费`` and the like; wraps within its column.
        spec: 规格型号.
        unit: 单位.
        quantity: 数量, decimal text.
        price: 单价 without tax, decimal text; long decimals shrink.
        amount: 金额 without tax, two decimals, no currency sign.
        rate: 税率/征收率, e.g. ``13%``.
        tax: 税额, two decimals.
    """

    name: str
    spec: str
    unit: str
    quantity: str
    price: str
    amount: str
    rate: str
    tax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFace:
    """Everything that decides the bytes of an invoice PDF.

    Attributes:
        title: ``电子发票（增值税专用发票）`` or the ordinary one.
        number: 20 digits.
        issue_date: ``2026年11月20日``.
        total_amount: 合计金额, two decimals, no sign; ``¥`` is printed by the face.
        total_tax: 合计税额, the same.
        total_with_tax: 价税合计（小写）, the same.
        capitals: 价税合计（大写）.
        remark: 备注, one string a line.
        drawer: 开票人.
        qr_text: Content of the QR code (invoices.md §1.3), given.
        mark: ``SPECIMEN 样张`` across the face; empty in production only.
        created_utc: Creation time for the metadata; an input, never the clock.
        attachments: The XML original, relationship ``Source``.
        metadata: Custom keys of the Info dictionary, e.g. ``InvoiceNumber``.
    """

    title: str
    number: str
    issue_date: str
    buyer_name: str
    buyer_tax_id: str
    seller_name: str
    seller_tax_id: str
    lines: Sequence[InvoiceFaceLine]
    total_amount: str
    total_tax: str
    total_with_tax: str
    capitals: str
    remark: Sequence[str]
    drawer: str
    qr_text: str
    mark: str
    created_utc: datetime
    attachments: Sequence[Attachment] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
