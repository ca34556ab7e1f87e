"""Money as integer fen; prices and rates as ``Decimal``; capitals as the tax bureau writes them.

Rules of 大写: 支付结算办法 annex and the vectors of reference/invoices.md §3. Groups of
four digits; one 零 for a run of inner zeros; 圆, not 元; 整 unless fen are written.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

__all__ = ["Fen", "fen_from_yuan", "yuan_capitals", "yuan_grouped", "yuan_text"]

Fen = NewType("Fen", int)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL_UNITS = ("", "拾", "佰", "仟")
_GROUP_UNITS = ("", "万", "亿", "万亿")
_GREATEST_FEN = 10**16 * 100 - 1


def fen_from_yuan(yuan: Decimal) -> Fen:
    """Round half up to whole fen."""
    return Fen(int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def yuan_text(fen: Fen) -> str:
    """Two decimals, no grouping: ``50161.45``, ``-0.05``."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}"


def yuan_grouped(fen: Fen) -> str:
    """Two decimals with thousands separators, for people: ``50,161.45``."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"


def yuan_capitals(fen: Fen) -> str:
    """RMB capitals: ``伍万陆仟陆佰捌拾贰圆肆角肆分``; red amounts begin with ``（负数）``.

    Raises:
        ValueError: 10**16 yuan or more; no bill is.
    """
    if abs(fen) > _GREATEST_FEN:
        raise ValueError("amount beyond the capitals' range")
    yuan, rest = divmod(abs(fen), 100)
    jiao, last = divmod(rest, 10)
    words = f"{_integer_capitals(yuan)}圆" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif last and yuan:
        words += "零"
    words += f"{_DIGITS[last]}分" if last else "整"
    if not (yuan or rest):
        words = "零圆整"
    return f"（负数）{words}" if fen < 0 else words


def _integer_capitals(yuan: int) -> str:
    groups: list[int] = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_capitals(group) + _GROUP_UNITS[index]
        gap = False
    return words


def _group_capitals(group: int) -> str:
    words, gap = "", False
    for index, digit in enumerate(reversed(f"{group}")):
        if digit == "0":
            gap = bool(words)
            continue
        words = f"{_DIGITS[int(digit)]}{_SMALL_UNITS[index]}" + ("零" if gap else "") + words
        gap = False
    return words
