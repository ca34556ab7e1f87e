"""Where the newest document timestamp of a PDF lies, so that a person can cut it out by hand.

Decides nothing of its worth: that is ``signing.inspection``. Works on the bytes alone
(ISO 32000-2 12.8.1: two ranges around one hexadecimal ``/Contents``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["TimestampPlace", "find_last_timestamp"]

_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_TIMESTAMP = b"/ETSI.RFC3161"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampPlace:
    """Offsets from 0, in bytes.

    Attributes:
        before: Length of the first covered range, which begins at 0.
        resume: Start of the second.
        after: Its length.
        token_start: First hexadecimal digit of the token.
        token_digits: Its digits, without the zeros that fill the place.
    """

    before: int
    resume: int
    after: int
    token_start: int
    token_digits: int


def find_last_timestamp(pdf: bytes) -> TimestampPlace | None:
    """The document timestamp that covers most of the file, if there is one."""
    found = [match for match in _RANGE.finditer(pdf) if _is_timestamp(pdf, match)]
    if not found:
        return None
    before, resume, after = max((tuple(map(int, match.groups())) for match in found), key=lambda at: at[1])
    return TimestampPlace(
        before=before,
        resume=resume,
        after=after,
        token_start=before + 1,
        token_digits=2 * _der_length(bytes.fromhex(pdf[before + 1 : before + 1 + 40].decode("ascii"))),
    )


def _is_timestamp(pdf: bytes, match: re.Match[bytes]) -> bool:
    """Whether the dictionary around the range is a timestamp's; its own object only."""
    start, end = pdf.rfind(b" obj", 0, match.start()), pdf.find(b"endobj", match.end())
    return _TIMESTAMP in pdf[start:end]


def _der_length(head: bytes) -> int:
    """Length of the DER value that begins here, tag and length bytes included."""
    if head[1] < 0x80:
        return 2 + head[1]
    octets = head[1] & 0x7F
    return 2 + octets + int.from_bytes(head[2 : 2 + octets])
