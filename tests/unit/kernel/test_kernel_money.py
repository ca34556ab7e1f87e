"""RMB capitals and exact money (reference/invoices.md §3)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Fen, fen_from_yuan, yuan_capitals, yuan_grouped, yuan_text

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "money" / "capitals.json").read_text("utf-8"))
DIGITS = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(words: str) -> int:
    """An independent reader: fen of a capitals string."""
    sign = -1 if words.startswith("（负数）") else 1
    yuan, _, rest = words.removeprefix("（负数）").rpartition("圆")
    total, group, digit = 0, 0, 0
    for character in yuan:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in UNITS:
            group += digit * UNITS[character]
            digit = 0
        elif character == "万":
            total += (group + digit) * 10_000
            group = digit = 0
        elif character == "亿":
            total = (total + group + digit) * 100_000_000
            group = digit = 0
    fen = (total + group + digit) * 100
    digit = 0
    for character in rest:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character == "角":
            fen += digit * 10
        elif character == "分":
            fen += digit
    return sign * fen


@pytest.mark.parametrize(("yuan", "words"), VECTORS["capitals"])
def test_capitals_are_written_as_the_tax_bureau_writes_them(yuan: str, words: str) -> None:
    assert yuan_capitals(fen_from_yuan(Decimal(yuan))) == words


@given(st.integers(-(10**12), 10**12))
def test_capitals_can_be_read_back(fen: int) -> None:
    assert read_capitals(yuan_capitals(Fen(fen))) == fen


@given(st.integers(0, 10**14))
def test_capitals_never_hold_two_zeros_in_a_row(fen: int) -> None:
    assert "零零" not in yuan_capitals(Fen(fen))


@given(st.integers(-(10**12), 10**12))
def test_the_plain_text_is_the_same_amount(fen: int) -> None:
    assert fen_from_yuan(Decimal(yuan_text(Fen(fen)))) == fen
    assert yuan_grouped(Fen(fen)).replace(",", "") == yuan_text(Fen(fen))


def test_half_a_fen_is_rounded_up() -> None:
    assert fen_from_yuan(Decimal("0.005")) == 1
    assert fen_from_yuan(Decimal("6520.9885")) == 652099


def test_an_amount_no_bill_reaches_is_refused() -> None:
    with pytest.raises(ValueError, match="range"):
        yuan_capitals(Fen(10**18))
