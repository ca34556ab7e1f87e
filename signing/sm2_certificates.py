"""What our TEST certificates and lists under SM2 look like (GM/T 0015 on RFC 5280).

Decides the X.509 profile of the domestic track: v3, SM2-with-SM3 without parameters, TEST in every
subject. ``cryptography`` refuses SM2 keys, so the structures are laid out here and signed by libcrypto.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, core, crl, keys, x509

from kernel.digests import sha256
from signing.certificate_profile import TEST_UNIT
from signing.sm2_key import SM2_WITH_SM3, Sm2Key

__all__ = [
    "BACKDATE",
    "Sm2Issuer",
    "certify_sm2",
    "self_certified_sm2",
    "sm2_authority_name",
    "sm2_revocation_list",
]

BACKDATE = timedelta(minutes=1)
"""Clocks of signer and authority may differ by this much."""
CRL_LIFETIME = timedelta(days=7)
_LAST_UTC_TIME = 2049


@dataclass(frozen=True, slots=True, kw_only=True)
class Sm2Issuer:
    """A certificate that issues certificates and lists, DER, with its key."""

    certificate: bytes
    key: Sm2Key


def sm2_authority_name(common_name: str) -> x509.Name:
    """Distinguished name of one of our own authorities, with the TEST unit."""
    parts = {"country_name": "CN", "organizational_unit_name": TEST_UNIT, "common_name": common_name}
    return x509.Name.build(parts)


def self_certified_sm2(name: x509.Name, key: Sm2Key, *, moment: datetime, lifetime: timedelta) -> bytes:
    """A root's certificate, DER: may sign certificates and lists, nothing else."""
    extensions = _extensions(key.public_key_der, key.public_key_der, authority=True)
    tbs = _layout(name, name, key.public_key_der, extensions, moment, lifetime)
    return _signed(x509.Certificate, "tbs_certificate", "signature_value", tbs, key)


def certify_sm2(
    subject: x509.Name,
    public_key_der: bytes,
    *,
    issuer: Sm2Issuer,
    moment: datetime,
    lifetime: timedelta,
) -> bytes:
    """A certificate of a signer or of a seal maker's unit, DER: digitalSignature and nonRepudiation."""
    name = x509.Certificate.load(issuer.certificate).subject
    extensions = _extensions(public_key_der, issuer.key.public_key_der, authority=False)
    tbs = _layout(subject, name, public_key_der, extensions, moment, lifetime)
    return _signed(x509.Certificate, "tbs_certificate", "signature_value", tbs, issuer.key)


def sm2_revocation_list(issuer: Sm2Issuer, revoked: dict[int, datetime], moment: datetime) -> bytes:
    """A full CRL, DER (RFC 5280 §5); ``thisUpdate`` lies a minute back as ``notBefore`` does.

    Args:
        issuer: Who signs the list.
        revoked: Serial number → time of revocation.
        moment: Now; also the CRL number, in seconds.
    """
    whole = moment.replace(microsecond=0)
    fields: dict[str, object] = {
        "version": "v2",
        "signature": _algorithm(),
        "issuer": x509.Certificate.load(issuer.certificate).subject,
        "this_update": _time(whole - BACKDATE),
        "next_update": _time(whole + CRL_LIFETIME),
        "crl_extensions": [
            {"extn_id": "authority_key_identifier", "extn_value": _authority(issuer.key.public_key_der)},
            {"extn_id": "crl_number", "extn_value": core.Integer(int(whole.timestamp()))},
        ],
    }
    if revoked:
        fields["revoked_certificates"] = [
            {"user_certificate": serial, "revocation_date": _time(when)}
            for serial, when in sorted(revoked.items())
        ]
    return _signed(crl.CertificateList, "tbs_cert_list", "signature", crl.TbsCertList(fields), issuer.key)


def _layout(
    subject: x509.Name,
    issuer: x509.Name,
    public_key_der: bytes,
    extensions: list[dict[str, object]],
    moment: datetime,
    lifetime: timedelta,
) -> x509.TbsCertificate:
    whole = moment.replace(microsecond=0)
    return x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(159) | 1 << 158,
            "signature": _algorithm(),
            "issuer": issuer,
            "validity": {"not_before": _time(whole - BACKDATE), "not_after": _time(whole + lifetime)},
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key_der),
            "extensions": extensions,
        }
    )


def _extensions(public_key_der: bytes, issuer_key_der: bytes, *, authority: bool) -> list[dict[str, object]]:
    usage = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature", "non_repudiation"}
    return [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": authority}},
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
        {"extn_id": "key_identifier", "extn_value": _key_id(public_key_der)},
        {"extn_id": "authority_key_identifier", "extn_value": _authority(issuer_key_der)},
    ]


def _authority(public_key_der: bytes) -> dict[str, object]:
    return {"key_identifier": _key_id(public_key_der)}


def _key_id(public_key_der: bytes) -> bytes:
    """RFC 7093 §2 method 1: the leftmost 160 bits of SHA-256 over the key's bits."""
    return bytes(sha256(bytes(keys.PublicKeyInfo.load(public_key_der)["public_key"])))[:20]


def _algorithm() -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm({"algorithm": SM2_WITH_SM3})


def _time(moment: datetime) -> x509.Time:
    if moment.year <= _LAST_UTC_TIME:
        return x509.Time({"utc_time": core.UTCTime(moment)})
    return x509.Time({"general_time": core.GeneralizedTime(moment)})


def _signed(kind: type[core.Sequence], body: str, value: str, content: core.Sequence, key: Sm2Key) -> bytes:
    """The three-part envelope that certificates and lists share."""
    fields = {body: content, "signature_algorithm": _algorithm(), value: key.sign(content.dump())}
    return bytes(kind(fields).dump())
