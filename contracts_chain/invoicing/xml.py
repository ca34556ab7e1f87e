"""The XML original of an invoice: the exact bytes that are notarised.

Decides element names and order by the layout in circulation (reference/invoices.md
§1.2, its misspellings included; our profile of it is ``invoice.xsd`` and
docs/formats/invoice.md). The same invoice always gives the same bytes.

Must never write a ``TaxBureauSignature``, nor name a tax bureau for a number that no
bureau gave: specimens name the region 99, which does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from lxml import etree

from contracts_chain.invoicing.figures import beijing_seconds, decimal_text
from contracts_chain.invoicing.invoice import Invoice, Party
from contracts_chain.invoicing.line import Line
from kernel.money import yuan_capitals, yuan_text

__all__ = ["CONTRACT_LABEL", "MODE_LABEL", "write_invoice"]

CONTRACT_LABEL = "合同编号"
MODE_LABEL = "计税方式"
_VERSION = "0.31"
_SPECIMEN_TAG = "SWEI9900"
_SPECIMEN_BUREAU = ("19900000000", "样张（非税务机关）")

Node: TypeAlias = "tuple[str, str | Sequence[Node]]"


class _NumberOfTaxSystemError(ValueError):
    """An invoice of the tax system has the tax system's XML; ours would imitate it."""


def write_invoice(invoice: Invoice) -> bytes:
    """Write the original.

    Args:
        invoice: Checked by ``rules.check_draft``; a specimen, because the XML of a number
            that the tax system gave comes from the tax system.

    Returns:
        UTF-8 with declaration, two blanks a level, one line feed at the end.

    Raises:
        ValueError: The number is the tax system's; a fault of the caller.
    """
    if not invoice.is_specimen:
        raise _NumberOfTaxSystemError(f"{invoice.number} was given by the tax system, and so is its XML")
    root = _element(("EInvoice", (_header(invoice), _content(invoice), _supervision(invoice))))
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _element(node: Node) -> etree._Element:
    name, content = node
    element = etree.Element(name)
    if isinstance(content, str):
        element.text = content or None
    else:
        element.extend([_element(child) for child in content])
    return element


def _header(invoice: Invoice) -> Node:
    kind = invoice.draft.kind
    labels: list[Node] = [
        _label("InIssuType", "Y", "是否蓝字发票标志"),
        _label("EInvoiceType", "01", "电子发票"),
        _label("GeneralOrSpecialVAT", kind.value, kind.zh),
        _label("TaxpayerType", "1", "一般纳税人"),
    ]
    return (
        "Header",
        (
            ("EIid", invoice.number),
            ("EInvoiceTag", _SPECIMEN_TAG),
            ("Version", _VERSION),
            ("InherentLabel", labels),
            ("UndefinedLabel", ""),
        ),
    )


def _label(name: str, code: str, meaning: str) -> Node:
    return (name, (("LabelCode", code), ("LabelName", meaning)))


def _content(invoice: Invoice) -> Node:
    draft = invoice.draft
    return (
        "EInvoiceData",
        (
            ("SellerInformation", _party("Seller", draft.seller)),
            ("BuyerInformation", (*_party("Buyer", draft.buyer), ("BuyerHandlingName", ""))),
            ("BasicInformation", _totals(invoice)),
            *(("IssuItemInformation", _line(line)) for line in draft.lines),
            ("SpecificInformation", ""),
            ("AdditionalInformation", _additional(invoice)),
        ),
    )


def _party(side: str, party: Party) -> tuple[Node, ...]:
    return (
        (f"{side}IdNum", party.taxpayer_id),
        (f"{side}Name", party.name),
        (f"{side}Addr", party.address),
        (f"{side}TelNum", party.telephone),
        (f"{side}BankName", party.bank_name),
        (f"{side}BankAccNum", party.bank_account),
    )


def _totals(invoice: Invoice) -> tuple[Node, ...]:
    draft = invoice.draft
    return (
        ("TotalAmWithoutTax", yuan_text(draft.amount_fen)),
        ("TotalTaxAm", yuan_text(draft.tax_fen)),
        ("TotalTax-includedAmount", yuan_text(draft.total_fen)),
        ("TotalTax-includedAmountInChinese", yuan_capitals(draft.total_fen)),
        ("Drawer", draft.drawer),
        ("RequestTime", beijing_seconds(invoice.issued_utc)),
    )


def _line(line: Line) -> tuple[Node, ...]:
    item = line.item
    optional: list[Node] = [("SpecMod", item.specification), ("MeaUnits", item.unit)]
    if line.quantity is not None and line.price is not None:
        optional += [("Quantity", decimal_text(line.quantity)), ("UnPrice", decimal_text(line.price))]
    return (
        ("ItemName", item.name),
        *(node for node in optional if node[1]),
        ("Amount", yuan_text(line.amount_fen)),
        ("TaxRate", decimal_text(item.rate)),
        ("ComTaxAm", yuan_text(line.tax_fen)),
        ("TotaltaxIncludedAmount", yuan_text(line.total_fen)),
        ("TaxClassificationCode", item.classification_code),
    )


def _additional(invoice: Invoice) -> tuple[Node, ...]:
    return (
        ("Remark", "\n".join(invoice.remark_lines)),
        _pair(CONTRACT_LABEL, invoice.draft.contract_number),
        _pair(MODE_LABEL, invoice.draft.mode.zh),
    )


def _pair(name: str, value: str) -> Node:
    return ("Additional", (("Information", name), ("InformationValue", value)))


def _supervision(invoice: Invoice) -> Node:
    bureau_code, bureau_name = _SPECIMEN_BUREAU
    return (
        "TaxSupervisionInfo",
        (
            ("InvoiceNumber", invoice.number),
            ("IssueTime", beijing_seconds(invoice.issued_utc)),
            ("TaxBureauCode", bureau_code),
            ("TaxBureauName", bureau_name),
        ),
    )
