"""Mends one misreading in asn1crypto 1.5: a length that ends in 0x80 is not an indefinite length.

The library's ``dump`` methods take any cached header whose last byte is 0x80 for the indefinite
form of X.690 §8.1.3.6 and encode everything below it anew, several times a level (its issue
249). That meets one structure in 256, ``30 82 01 80`` for one, and a CMS message around a
timestamp token then takes ten seconds instead of ten milliseconds. The bytes are the same either way.
The indefinite form is the identifier octets followed by 0x80 and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from asn1crypto import core

__all__ = ["is_indefinite", "mend_length_reading"]

Dump: TypeAlias = Callable[[core.Asn1Value, bool], bytes]

_LONG_TAG = 0x1F
_MISREADING = (core.Asn1Value, core.Primitive, core.Sequence, core.SequenceOf)
"""``Choice`` reads its cached header the same way, but never stands above more than a name."""


def is_indefinite(header: bytes) -> bool:
    """Whether identifier and length octets announce an indefinite length (X.690 §8.1.2, §8.1.3)."""
    end = 1
    if header[:1] and header[0] & _LONG_TAG == _LONG_TAG:
        while end < len(header) and header[end] & 0x80:
            end += 1
        end += 1
    return header[end:] == b"\x80"


def mend_length_reading() -> None:
    """Mend the library's methods once per process; called when this room is imported."""
    for kind in _MISREADING:
        unmended = kind.__dict__.get("dump")
        if unmended is not None and not getattr(unmended, "mended", False):
            kind.dump = _mended(unmended)


def _mended(unmended: Dump) -> Dump:
    def dump(self: core.Asn1Value, force: bool = False) -> bytes:
        header = self._header
        if not force and header is not None and header[-1:] == b"\x80" and not is_indefinite(header):
            contents = self.contents  # drops the cached header if anything below was changed
            if self._header is not None:
                return bytes(self._header + contents + self._trailer)
        return unmended(self, force)

    dump.mended = True  # type: ignore[attr-defined]  # a mark on our own function
    return dump
