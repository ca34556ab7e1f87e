from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.invoicing.line import (
    ELECTRICITY_SUPPLY,
    line_from_amount,
    line_from_price,
    line_from_total,
)
from contracts_chain.invoicing.tax import (
    LINE_TAX_TOLERANCE_FEN,
    TaxMode,
    amount_of,
    derived_price,
    exact_tax_fen,
    tax_in_total,
    tax_of,
    tax_on_amount,
)
from kernel.money import Fen

RATE = Decimal("0.13")
RATES = st.sampled_from([Decimal(rate) for rate in ("0.13", "0.09", "0.06", "0.03", "0.01", "0")])
FEN = st.integers(1, 10**13).map(Fen)


def test_the_grid_companys_own_sample_is_reproduced_to_the_fen() -> None:
    line = line_from_amount(ELECTRICITY_SUPPLY, quantity=Decimal(81705), amount_fen=Fen(5016145))
    assert (line.price, line.tax_fen, line.total_fen) == (Decimal("0.6139336638"), 652099, 5668244)
    assert amount_of(Decimal(81705), Decimal("0.6139336638")) == 5016145
    split = line_from_total(ELECTRICITY_SUPPLY, quantity=Decimal(81705), total_fen=Fen(5668244))
    assert (split.amount_fen, split.tax_fen) == (5016145, 652099)


def test_the_tax_bureaus_own_sample_is_reproduced_to_the_fen() -> None:
    assert tax_on_amount(Fen(1584158), Decimal("0.01")) == 15842
    assert tax_in_total(Fen(1600000), Decimal("0.01")) == 15842


def test_half_a_fen_is_rounded_away_from_zero_on_both_sides() -> None:
    assert tax_on_amount(Fen(50), RATE) == 7
    assert tax_on_amount(Fen(-50), RATE) == -7
    assert amount_of(Decimal("0.5"), Decimal("0.01")) == 1


def test_the_modes_differ_by_one_fen_in_1300_of_11300_totals() -> None:
    differing = 0
    for total in range(1, 11301):
        tax = tax_in_total(Fen(total), RATE)
        gap = abs(tax - tax_on_amount(Fen(total - tax), RATE))
        assert gap <= 1
        differing += gap
    assert differing == 1300


@given(amount=FEN, rate=RATES)
def test_tax_equals_half_up_rounding_of_the_decimal_product(amount: Fen, rate: Decimal) -> None:
    expected = (Decimal(amount) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert tax_on_amount(amount, rate) == int(expected)


@given(total=FEN, rate=RATES)
def test_an_inclusive_split_adds_up_and_is_recomputed_from_its_parts(total: Fen, rate: Decimal) -> None:
    tax = tax_in_total(total, rate)
    amount = Fen(total - tax)
    assert 0 <= tax <= total
    assert tax_of(TaxMode.INCLUSIVE, amount, tax, rate) == tax
    assert abs(exact_tax_fen(amount, rate) - tax) <= 1 < LINE_TAX_TOLERANCE_FEN


@given(amount=FEN, quantity=st.integers(1, 10**11 - 1).map(Decimal))
def test_quantity_times_the_derived_price_is_the_amount_again(amount: Fen, quantity: Decimal) -> None:
    assert amount_of(quantity, derived_price(quantity, amount)) == amount


@given(quantity=st.integers(1, 99_999_999).map(Decimal), amount=FEN)
def test_ten_decimals_suffice_below_a_hundred_million_units(quantity: Decimal, amount: Fen) -> None:
    exponent = derived_price(quantity, amount).as_tuple().exponent
    assert exponent == -10


@given(
    quantity=st.decimals(Decimal("0.001"), Decimal(10**9), places=3),
    price=st.decimals(Decimal("0.0001"), Decimal(100), places=10),
    rate=RATES,
)
def test_a_priced_line_carries_the_tax_of_its_rounded_amount(
    quantity: Decimal, price: Decimal, rate: Decimal
) -> None:
    from dataclasses import replace

    line = line_from_price(replace(ELECTRICITY_SUPPLY, rate=rate), quantity=quantity, price=price)
    assert line.amount_fen == amount_of(quantity, price)
    assert line.tax_fen == tax_of(TaxMode.EXCLUSIVE, line.amount_fen, line.tax_fen, rate)
    assert line.total_fen == line.amount_fen + line.tax_fen


@pytest.mark.parametrize("total", [1, 7, 8])
def test_tiny_totals_split_without_negative_parts(total: int) -> None:
    tax = tax_in_total(Fen(total), RATE)
    assert 0 <= tax < total
