"""Proves a trail that was proven a moment ago, without reading its old lines anew.

What a line says is a pure function of its bytes, so it is read once and remembered under those very
bytes. Everything between lines is proven every time: all lines are at hand, each hash is compared, a
changed, moved, added or missing line is refused as ``verify_trail`` refuses it. Must never remember that
a trail is sound, nor a line that was refused. Whoever answers to strangers (fsck, packages,
verification) calls ``verify_trail``, which remembers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from contracts_chain.evidence.trail import Trail, TrailLine, read_line, verify_chain

__all__ = ["LINES_KEPT", "LONGEST_KEPT", "verify_again"]

LINES_KEPT: Final = 8192
"""Some 80 agreements that are being read at the same time."""

LONGEST_KEPT: Final = 4096
"""Bytes of a line that is remembered; with ``LINES_KEPT`` this bounds the memory."""


def verify_again(lines: Sequence[bytes]) -> Trail:
    """Prove that lines form one unbroken trail, and return its events, as ``verify_trail`` does.

    Raises:
        MalformedEvidenceError: A line is not a canonical event.
        BrokenTrailError: Sequence, link or time order does not hold.
    """
    return verify_chain(_read(lines))


def _read(lines: Sequence[bytes]) -> Iterator[TrailLine]:
    for number, line in enumerate(lines, start=1):
        yield _remembered(line, number) if len(line) <= LONGEST_KEPT else read_line(line, number)


@lru_cache(maxsize=LINES_KEPT)
def _remembered(line: bytes, number: int) -> TrailLine:
    return read_line(line, number)
