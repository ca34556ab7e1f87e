"""Whatever way BER writes a message, one DER is read from it; what is neither is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.message_encoding import MessageEncodingError, MessageTooLargeError, read_encoding

PLAIN = (0x02, 0x04, 0x06, 0x0C, 0x80, 0x82)
COMPOUND = (0x30, 0x31, 0xA0, 0xA1)
LONG_TAG = b"\xbf\x87\x65"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One value twice: in DER, and in some BER."""

    der: bytes
    ber: bytes


def tlv(identifier: bytes, content: bytes, *, spare: int | None = 0) -> bytes:
    """``spare`` needless zeros in the length; ``None`` for the shortest form."""
    size = len(content)
    if spare is None and size < 0x80:
        return identifier + bytes([size]) + content
    digits = size.to_bytes(max(1, (size.bit_length() + 7) // 8) + (spare or 0))
    return identifier + bytes([0x80 | len(digits)]) + digits + content


def opened(identifier: bytes, content: bytes) -> bytes:
    return identifier + b"\x80" + content + b"\0\0"


SPARE = st.none() | st.integers(0, 3)


@st.composite
def plain(draw: st.DrawFn) -> Written:
    identifier, content = bytes([draw(st.sampled_from(PLAIN))]), draw(st.binary(max_size=200))
    der = tlv(identifier, content, spare=None)
    if identifier != b"\x04" or draw(st.booleans()):
        return Written(der=der, ber=tlv(identifier, content, spare=draw(SPARE)))
    cut = draw(st.integers(0, len(content)))
    pieces = tlv(b"\x04", content[:cut], spare=draw(SPARE)) + tlv(b"\x04", content[cut:], spare=draw(SPARE))
    return Written(der=der, ber=opened(b"\x24", pieces))


def compound(parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    @st.composite
    def made(draw: st.DrawFn) -> Written:
        identifier = draw(st.sampled_from([*(bytes([one]) for one in COMPOUND), LONG_TAG]))
        inside = draw(st.lists(parts, max_size=4))
        ber = b"".join(one.ber for one in inside)
        der = tlv(identifier, b"".join(one.der for one in inside), spare=None)
        if draw(st.booleans()):
            return Written(der=der, ber=opened(identifier, ber))
        return Written(der=der, ber=tlv(identifier, ber, spare=draw(SPARE)))

    return made()


VALUES = st.recursive(plain(), compound, max_leaves=20)


@given(value=VALUES, behind=st.binary(max_size=20))
def test_every_writing_of_a_value_is_read_as_its_der(value: Written, behind: bytes) -> None:
    read = read_encoding(value.ber + behind)
    assert (read.der, read.length) == (value.der, len(value.ber))
    assert read.strict == (value.ber == value.der)


@given(value=VALUES, data=st.data())
def test_a_value_cut_short_is_refused(value: Written, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(value.ber) - 1))
    with pytest.raises(MessageEncodingError):
        read_encoding(value.ber[:length])


@given(encoded=st.binary(max_size=300))
def test_any_other_bytes_are_read_or_refused_with_a_word(encoded: bytes) -> None:
    try:
        read = read_encoding(encoded)
    except (MessageEncodingError, MessageTooLargeError):
        return
    assert read_encoding(read.der).strict
    assert read.length <= len(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x04\x80\x00\x00",  # open, and yet without parts
        b"\x30\x02\x00\x00",  # the mark of an end in a closed value
        b"\x30\x80\x02\x01\x05",  # open to the end of the file
        b"\x30\xff" + b"\0" * 200,  # reserved by X.690 §8.1.3.5
        b"\x30\x03\x02\x02\x05",  # a part that leaves its frame
        b"\x24\x80\x02\x01\x05\x00\x00",  # a string whose piece is a number
        b"\x2c\x80\x0c\x01a\x00\x00",  # text in pieces
        b"",
        b"\x30",
        b"\x1f\x81",
    ],
)
def test_what_is_no_value_is_refused(encoded: bytes) -> None:
    with pytest.raises(MessageEncodingError):
        read_encoding(encoded)


def test_values_too_deep_or_too_many_are_beyond_the_limits() -> None:
    with pytest.raises(MessageTooLargeError):
        read_encoding(b"\x30\x80" * 100_000)
    with pytest.raises(MessageTooLargeError):
        read_encoding(b"\x30\x80" + b"\x05\x00" * 300_001 + b"\0\0")


def test_unsigned_attributes_stay_as_they_are() -> None:
    """Tokens of other authorities stand there; their bytes are theirs."""
    token = opened(b"\x30", tlv(b"\x02", b"\x05"))
    inner = b"\x30", tlv(b"\xa1", token, spare=None)
    message = inner[1]
    for identifier in (b"\x30", b"\x31", b"\x30", b"\xa0", b"\x30"):
        message = tlv(identifier, message, spare=None)
    assert read_encoding(message).der == message
    assert read_encoding(message).strict
