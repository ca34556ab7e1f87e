"""ASN.1 of GB/T 38540-2020: the seal (SESeal) and the seal signature (SES_Signature), DER.

Field order, tags and string types as the standard has them (structure compared with ofdrw, ses/v4).
Decides nothing about truth: ``reading`` is strict, ``judging`` judges.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from asn1crypto import core

__all__ = [
    "LISTS_CERTIFICATES",
    "LISTS_DIGESTS",
    "REVOCATION_INFORMATION",
    "SES_VERSION",
    "CertificateDigest",
    "EsHeader",
    "EsPicture",
    "EsProperty",
    "Extension",
    "SESeal",
    "SealPart",
    "SesSignature",
    "SignedPart",
]

SES_VERSION = 4
LISTS_CERTIFICATES = 1
LISTS_DIGESTS = 2
REVOCATION_INFORMATION = "1.2.840.113583.1.1.8"
"""adbe-revocationInfoArchival (ISO 32000-2 12.8.3.3.2): revocation lists under the signature."""

_Fields: TypeAlias = list[tuple[object, ...]]


class Extension(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """ExtData."""

    _fields: ClassVar[_Fields] = [
        ("extn_id", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("extn_value", core.OctetString),
    ]


class Extensions(core.SequenceOf):  # type: ignore[misc]
    """ExtensionDatas."""

    _child_spec = Extension


class EsHeader(core.Sequence):  # type: ignore[misc]
    """SES_Header: ``ES``, version 4, the vendor's id."""

    _fields: ClassVar[_Fields] = [
        ("id", core.IA5String),
        ("version", core.Integer),
        ("vendor", core.IA5String),
    ]


class Certificates(core.SequenceOf):  # type: ignore[misc]
    """CertInfoList: whole certificates."""

    _child_spec = core.OctetString


class CertificateDigest(core.Sequence):  # type: ignore[misc]
    """CertDigestObj."""

    _fields: ClassVar[_Fields] = [("type", core.PrintableString), ("value", core.OctetString)]


class CertificateDigests(core.SequenceOf):  # type: ignore[misc]
    """CertDigestList."""

    _child_spec = CertificateDigest


class EsProperty(core.Sequence):  # type: ignore[misc]
    """SES_ESPropertyInfo; the list's form follows ``list_type``, for the CHOICE bears no tag."""

    _fields: ClassVar[_Fields] = [
        ("type", core.Integer),
        ("name", core.UTF8String),
        ("list_type", core.Integer),
        ("list", core.Any),
        ("created", core.GeneralizedTime),
        ("valid_from", core.GeneralizedTime),
        ("valid_to", core.GeneralizedTime),
    ]

    def _list_spec(self) -> type[core.SequenceOf]:
        kinds = {LISTS_CERTIFICATES: Certificates, LISTS_DIGESTS: CertificateDigests}
        kind = kinds.get(self["list_type"].native)
        if kind is None:
            raise ValueError("certListType is neither 1 nor 2")
        return kind

    _spec_callbacks: ClassVar[dict[str, object]] = {"list": _list_spec}


class EsPicture(core.Sequence):  # type: ignore[misc]
    """SES_ESPictrueInfo (so spelt in the standard); width and height in millimetres."""

    _fields: ClassVar[_Fields] = [
        ("type", core.IA5String),
        ("data", core.OctetString),
        ("width", core.Integer),
        ("height", core.Integer),
    ]


class SealPart(core.Sequence):  # type: ignore[misc]
    """SES_SealInfo: what the seal maker signs."""

    _fields: ClassVar[_Fields] = [
        ("header", EsHeader),
        ("seal_id", core.IA5String),
        ("property", EsProperty),
        ("picture", EsPicture),
        ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]


class SESeal(core.Sequence):  # type: ignore[misc]
    """The seal."""

    _fields: ClassVar[_Fields] = [
        ("info", SealPart),
        ("certificate", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
    ]


class SignedPart(core.Sequence):  # type: ignore[misc]
    """TBS_Sign: what the signer signs."""

    _fields: ClassVar[_Fields] = [
        ("version", core.Integer),
        ("seal", SESeal),
        ("time", core.GeneralizedTime),
        ("hash", core.OctetBitString),
        ("property", core.IA5String),
        ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]


class SesSignature(core.Sequence):  # type: ignore[misc]
    """The seal signature; the timestamp is over the signature's octets (GB/T 20520)."""

    _fields: ClassVar[_Fields] = [
        ("to_sign", SignedPart),
        ("certificate", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
        ("timestamp", core.OctetBitString, {"explicit": 0, "optional": True}),
    ]
