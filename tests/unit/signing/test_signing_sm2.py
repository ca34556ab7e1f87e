"""SM2 by libcrypto: against the standard's own example, against GmSSL, and under any misuse."""

from __future__ import annotations

import threading
from pathlib import Path

import gmssl_pyx
import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.digests import sm3
from signing import sm2_libcrypto
from signing.key_encryption import EnvelopeDamagedError, KeyEncryptionKey, OtherKeyEncryptionKeyError
from signing.sm2_key import DigestForm, Sm2Key, digest_form, z_value
from signing.sm2_libcrypto import (
    DEFAULT_ID,
    Sm2ForgedError,
    Sm2KeyUnreadableError,
    Sm2PrivateKey,
    Sm2PublicKey,
    Sm2UnavailableError,
)
from signing.software_key import KeyDestroyedError, UnreadableKeyError

_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_EXAMPLE_PUBLIC = _HEAD + bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
_EXAMPLE_Z = "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
_EXAMPLE_E = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
_EXAMPLE_R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
_EXAMPLE_S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
"""GB/T 32918.5-2017 annex A.2: message ``message digest``, default ID."""
_KEY = Sm2PrivateKey.generate()
_PUBLIC = Sm2PublicKey(_KEY.public_der())
_MESSAGES = st.binary(max_size=300)
_IDS = st.binary(min_size=1, max_size=60)


class _Pair(core.Sequence):  # type: ignore[misc]
    _fields = [("r", core.Integer), ("s", core.Integer)]  # noqa: RUF012


def _private_number(key: Sm2PrivateKey) -> bytes:
    der = key.private_der()
    return der[der.index(b"\x02\x01\x01\x04\x20") + 5 :][:32]


def test_the_standards_example_verifies_and_its_z_and_e_are_ours() -> None:
    signature = _Pair({"r": _EXAMPLE_R, "s": _EXAMPLE_S}).dump()
    Sm2PublicKey(_EXAMPLE_PUBLIC).verify(b"message digest", signature)
    Sm2PublicKey(_EXAMPLE_PUBLIC).verify_digest(bytes.fromhex(_EXAMPLE_E), signature)
    assert z_value(_EXAMPLE_PUBLIC).hex().upper() == _EXAMPLE_Z
    assert sm3(z_value(_EXAMPLE_PUBLIC) + b"message digest").hex().upper() == _EXAMPLE_E


@given(_MESSAGES, _IDS)
@settings(max_examples=40, deadline=None)
def test_gmssl_accepts_what_we_sign_under_any_id(message: bytes, signer_id: bytes) -> None:
    signature = _KEY.sign(message, signer_id)
    assert gmssl_pyx.sm2_verify(_PUBLIC.der[-64:], message, signature, signer_id=signer_id)


@given(_MESSAGES, _IDS)
@settings(max_examples=20, deadline=None)
def test_we_accept_what_gmssl_signs_under_any_id(message: bytes, signer_id: bytes) -> None:
    signature = gmssl_pyx.sm2_sign(_private_number(_KEY), _PUBLIC.der[-64:], message, signer_id=signer_id)
    _PUBLIC.verify(message, signature, signer_id)


@given(_MESSAGES, st.integers(0, 72 * 8 - 1))
@settings(max_examples=60, deadline=None)
def test_a_signature_with_any_flipped_bit_is_refuted(message: bytes, drawn: int) -> None:
    signature = bytearray(_KEY.sign(message))
    bit = drawn % (len(signature) * 8)
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Sm2ForgedError):
        _PUBLIC.verify(message, bytes(signature))


@given(_MESSAGES)
@settings(max_examples=20, deadline=None)
def test_a_signature_holds_for_its_message_id_and_key_only(message: bytes) -> None:
    signature = _KEY.sign(message)
    _PUBLIC.verify(message, signature)
    other = Sm2PublicKey(Sm2PrivateKey.generate().public_der())
    for work in (
        lambda: _PUBLIC.verify(message + b"x", signature),
        lambda: _PUBLIC.verify(message, signature, b"another"),
        lambda: other.verify(message, signature),
    ):
        with pytest.raises(Sm2ForgedError):
            work()


