"""Certificates and signatures as people bring them: every form that programs write, in any order."""

from __future__ import annotations

import base64
import shlex

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from api.own_key_files import (
    GREATEST_FILE,
    PrivateKeySentError,
    SignatureUnreadableError,
    read_certificates,
    read_signature,
)
from api.own_key_words import commands_for
from kernel.errors import RejectedError
from signing.holder_certificate import HolderCertificateError
from tests.unit.signing.signed_samples import Office

KEY = generate_private_key(SECP256R1())


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("own-key-files") / "ca")


def certified(issuer: Office, name: str, public_key: object = None) -> tuple[bytes, ...]:
    der = (public_key or KEY.public_key()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return issuer.ca.certify_person(der, name=name, organisation=None, organisation_id=None)


@pytest.fixture(scope="module")
def chain(issuer: Office) -> tuple[bytes, ...]:
    found = certified(issuer, "林晓棠")
    assert len(found) > 1, "the order of a single certificate shows nothing"
    return found


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def bundle(chain: tuple[bytes, ...], encoding: Encoding) -> bytes:
    return pkcs7.serialize_certificates([x509.load_der_x509_certificate(one) for one in chain], encoding)


def test_every_form_of_a_chain_gives_the_leaf_first(chain: tuple[bytes, ...]) -> None:
    backwards = chain[::-1]
    for form in (
        list(backwards),
        [b"".join(map(pem, backwards))],
        [b"", b"  \n", *map(pem, backwards)],
        [base64.encodebytes(one) for one in backwards],
        [bundle(chain, Encoding.DER)],
        [bundle(chain, Encoding.PEM)],
        [*chain, *chain],
    ):
        assert read_certificates(form) == chain


def test_certificates_of_two_people_are_refused(issuer: Office, chain: tuple[bytes, ...]) -> None:
    with pytest.raises(HolderCertificateError, match="one holder's"):
        read_certificates([*chain, *certified(issuer, "林晓芸")])


@pytest.mark.parametrize(
    "content", [b"no certificate", b"\x30\x82", b"-----BEGIN CERTIFICATE-----", b"\xff" * 80]
)
def test_what_is_no_certificate_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(HolderCertificateError):
        read_certificates([content])


def test_nothing_and_too_much_are_refused() -> None:
    for contents in ([], [b" "], [b"\x30" * (GREATEST_FILE + 1)]):
        with pytest.raises(HolderCertificateError):
            read_certificates(contents)


def test_a_private_key_in_any_usual_form_is_named_as_one(chain: tuple[bytes, ...]) -> None:
    leaf = x509.load_der_x509_certificate(chain[0])
    locked = BestAvailableEncryption(b"pass")
    for content in (
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        pkcs12.serialize_key_and_certificates(b"own", KEY, leaf, None, locked),
    ):
        with pytest.raises(PrivateKeySentError):
            read_certificates([pem(chain[0]), content])


@given(st.binary(max_size=300))
def test_whatever_is_uploaded_is_read_or_refused_and_never_crashes(content: bytes) -> None:
    with pytest.raises(RejectedError):
        read_certificates([content])


def test_a_signature_is_read_from_binary_hexadecimal_and_base64() -> None:
    signature = KEY.sign(b"message", ECDSA(hashes.SHA256()))
    text = base64.encodebytes(signature).decode()
    for uploaded, pasted in (
        (signature, ""),
        (signature, "ignored"),
        (text.encode(), ""),
        (signature.hex().encode() + b"\n", ""),
        (b"", text),
        (b"", f" {signature.hex().upper()} "),
    ):
        assert read_signature(uploaded, pasted) == signature


@pytest.mark.parametrize(
    ("uploaded", "pasted"),
    [(b"", ""), (b"", " \n"), (b"", "我的签名"), (b"not a text!", ""), (b"x" * 70_000, "")],
)
def test_what_is_no_signature_is_refused(uploaded: bytes, pasted: str) -> None:
    with pytest.raises(SignatureUnreadableError):
        read_signature(uploaded, pasted)


def test_an_rsa_key_has_a_command_of_its_own(issuer: Office, chain: tuple[bytes, ...]) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf = certified(issuer, "林晓棠", key.public_key())[0]
    by_rsa, by_ec = (" ".join(one.lines[-1] for one in commands_for(each)) for each in (leaf, chain[0]))
    assert "--mechanism SHA256-RSA-PKCS --input-file to-sign.der" in by_rsa
    assert "--mechanism ECDSA --input-file digest.bin" in by_ec
    for line in (line for one in commands_for(chain[0]) for line in one.lines):
        assert shlex.split(line)[0] in {"openssl", "pkcs11-tool"}
