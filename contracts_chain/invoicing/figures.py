"""How figures and times are written in XML, JSON and on faces: one text for one value."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from kernel.clock import BEIJING

__all__ = ["beijing_seconds", "decimal_text", "parse_beijing_seconds", "percent_text"]

_SECONDS = "%Y-%m-%d %H:%M:%S"


def decimal_text(value: Decimal) -> str:
    """Plain digits without exponent and without trailing zeros: ``0.6139336638``, ``81705``."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def percent_text(rate: Decimal) -> str:
    """``13%`` for 0.13."""
    return f"{decimal_text(rate * 100)}%"


def beijing_seconds(moment: datetime) -> str:
    """``2026-11-20 15:32:05``, as the tax system writes times."""
    return moment.astimezone(BEIJING).strftime(_SECONDS)


def parse_beijing_seconds(text: str) -> datetime:
    """Read what ``beijing_seconds`` writes, as UTC.

    Raises:
        ValueError: Another form.
    """
    return datetime.strptime(text, _SECONDS).replace(tzinfo=BEIJING).astimezone(UTC)
