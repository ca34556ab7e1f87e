"""What our TEST certificates look like: subjects, extensions, lifetimes.

Decides the X.509 profile (RFC 5280) of the test authority. Every subject says TEST,
because an unlicensed authority must not look like a licensed one (电子签名法 art. 16–18, 29).
Chinese subjects are UTF8String; the company's 统一社会信用代码 stands in
organizationIdentifier (OID 2.5.4.97, EN 319 412-1 §5.1.4) as ``USCCCN-`` plus 18 characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kernel.errors import RejectedError
from signing.control_policies import level_policy
from signing.model import SoleControl
from signing.publication import Publication
from signing.signature_mechanism import signing_public_key
from signing.software_key import SoftwareKey

__all__ = [
    "TEST_UNIT",
    "USCC_PREFIX",
    "Authority",
    "NameTooLongError",
    "authority_name",
    "certify_authority",
    "certify_ocsp_responder",
    "certify_signer",
    "certify_tsa",
    "revocation_list",
    "subject_name",
]

TEST_UNIT = "TEST ONLY - NOT FOR PRODUCTION 仅供测试"
USCC_PREFIX = "USCCCN-"
BACKDATE = timedelta(minutes=1)
"""Clocks of signer and authority may differ by this much."""
CERTIFICATE_POLICY = x509.ObjectIdentifier("1.3.6.1.4.1.32473.20261.2")
"""Under the enterprise number kept for documentation, RFC 5612."""
CRL_LIFETIME = timedelta(days=7)
GREATEST_NAME = 64
"""ub-common-name and ub-organization-name, RFC 5280 appendix A."""


class NameTooLongError(RejectedError):
    """X.509 gives a name 64 characters."""

    code = "name_too_long"

    def __init__(self, name: str) -> None:
        """Keep the name, never shorten it."""
        super().__init__(
            f"'{name}' has {len(name)} characters, 1 to {GREATEST_NAME} fit; use the registered short name",
            f"“{name}”共 {len(name)} 个字符，证书名称须为 1 至 {GREATEST_NAME} 个字符；请使用登记的简称",
        )
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate that issues certificates and lists, with its key."""

    certificate: x509.Certificate
    key: SoftwareKey


