"""Envelopes under a key-encryption key: what opens them, and what a rotation changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.key_encryption import (
    EnvelopeDamagedError,
    KeyEncryptionKey,
    OtherKeyEncryptionKeyError,
    SecretKeyWrap,
    is_envelope,
)

OLD = KeyEncryptionKey.of(bytes(range(32)))
NEW = KeyEncryptionKey.of(bytes(range(1, 33)))


@given(name=st.text(max_size=30), content=st.binary(max_size=200))
def test_what_was_sealed_comes_back_under_its_name(name: str, content: bytes) -> None:
    assert OLD.unseal(name, OLD.seal(name, content)) == content


@given(content=st.binary(min_size=1, max_size=80), data=st.data())
def test_an_envelope_with_one_flipped_bit_opens_nothing(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(OLD.seal("k", content))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((EnvelopeDamagedError, OtherKeyEncryptionKeyError)):
        OLD.unseal("k", bytes(sealed))


@given(content=st.binary(max_size=80), data=st.data())
def test_a_cut_envelope_is_damaged(content: bytes, data: st.DataObject) -> None:
    sealed = OLD.seal("k", content)
    with pytest.raises(EnvelopeDamagedError):
        OLD.unseal("k", sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_an_envelope_moved_to_another_name_opens_nothing() -> None:
    with pytest.raises(EnvelopeDamagedError):
        OLD.unseal("tsa.key", OLD.seal("root.key", b"secret"))


def test_another_key_is_refused_and_both_ids_are_told() -> None:
    with pytest.raises(OtherKeyEncryptionKeyError) as refusal:
        NEW.unseal("k", OLD.seal("k", b"secret"))
    assert (refusal.value.needed, refusal.value.given) == (OLD.key_id, NEW.key_id)


def test_the_same_content_is_never_sealed_to_the_same_bytes() -> None:
    assert OLD.seal("k", b"secret") != OLD.seal("k", b"secret")


def test_the_content_does_not_stand_in_the_envelope() -> None:
    assert b"a very secret sentence" not in OLD.seal("k", b"a very secret sentence")


@given(content=st.binary(max_size=80))
def test_a_rewrapped_envelope_opens_under_the_successor_only(content: bytes) -> None:
    moved = OLD.rewrapped("anywhere", OLD.seal("k", content), NEW)
    assert NEW.unseal("k", moved) == content
    with pytest.raises(OtherKeyEncryptionKeyError):
        OLD.unseal("k", moved)


def test_rewrapping_twice_changes_nothing_more() -> None:
    moved = OLD.rewrapped("k", OLD.seal("k", b"secret"), NEW)
    assert OLD.rewrapped("k", moved, NEW) == moved


def test_rewrapping_keeps_the_sealed_content_byte_for_byte() -> None:
    sealed = OLD.seal("k", b"secret")
    body = len(b"secret") + 16 + 12
    assert OLD.rewrapped("k", sealed, NEW)[-body:] == sealed[-body:]


def test_only_thirty_two_bytes_make_a_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKeyWrap(b"short")


def test_a_pem_file_is_no_envelope() -> None:
    assert not is_envelope(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
