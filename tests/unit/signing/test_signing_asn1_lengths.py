"""The misreading of lengths that end in 0x80, and that its mending changes no byte."""

from __future__ import annotations

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

import signing  # noqa: F401 - importing the room mends the library
from signing.asn1_lengths import is_indefinite


class Counting(core.OctetString):
    """Remembers whether anyone forced it to encode itself anew."""

    forced = 0

    def dump(self, force: bool = False) -> bytes:
        Counting.forced += force
        return bytes(super().dump(force))


class Pair(core.Sequence):
    _fields = [("body", Counting)]  # noqa: RUF012 - the form asn1crypto reads


@given(st.integers(0, 70_000))
def test_a_definite_length_is_never_taken_for_an_indefinite_one(length: int) -> None:
    value = core.OctetString(b"x" * length)
    encoded = value.dump()
    assert not is_indefinite(encoded[: len(encoded) - length])


@pytest.mark.parametrize("header", ["3080", "2480", "bf8a4080"])
def test_the_indefinite_form_is_recognised(header: str) -> None:
    assert is_indefinite(bytes.fromhex(header))


def test_a_structure_whose_length_ends_in_0x80_is_not_encoded_anew() -> None:
    pair = Pair({"body": b"x" * (0x180 - 4)})
    once = pair.dump()
    assert once[:4].hex() == "30820180"
    outer = core.SequenceOf([pair], spec=Pair)
    Counting.forced = 0
    assert outer.dump().endswith(once)
    assert pair.dump() == once
    assert Counting.forced == 0


def test_a_real_indefinite_encoding_still_becomes_der() -> None:
    value = core.SequenceOf.load(bytes.fromhex("30800401780000"), spec=core.OctetString)
    assert value.dump(force=True).hex() == "3003040178"
