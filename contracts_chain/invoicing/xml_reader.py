"""Read back an XML original, trusting nothing in it.

Accepts exactly the bytes that ``xml.write_invoice`` writes: what was read is written
again and compared, so nothing can hide in white space, order or repetition. No DTD, no
entity, no network, no second root, one mebibyte at most.

Proves that the invoice agrees with itself. It proves neither origin nor time (that is
the anchor's), nor that any tax bureau knows the number (that is 查验's).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files

from lxml import etree

from contracts_chain.invoicing.figures import parse_beijing_seconds
from contracts_chain.invoicing.invoice import Invoice, InvoiceDraft, InvoiceKind, Party
from contracts_chain.invoicing.line import Item, Line
from contracts_chain.invoicing.refusals import (
    InvoiceContradictionError,
    InvoiceRejectedError,
    InvoiceUnreadableError,
)
from contracts_chain.invoicing.rules import check_draft
from contracts_chain.invoicing.tax import TaxMode
from contracts_chain.invoicing.xml import CONTRACT_LABEL, MODE_LABEL, write_invoice
from kernel.money import Fen, fen_from_yuan, yuan_capitals, yuan_text

__all__ = ["read_invoice"]

_GREATEST_BYTES = 1 << 20
_MODES = {mode.zh: mode for mode in TaxMode}


def read_invoice(content: bytes) -> Invoice:
    """Read an original and hold every figure against the others.

    Raises:
        InvoiceUnreadableError: Not XML, or not in the form this service writes.
        InvoiceContradictionError: Well formed, but two places that must agree do not.
    """
    root = _parsed(content)
    try:
        invoice = _invoice(root)
    except (ValueError, ArithmeticError) as problem:
        raise InvoiceUnreadableError(str(problem)) from problem
    _verify_doubled_places(root, invoice)
    _verify_rules(invoice)
    if write_invoice(invoice) != content:
        raise InvoiceUnreadableError("its bytes differ from the canonical form")
    return invoice


def _parsed(content: bytes) -> etree._Element:
    if len(content) > _GREATEST_BYTES:
        raise InvoiceUnreadableError(f"larger than {_GREATEST_BYTES} bytes")
    if b"<!DOCTYPE" in content:
        raise InvoiceUnreadableError("it brings a DTD")
    # A parser of one's own each time: lxml parsers keep state and are not for several threads.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="UTF-8"
    )
    try:
        root = etree.fromstring(content, parser)
        _schema().assertValid(root)
    except (etree.XMLSyntaxError, etree.DocumentInvalid, ValueError) as problem:
        raise InvoiceUnreadableError(str(problem)) from problem
    if any(not isinstance(node.tag, str) for node in root.iter()):
        raise InvoiceUnreadableError("it holds comments or processing instructions")
    return root


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((files(__package__) / "invoice.xsd").read_bytes()))


def _invoice(root: etree._Element) -> Invoice:
    number = _text(root, "Header/EIid")
    contract_number, mode = _additional(root)
    draft = InvoiceDraft(
        kind=InvoiceKind(_text(root, "Header/InherentLabel/GeneralOrSpecialVAT/LabelCode")),
        mode=mode,
        seller=_party(root, "EInvoiceData/SellerInformation/Seller"),
        buyer=_party(root, "EInvoiceData/BuyerInformation/Buyer"),
        lines=tuple(_lines(root)),
        contract_number=contract_number,
        drawer=_text(root, "EInvoiceData/BasicInformation/Drawer"),
    )
    issued = parse_beijing_seconds(_text(root, "TaxSupervisionInfo/IssueTime"))
    bare = Invoice(draft=draft, number=number, issued_utc=issued)
    return _with_remark(bare, _text(root, "EInvoiceData/AdditionalInformation/Remark"))


def _with_remark(bare: Invoice, remark: str) -> Invoice:
    """Give back the draft's own remark lines, after those that follow from the rest."""
    fixed, lines = bare.remark_lines, tuple(remark.split("\n"))
    if lines[: len(fixed)] != fixed:
        raise InvoiceContradictionError("Remark", expected=" / ".join(fixed), actual=" / ".join(lines))
    draft = bare.draft
    return Invoice(
        draft=InvoiceDraft(
            kind=draft.kind,
            mode=draft.mode,
            seller=draft.seller,
            buyer=draft.buyer,
            lines=draft.lines,
            contract_number=draft.contract_number,
            drawer=draft.drawer,
            remark=lines[len(fixed) :],
        ),
        number=bare.number,
        issued_utc=bare.issued_utc,
    )


