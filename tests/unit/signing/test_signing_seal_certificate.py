"""Certificates that are brought for a seal: taken only for its key, owner, purpose, day and root."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from licensed_ca import LicensedCa

from signing.certificate_request import certificate_request
from signing.seal_certificate import (
    SealCertificateError,
    leads_to,
    read_seal_certificate,
    seal_certificate_name,
)
from signing.software_key import SoftwareKey

OWNER = ("示例供电公司", "91330200MA23AMP15X")
NOW = datetime.now(UTC)
CA, OTHER = LicensedCa(name="示例认证", url="http://ca.example.test"), LicensedCa(name="示例认证")
KEY = SoftwareKey.generate()


def request_of(key: SoftwareKey = KEY) -> bytes:
    return certificate_request(
        key,
        key.public_key_der,
        organisation=OWNER[0],
        organisation_id=OWNER[1],
        common_name="示例供电公司 公章",
    )


def read(
    content: bytes, *, moment: datetime = NOW, roots: tuple[bytes, ...] = (CA.root_der,)
) -> tuple[bytes, ...]:
    return read_seal_certificate(
        content,
        public_key_der=KEY.public_key_der,
        organisation=OWNER[0],
        organisation_id=OWNER[1],
        roots=roots,
        moment=moment,
    )


def test_a_fitting_certificate_gives_its_chain_up_to_the_root_in_whatever_order_it_came() -> None:
    pem = CA.certify(request_of())
    leaf, issuing = (one.public_bytes(Encoding.PEM) for one in x509.load_pem_x509_certificates(pem))
    chain = read(pem)
    assert read(issuing + leaf + CA.root_pem) == chain
    assert [x509.load_der_x509_certificate(one).subject for one in chain[1:]] == [
        x509.load_pem_x509_certificate(issuing).subject,
        CA.root.subject,
    ]
    assert seal_certificate_name(chain[0]) == "示例供电公司 公章"
    assert (leads_to(chain, (CA.root_der,)), leads_to(chain, (OTHER.root_der,))) == (True, False)
    assert not leads_to((), (CA.root_der,))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: b"", "is empty"),
        (lambda: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "PEM or DER"),
        (lambda: b"0" * 70_000, "64 KiB"),
        (lambda: CA.certify(request_of(SoftwareKey.generate())), "another key"),
        (lambda: CA.certify(request_of(), organisation=("他人公司", OWNER[1])), "他人公司"),
        (lambda: CA.certify(request_of(), organisation=(OWNER[0], "91330206MA2HT5E15X")), "HT5E15X"),
        (lambda: CA.certify(request_of(), days=(-30, -1)), "not valid today"),
        (lambda: CA.certify(request_of(), days=(1, 30)), "not valid today"),
        (lambda: CA.certify(request_of(), signs=False), "nonRepudiation"),
        (lambda: CA.certify(request_of(), points_to=""), "revocation list"),
        (lambda: OTHER.certify(request_of()), "no root"),
        (lambda: OTHER.certify(request_of()) + OTHER.root_pem, "no root"),
        (lambda: CA.certify(request_of()).partition(b"-----END CERTIFICATE-----\n")[0]
         + b"-----END CERTIFICATE-----\n", "no root"),
    ],
)  # fmt: skip
def test_a_certificate_that_does_not_fit_is_refused_in_words(content: object, reason: str) -> None:
    assert callable(content)
    with pytest.raises(SealCertificateError) as refused:
        read(content())
    assert reason in refused.value.en
    assert "未保存" in refused.value.zh


def test_an_issuer_that_has_ended_ends_the_seals_certificate_too() -> None:
    pem = CA.certify(request_of(), days=(-1, 500))
    with pytest.raises(SealCertificateError, match="not valid today"):
        read(pem, moment=NOW + timedelta(days=400))


def test_without_a_configured_authority_no_certificate_is_taken() -> None:
    with pytest.raises(SealCertificateError, match="no root"):
        read(CA.certify(request_of()), roots=())
