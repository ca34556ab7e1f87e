"""The arithmetic of a VAT invoice, exact to the fen.

Decides how an amount is split into 金额 and 税额 in the two modes that the tax platform
allows. At 13 % the modes differ by one fen in 11.5 % of all totals and both are legal;
so the mode is stored with the invoice and recomputation is exact, not tolerant.

Never a float, and no ``Decimal`` division either: quotients are exact fractions until
the one rounding, half away from zero. Tolerances are the platform's (reference/invoices.md §2.3).
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from fractions import Fraction

from kernel.money import Fen

__all__ = [
    "INVOICE_TAX_TOLERANCE_FEN",
    "LINE_AMOUNT_TOLERANCE_FEN",
    "LINE_TAX_TOLERANCE_FEN",
    "PRICE_DECIMALS",
    "TaxMode",
    "amount_of",
    "derived_price",
    "exact_amount_fen",
    "exact_tax_fen",
    "tax_in_total",
    "tax_of",
    "tax_on_amount",
]

LINE_AMOUNT_TOLERANCE_FEN = 1
LINE_TAX_TOLERANCE_FEN = 6
INVOICE_TAX_TOLERANCE_FEN = 127
PRICE_DECIMALS = 10
_GREATEST_PRICE_DECIMALS = 13


class TaxMode(Enum):
    """Which figure is given and which is computed; stored with every invoice."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"

    @property
    def zh(self) -> str:
        """The word in the XML and on screens."""
        return {TaxMode.EXCLUSIVE: "不含税", TaxMode.INCLUSIVE: "含税"}[self]


def amount_of(quantity: Decimal, price: Decimal) -> Fen:
    """round2(quantity x price): the 金额 of a priced line.

    Args:
        quantity: In the line's unit, kWh as a rule.
        price: Yuan per unit, without tax.
    """
    return _rounded(exact_amount_fen(quantity, price))


def exact_amount_fen(quantity: Decimal, price: Decimal) -> Fraction:
    """Quantity x price in fen before rounding."""
    return Fraction(quantity) * Fraction(price) * 100


def exact_tax_fen(amount_fen: Fen, rate: Decimal) -> Fraction:
    """Amount x rate in fen before rounding."""
    return amount_fen * Fraction(rate)


def tax_on_amount(amount_fen: Fen, rate: Decimal) -> Fen:
    """Tax-exclusive mode: round2(amount x rate)."""
    return _rounded(exact_tax_fen(amount_fen, rate))


def tax_in_total(total_fen: Fen, rate: Decimal) -> Fen:
    """Tax-inclusive mode: round2(total / (1 + rate) x rate); the amount is what remains."""
    return _rounded(total_fen * Fraction(rate) / (1 + Fraction(rate)))


def tax_of(mode: TaxMode, amount_fen: Fen, tax_fen: Fen, rate: Decimal) -> Fen:
    """What the tax of a line must be, recomputed from the figure that ``mode`` takes as given."""
    if mode is TaxMode.EXCLUSIVE:
        return tax_on_amount(amount_fen, rate)
    return tax_in_total(Fen(amount_fen + tax_fen), rate)


def derived_price(quantity: Decimal, amount_fen: Fen) -> Decimal:
    """The average price whose product with the quantity gives the amount again.

    Ten decimals, as the grid company prints them, reproduce every amount below
    100 000 000 kWh; larger bills get as many more as they need, three at most.

    Args:
        quantity: Above zero.
        amount_fen: Without tax.

    Returns:
        Yuan per unit.
    """
    exact = Fraction(amount_fen) / 100 / Fraction(quantity)
    for decimals in range(PRICE_DECIMALS, _GREATEST_PRICE_DECIMALS + 1):
        price = Decimal(_rounded(exact * 10**decimals)).scaleb(-decimals)
        if amount_of(quantity, price) == amount_fen:
            break
    return price


def _rounded(exact: Fraction) -> Fen:
    doubled = abs(exact) * 2
    nearest = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return Fen(nearest if exact >= 0 else -nearest)
