"""Time: aware UTC inside, Beijing time towards people, one reading per operation.

The clock is injected. Nothing in the domain calls ``datetime.now``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

__all__ = ["BEIJING", "Clock", "FixedClock", "SystemClock", "beijing_text", "parse_utc", "utc_text"]

BEIJING = timezone(timedelta(hours=8), "UTC+8")


class Clock(Protocol):
    """Something that knows the present moment."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock for tests and reproducible runs: always the same moment until moved."""

    def __init__(self, moment: datetime) -> None:
        """Take an aware moment."""
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """The fixed moment."""
        return self._moment

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._moment += by


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds: ``2026-11-20T07:32:05Z``.

    Raises:
        ValueError: The moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place in evidence")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """Read what ``utc_text`` writes, and no other way to write it: one moment, one text.

    Raises:
        ValueError: Another form.
    """
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if utc_text(moment) != text:  # strptime forgives missing zeros, small letters and foreign digits
        raise ValueError(f"{text!r} is not written as {utc_text(moment)}")
    return moment


def beijing_text(moment: datetime, *, seconds: bool = False) -> str:
    """``2026年11月20日 15:32``, with seconds where it is evidence (WEB.md §2)."""
    local = moment.astimezone(BEIJING)
    day = f"{local.year}年{local.month}月{local.day}日"
    return f"{day} {local:%H:%M:%S}" if seconds else f"{day} {local:%H:%M}"