def authority_name(common_name: str) -> x509.Name:
    """Distinguished name of one of our own authorities, with the TEST unit."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def subject_name(common_name: str, *, organisation: str | None, organisation_id: str | None) -> asn1.Name:
    """Distinguished name of a person or a seal, with the TEST unit, in UTF8String.

    Raises:
        NameTooLongError: A name is empty or longer than 64 characters.
    """
    for name in (common_name, organisation):
        if name is not None and not 1 <= len(name) <= GREATEST_NAME:
            raise NameTooLongError(name)
    parts = {"country_name": "CN", "organizational_unit_name": TEST_UNIT, "common_name": common_name}
    if organisation is not None:
        parts["organization_name"] = organisation
    if organisation_id is not None:
        parts["organization_identifier"] = USCC_PREFIX + organisation_id
    return asn1.Name.build(parts)


def certify_authority(
    subject: x509.Name,
    key: SoftwareKey,
    *,
    issuer: Authority | None,
    path_length: int,
    moment: datetime,
    days: int,
    published: Publication | None = None,
) -> x509.Certificate:
    """A CA certificate; self-signed if there is no issuer."""
    builder = _builder(subject, key.public_key_der, issuer, moment, timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    builder = _with_addresses(builder, published)
    return builder.sign((issuer.key if issuer else key).private_key, hashes.SHA256())


def certify_tsa(
    subject: x509.Name,
    key: SoftwareKey,
    *,
    issuer: Authority,
    moment: datetime,
    days: int,
    published: Publication | None = None,
) -> x509.Certificate:
    """A time-stamping certificate: sole and critical EKU timeStamping (RFC 3161 §2.3)."""
    builder = _end_entity(subject, key.public_key_der, issuer, moment, timedelta(days=days))
    builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
    builder = _with_addresses(builder, published)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return builder.add_extension(usage, critical=True).sign(issuer.key.private_key, hashes.SHA256())


def certify_ocsp_responder(
    subject: x509.Name, key: SoftwareKey, *, issuer: Authority, moment: datetime, days: int
) -> x509.Certificate:
    """A delegated responder: EKU OCSPSigning and id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2)."""
    builder = _end_entity(subject, key.public_key_der, issuer, moment, timedelta(days=days))
    builder = builder.add_extension(_key_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return builder.sign(issuer.key.private_key, hashes.SHA256())


def certify_signer(
    subject: asn1.Name,
    public_key_der: bytes,
    *,
    issuer: Authority,
    moment: datetime,
    lifetime: timedelta,
    sole_control: SoleControl | None = None,
    published: Publication | None = None,
) -> bytes:
    """A signer's or seal's certificate, DER: digitalSignature and nonRepudiation, no CA.

    ``cryptography`` counts the 64 characters of a name in UTF-8 bytes, 21 Chinese
    characters: too few for a company. So it lays out the certificate under the issuer's
    name, the subject is then put in its place, and that is what gets signed.

    Raises:
        UnsuitableKeyError: Neither P-256 nor RSA of 2048 to 4096 bits.
    """
    usage = _key_usage(digital_signature=True, content_commitment=True)
    own_name = issuer.certificate.subject
    builder = _end_entity(own_name, public_key_der, issuer, moment, lifetime, sole_control)
    builder = _with_addresses(builder.add_extension(usage, critical=True), published)
    layout = builder.sign(issuer.key.private_key, hashes.SHA256())
    certificate = asn1.Certificate.load(layout.public_bytes(Encoding.DER))
    certificate["tbs_certificate"]["subject"] = subject
    certificate["signature_value"] = issuer.key.sign(certificate["tbs_certificate"].dump())
    return bytes(certificate.dump())


def revocation_list(issuer: Authority, revoked: dict[int, datetime], moment: datetime) -> bytes:
    """A full CRL, DER (RFC 5280 §5).

    ``thisUpdate`` lies a minute back, as ``notBefore`` does: the list is at least as
    complete as one made then, and a signer's slower clock still accepts it.

    Args:
        issuer: Who signs the list.
        revoked: Serial number → time of revocation.
        moment: Now; also the CRL number, in seconds.
    """
    whole = moment.replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(whole - BACKDATE)
        .next_update(whole + CRL_LIFETIME)
        .add_extension(_authority_key_id(issuer), critical=False)
        .add_extension(x509.CRLNumber(int(whole.timestamp())), critical=False)
    )
    for serial, when in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


def _builder(
    subject: x509.Name, public_key_der: bytes, issuer: Authority | None, moment: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    public_key = signing_public_key(public_key_der)
    whole = moment.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(whole - BACKDATE)
        .not_valid_after(whole + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    return builder.add_extension(_authority_key_id(issuer), critical=False) if issuer else builder


def _end_entity(
    subject: x509.Name,
    public_key_der: bytes,
    issuer: Authority,
    moment: datetime,
    lifetime: timedelta,
    level: SoleControl | None = None,
) -> x509.CertificateBuilder:
    policies = [x509.PolicyInformation(CERTIFICATE_POLICY, None)]
    policies += [level_policy(level)] if level else []
    return (
        _builder(subject, public_key_der, issuer, moment, lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.CertificatePolicies(policies), critical=False)
    )


def _with_addresses(
    builder: x509.CertificateBuilder, published: Publication | None
) -> x509.CertificateBuilder:
    if published is None:
        return builder
    builder = builder.add_extension(published.access(), critical=False)
    return builder.add_extension(published.distribution(), critical=False)


def _authority_key_id(issuer: Authority) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
