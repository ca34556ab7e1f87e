"""How a value of the terms is written in a contract: with its unit, never blank.

``None`` and empty lists become 无; codes become their Chinese word; days are written
in full; decimals without idle zeros.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.agreements.terms.label import Label
from contracts_chain.agreements.typed_json import decimal_text, label_of

__all__ = ["day_text", "field_text", "heading_of", "value_text"]

_NOTHING = "无"


def day_text(day: date) -> str:
    """``2026年11月20日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def value_text(value: object, unit: str = "") -> str:
    """One value as printed; a Latin unit is set off by a space, a Chinese one is not.

    Raises:
        TypeError: A value that has no one-line form, such as a nested structure.
    """
    if value is None or value == ():
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Coded):
        return value.zh
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, tuple):
        return "；".join(value_text(item) for item in value)
    if isinstance(value, Decimal | int | str):
        text = decimal_text(value) if isinstance(value, Decimal) else str(value)
        gap = " " if unit[:1].isascii() and unit not in {"", "%"} else ""
        return f"{text}{gap}{unit}" if unit else text
    raise TypeError(f"{type(value).__name__} has no one-line form")


def field_text(owner: object, name: str) -> str:
    """The field of a dataclass as printed, with the unit of its label."""
    return value_text(getattr(owner, name), label_of(type(owner), name).unit)


def heading_of(kind: type[object], name: str) -> str:
    """A column head: label, and the unit in brackets."""
    label: Label = label_of(kind, name)
    return f"{label.zh}（{label.unit}）" if label.unit else label.zh
