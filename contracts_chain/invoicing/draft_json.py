"""The draft as canonical JSON: what the intent row keeps before the tax platform is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from contracts_chain.invoicing.figures import decimal_text
from contracts_chain.invoicing.invoice import InvoiceDraft, InvoiceKind, Party
from contracts_chain.invoicing.line import Item, Line
from contracts_chain.invoicing.refusals import InvoiceUnreadableError
from contracts_chain.invoicing.tax import TaxMode
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from kernel.money import Fen

__all__ = ["draft_bytes", "read_draft"]


def draft_bytes(draft: InvoiceDraft) -> bytes:
    """Encode by RFC 8785; money in fen, prices, quantities and rates as decimal text."""
    return canonical_bytes(
        {
            "schema": 1,
            "kind": draft.kind.value,
            "mode": draft.mode.value,
            "seller": _party_json(draft.seller),
            "buyer": _party_json(draft.buyer),
            "lines": [_line_json(line) for line in draft.lines],
            "contract_number": draft.contract_number,
            "drawer": draft.drawer,
            "remark": list(draft.remark),
        }
    )


def read_draft(content: bytes) -> InvoiceDraft:
    """Read what ``draft_bytes`` writes; rules are not checked again.

    Raises:
        InvoiceUnreadableError: Another form.
    """
    try:
        draft = _draft(_object(parse_json(content)))
    except (ValueError, KeyError, TypeError, InvalidOperation) as problem:
        raise InvoiceUnreadableError(str(problem)) from problem
    if draft_bytes(draft) != content:
        raise InvoiceUnreadableError("not the canonical form of an invoice draft")
    return draft


def _draft(read: JsonObject) -> InvoiceDraft:
    return InvoiceDraft(
        kind=InvoiceKind(read["kind"]),
        mode=TaxMode(read["mode"]),
        seller=_party(_object(read["seller"])),
        buyer=_party(_object(read["buyer"])),
        lines=tuple(_line(_object(line)) for line in _array(read["lines"])),
        contract_number=_string(read["contract_number"]),
        drawer=_string(read["drawer"]),
        remark=tuple(_string(line) for line in _array(read["remark"])),
    )


def _party_json(party: Party) -> JsonObject:
    return {
        "name": party.name,
        "taxpayer_id": party.taxpayer_id,
        "address": party.address,
        "telephone": party.telephone,
        "bank_name": party.bank_name,
        "bank_account": party.bank_account,
    }


def _party(read: JsonObject) -> Party:
    return Party(**{name: _string(value) for name, value in read.items()})


def _line_json(line: Line) -> JsonObject:
    return {
        "name": line.item.name,
        "classification_code": line.item.classification_code,
        "rate": decimal_text(line.item.rate),
        "specification": line.item.specification,
        "unit": line.item.unit,
        "quantity": None if line.quantity is None else decimal_text(line.quantity),
        "price": None if line.price is None else decimal_text(line.price),
        "amount_fen": line.amount_fen,
        "tax_fen": line.tax_fen,
    }


def _line(read: JsonObject) -> Line:
    item = Item(
        name=_string(read["name"]),
        classification_code=_string(read["classification_code"]),
        rate=Decimal(_string(read["rate"])),
        specification=_string(read["specification"]),
        unit=_string(read["unit"]),
    )
    quantity, price = read["quantity"], read["price"]
    return Line(
        item=item,
        quantity=None if quantity is None else Decimal(_string(quantity)),
        price=None if price is None else Decimal(_string(price)),
        amount_fen=_fen(read["amount_fen"]),
        tax_fen=_fen(read["tax_fen"]),
    )


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("an object is missing")
    return value


def _array(value: JsonValue) -> Sequence[JsonValue]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError("an array is missing")
    return value


def _string(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is missing")
    return value


def _fen(value: JsonValue) -> Fen:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("an amount in fen is missing")
    return Fen(value)