def _additional(root: etree._Element) -> tuple[str, TaxMode]:
    pairs = {
        _text(each, "Information"): _text(each, "InformationValue")
        for each in root.findall("EInvoiceData/AdditionalInformation/Additional")
    }
    if set(pairs) != {CONTRACT_LABEL, MODE_LABEL} or pairs[MODE_LABEL] not in _MODES:
        raise InvoiceUnreadableError(f"it does not give {CONTRACT_LABEL} and {MODE_LABEL} once each")
    return pairs[CONTRACT_LABEL], _MODES[pairs[MODE_LABEL]]


def _party(root: etree._Element, side: str) -> Party:
    return Party(
        name=_text(root, f"{side}Name"),
        taxpayer_id=_text(root, f"{side}IdNum"),
        address=_text(root, f"{side}Addr"),
        telephone=_text(root, f"{side}TelNum"),
        bank_name=_text(root, f"{side}BankName"),
        bank_account=_text(root, f"{side}BankAccNum"),
    )


def _lines(root: etree._Element) -> Iterator[Line]:
    for row in root.findall("EInvoiceData/IssuItemInformation"):
        item = Item(
            name=_text(row, "ItemName"),
            classification_code=_text(row, "TaxClassificationCode"),
            rate=Decimal(_text(row, "TaxRate")),
            specification=_text(row, "SpecMod"),
            unit=_text(row, "MeaUnits"),
        )
        line = Line(
            item=item,
            quantity=_figure(row, "Quantity"),
            price=_figure(row, "UnPrice"),
            amount_fen=_fen(row, "Amount"),
            tax_fen=_fen(row, "ComTaxAm"),
        )
        _verify(row, "TotaltaxIncludedAmount", yuan_text(line.total_fen))
        yield line


def _verify_doubled_places(root: etree._Element, invoice: Invoice) -> None:
    draft = invoice.draft
    totals = "EInvoiceData/BasicInformation/Total"
    _verify(root, "TaxSupervisionInfo/InvoiceNumber", invoice.number)
    _verify(root, "EInvoiceData/BasicInformation/RequestTime", _text(root, "TaxSupervisionInfo/IssueTime"))
    _verify(root, f"{totals}AmWithoutTax", yuan_text(draft.amount_fen))
    _verify(root, f"{totals}TaxAm", yuan_text(draft.tax_fen))
    _verify(root, f"{totals}Tax-includedAmount", yuan_text(draft.total_fen))
    _verify(root, f"{totals}Tax-includedAmountInChinese", yuan_capitals(draft.total_fen))


def _verify_rules(invoice: Invoice) -> None:
    try:
        check_draft(invoice.draft)
    except InvoiceRejectedError as problem:
        first = problem.findings[0]
        raise InvoiceContradictionError(first.field, expected="a lawful value", actual=first.en) from problem


def _verify(place: etree._Element, path: str, expected: str) -> None:
    actual = _text(place, path)
    if actual != expected:
        raise InvoiceContradictionError(path, expected=expected, actual=actual)


def _text(place: etree._Element, path: str) -> str:
    """Text of the element; empty if it is absent. The schema has counted the elements already."""
    return place.findtext(path) or ""


def _figure(row: etree._Element, name: str) -> Decimal | None:
    text = _text(row, name)
    return Decimal(text) if text else None


def _fen(row: etree._Element, name: str) -> Fen:
    return fen_from_yuan(Decimal(_text(row, name)))
