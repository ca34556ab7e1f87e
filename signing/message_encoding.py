"""How a CMS message is written: in DER as here, or in BER as NSS and others write it (X.690 §8.1.3, §10.1).

Decides where the message at the head of a ``/Contents`` ends, whether its lengths are those of DER, and
what it reads in DER. BER gives one value many writings: lengths open at their end, lengths with needless
zeros, strings in pieces. All that is undone here, without any knowledge of what the values mean, so that
nothing further on ever sees BER. The order of a SET is left as it is (``signed_message`` asks for it).
Unsigned attributes stay as they are: they hold tokens of other authorities, in their own writing.

Never recursive without a bound, never slower than in proportion to the bytes: hostile files come here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MessageEncoding", "MessageEncodingError", "MessageTooLargeError", "read_encoding"]

DEEPEST = 48
"""Levels of values inside values; an honest message with a token inside has some 20."""
MOST_VALUES = 300_000
"""A signature may carry a long revocation list; reading this many takes under a second."""
END_OF_CONTENTS = b"\0\0"
CONSTRUCTED, LONG_TAG, OCTET_STRING = 0x20, 0x1F, 0x04
STRINGS = frozenset({0x23, *range(0x32, 0x37), 0x2C, *range(0x38, 0x3B), 0x3C, 0x3E})
"""Identifiers of other strings in pieces: allowed by X.690, written by nobody, not read here."""
UNSIGNED_ATTRIBUTES = b"\x30\xa0\x30\x31\x30\xa1"
"""Identifiers from the ContentInfo down to a SignerInfo's unsignedAttrs (RFC 5652 §5.3)."""


class MessageEncodingError(ValueError):
    """No BER value stands here, or one that ends beyond its frame."""


class MessageTooLargeError(ValueError):
    """More values or levels than are read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEncoding:
    """One message at the head of some bytes.

    Attributes:
        length: Bytes the message takes as it is written.
        der: The same message with the lengths and strings of DER.
        strict: It was written that way.
    """

    length: int
    der: bytes
    strict: bool


def read_encoding(contents: bytes) -> MessageEncoding:
    """Read the message at the head of a ``/Contents``; whatever stands behind it is the caller's question.

    Raises:
        MessageEncodingError: It is no BER.
        MessageTooLargeError: It is beyond the limits.
    """
    reading = _Reading(contents)
    der, length = reading.value(0, len(contents), b"")
    return MessageEncoding(length=length, der=der, strict=der == contents[:length])


class _Reading:
    """One pass over one message; counts the values it has seen."""

    __slots__ = ("_bytes", "_seen")

    def __init__(self, encoded: bytes) -> None:
        self._bytes = encoded
        self._seen = 0

    def value(self, place: int, frame: int, path: bytes) -> tuple[bytes, int]:
        """The value at ``place`` in DER, and where it ends, not beyond ``frame``; ``path`` leads to it."""
        self._count(path)
        identifier, place = self._identifier(place, frame)
        length, place = self._length(place, frame)
        path += identifier[:1]
        if length is not None:
            if place + length > frame:
                raise MessageEncodingError("a value ends beyond its frame")
            frame = place + length
            if not identifier[0] & CONSTRUCTED or path == UNSIGNED_ATTRIBUTES:
                return _framed(identifier, self._bytes[place:frame]), frame
        elif not identifier[0] & CONSTRUCTED:
            raise MessageEncodingError("a value without parts has an open end")
        parts, place = self._parts(place, frame, path, is_open=length is None)
        return _joined(identifier, parts), place

    def _parts(self, place: int, frame: int, path: bytes, *, is_open: bool) -> tuple[list[bytes], int]:
        parts: list[bytes] = []
        while place < frame:
            if self._bytes.startswith(END_OF_CONTENTS, place, frame):
                if is_open:
                    return parts, place + len(END_OF_CONTENTS)
                raise MessageEncodingError("the mark of an end where none is due")
            part, place = self.value(place, frame, path)
            parts.append(part)
        if is_open:
            raise MessageEncodingError("an open value never ends")
        return parts, place

    def _count(self, path: bytes) -> None:
        self._seen += 1
        if self._seen > MOST_VALUES or len(path) >= DEEPEST:
            raise MessageTooLargeError("the message has too many values or levels")

    def _identifier(self, place: int, frame: int) -> tuple[bytes, int]:
        if place >= frame:
            raise MessageEncodingError("no value where one is due")
        end = place + 1
        if self._bytes[place] & LONG_TAG == LONG_TAG:
            while end < frame and self._bytes[end] & 0x80:
                end += 1
            end += 1
        if end >= frame:
            raise MessageEncodingError("a value without a length")
        return self._bytes[place:end], end

    def _length(self, place: int, frame: int) -> tuple[int | None, int]:
        """The number of bytes, ``None`` for an open end, and where the contents begin."""
        first = self._bytes[place]
        if first < 0x80:
            return first, place + 1
        if first == 0x80:
            return None, place + 1
        end = place + 1 + (first & 0x7F)
        if first == 0xFF or end > frame:
            raise MessageEncodingError("a length that is none")
        return int.from_bytes(self._bytes[place + 1 : end]), end


def _joined(identifier: bytes, parts: list[bytes]) -> bytes:
    """A value of these parts; a string in pieces becomes one (X.690 §8.7.3.2, §10.2)."""
    if identifier[0] in STRINGS:
        raise MessageEncodingError("a string in pieces")
    if identifier[0] != OCTET_STRING | CONSTRUCTED:
        return _framed(identifier, b"".join(parts))
    if any(part[0] != OCTET_STRING for part in parts):
        raise MessageEncodingError("a string of pieces that are no strings")
    return _framed(bytes([OCTET_STRING]), b"".join(_content(part) for part in parts))


def _content(part: bytes) -> bytes:
    return part[2 + (part[1] & 0x7F) :] if part[1] & 0x80 else part[2:]


def _framed(identifier: bytes, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return identifier + bytes([size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8)
    return identifier + bytes([0x80 | len(digits)]) + digits + content