def test_a_digest_is_signed_as_it_is_and_only_if_it_has_32_bytes() -> None:
    digest = sm3(b"content")
    _PUBLIC.verify_digest(digest, _KEY.sign_digest(digest))
    with pytest.raises(Sm2ForgedError):
        _PUBLIC.verify(b"content", _KEY.sign_digest(digest))
    with pytest.raises(ValueError, match="32 bytes"):
        _KEY.sign_digest(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        _PUBLIC.verify_digest(b"short", b"")


@pytest.mark.parametrize("form", list(DigestForm))
def test_both_ways_of_hashing_are_told_apart(form: DigestForm) -> None:
    front = z_value(_PUBLIC.der) if form is DigestForm.WITH_Z else b""
    assert digest_form(b"content", sm3(front + b"content"), (_PUBLIC.der,)) is form
    assert digest_form(b"other", sm3(front + b"content"), (_PUBLIC.der,)) is None


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        _PUBLIC.der + b"\0",
        _PUBLIC.der[:-1],
        _HEAD + b"\x04" + bytes(63) + b"\x01",
        _PUBLIC.der.replace(bytes.fromhex("2a811ccf5501822d"), bytes.fromhex("2a8648ce3d030107")),
    ],
    ids=["empty", "hollow", "longer", "shorter", "off_the_curve", "another_curve"],
)
def test_what_is_no_sm2_key_is_refused(der: bytes) -> None:
    with pytest.raises(Sm2KeyUnreadableError):
        Sm2PublicKey(der)


def test_an_id_beyond_the_standards_length_is_refused() -> None:
    with pytest.raises(ValueError, match="8191"):
        _KEY.sign(b"m", bytes(8192))


def test_a_forgotten_key_signs_no_more_while_others_sign_on() -> None:
    key = Sm2PrivateKey.generate()
    public = Sm2PublicKey(key.public_der())
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(20):
                public.verify(b"m", key.sign(b"m"))
        except Sm2ForgedError as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    key.forget()
    assert failures == []
    with pytest.raises(Sm2KeyUnreadableError):
        key.sign(b"m")


def test_a_key_survives_its_sealed_file_and_nothing_else_opens_it(tmp_path: Path) -> None:
    kek, key, path = KeyEncryptionKey.of(bytes(32)), Sm2Key.generate(), tmp_path / "unit.key"
    key.save(path, kek)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = Sm2Key.load(path, kek)
    Sm2PublicKey(key.public_key_der).verify(b"m", loaded.sign(b"m"), DEFAULT_ID)
    with pytest.raises(OtherKeyEncryptionKeyError):
        Sm2Key.load(path, KeyEncryptionKey.of(bytes([1]) * 32))
    moved = path.rename(tmp_path / "another.key")
    with pytest.raises(EnvelopeDamagedError):
        Sm2Key.load(moved, kek)
    with pytest.raises(UnreadableKeyError):
        Sm2Key.load(path, kek)


def test_a_destroyed_key_signs_and_is_saved_no_more(tmp_path: Path) -> None:
    key = Sm2Key.generate()
    key.destroy()
    key.destroy()
    with pytest.raises(KeyDestroyedError):
        key.sign(b"m")
    with pytest.raises(KeyDestroyedError):
        key.save(tmp_path / "k", KeyEncryptionKey.of(bytes(32)))


def test_a_machine_without_sm2_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_libcrypto, "_LIBRARY", "libcrypto-that-is-not-there.so")
    sm2_libcrypto._library.cache_clear()
    try:
        with pytest.raises(Sm2UnavailableError, match="libssl3"):
            Sm2PrivateKey.generate()
    finally:
        monkeypatch.undo()
        sm2_libcrypto._library.cache_clear()
    Sm2PrivateKey.generate()
