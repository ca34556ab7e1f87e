"""One line of an invoice, and the three ways a bill becomes one.

A line made here satisfies the arithmetic of ``tax`` by construction. A negative amount
is a discount row (折扣行): it follows the row it reduces and has neither quantity nor
price (reference/invoices.md §1.2, §2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from contracts_chain.invoicing.tax import amount_of, derived_price, tax_in_total, tax_on_amount
from kernel.money import Fen

__all__ = [
    "ELECTRICITY_SUPPLY",
    "Item",
    "Line",
    "discount_of",
    "line_from_amount",
    "line_from_price",
    "line_from_total",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is sold: the entries of a line that are not figures.

    Attributes:
        name: ``*简称*名称``, the short name belonging to the classification code.
        classification_code: 税收分类编码, 19 digits, from the bureau's table, which is data and changes.
        rate: Tax rate as a fraction, 0.13.
        specification: 规格型号; empty if none.
        unit: 单位; empty if none.
    """

    name: str
    classification_code: str
    rate: Decimal
    specification: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row. Quantity and price are both present or both absent.

    Attributes:
        item: What is sold.
        quantity: In the item's unit.
        price: Yuan per unit without tax.
        amount_fen: 金额, without tax; negative in a discount row.
        tax_fen: 税额.
    """

    item: Item
    quantity: Decimal | None
    price: Decimal | None
    amount_fen: Fen
    tax_fen: Fen

    @property
    def total_fen(self) -> Fen:
        """Amount and tax."""
        return Fen(self.amount_fen + self.tax_fen)

    @property
    def is_discount(self) -> bool:
        """Whether the row reduces the one before it."""
        return self.amount_fen < 0


ELECTRICITY_SUPPLY = Item(
    name="*供电*电费",
    classification_code="1100101020200000000",
    rate=Decimal("0.13"),
    unit="千瓦时",
)


def line_from_price(item: Item, *, quantity: Decimal, price: Decimal) -> Line:
    """Tax-exclusive mode: amount = round2(quantity x price), tax = round2(amount x rate)."""
    amount = amount_of(quantity, price)
    return Line(
        item=item, quantity=quantity, price=price, amount_fen=amount, tax_fen=tax_on_amount(amount, item.rate)
    )


def line_from_amount(item: Item, *, quantity: Decimal | None, amount_fen: Fen) -> Line:
    """Tax-exclusive mode with a bill's sum: the price is the derived average."""
    return Line(
        item=item,
        quantity=quantity,
        price=None if quantity is None else derived_price(quantity, amount_fen),
        amount_fen=amount_fen,
        tax_fen=tax_on_amount(amount_fen, item.rate),
    )


def line_from_total(item: Item, *, quantity: Decimal | None, total_fen: Fen) -> Line:
    """Tax-inclusive mode: the customer's sum is given, tax and amount are split from it."""
    tax = tax_in_total(total_fen, item.rate)
    amount = Fen(total_fen - tax)
    return Line(
        item=item,
        quantity=quantity,
        price=None if quantity is None else derived_price(quantity, amount),
        amount_fen=amount,
        tax_fen=tax,
    )


def discount_of(parent: Line, *, amount_fen: Fen) -> Line:
    """The row that reduces ``parent`` by a positive amount without tax, e.g. a 力调 reward."""
    reduction = Fen(-abs(amount_fen))
    return Line(
        item=parent.item,
        quantity=None,
        price=None,
        amount_fen=reduction,
        tax_fen=tax_on_amount(reduction, parent.item.rate),
    )
