"""Make a seal, and put it on content: SESeal by the seal maker, SES_Signature by the signer.

Decides what is signed: the maker signs SES_SealInfo, the signer TBS_Sign, both with SM2 under the
default ID (GM/T 0009); the timestamp is over the octets of the signer's signature. Digests are
plain SM3. propertyInfo is ``bytes 0-N``: first and last byte of the content, both counted. The
revocation lists of both certificates go under the signature, so that a verifier needs no network;
where the timestamp comes later than they reach, one of its moment goes beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asn1crypto import core, crl, x509
from asn1crypto import pdf as asn1_pdf

from kernel.digests import sha256, sm3
from signing.model import RevocationSource, TimestampAuthority
from signing.ses.picture import SealPicture, picture_of_drawing
from signing.ses.reading import SesFile, read_ses
from signing.ses.structure import (
    LISTS_CERTIFICATES,
    LISTS_DIGESTS,
    REVOCATION_INFORMATION,
    SES_VERSION,
    SESeal,
    SesSignature,
)
from signing.sm2_chain import Moment, speaks_for
from signing.sm2_key import SM2_WITH_SM3, Sm2Key
from signing.token_proof import keep_token, stated_moment

__all__ = [
    "IssuedSeal",
    "SealIssuer",
    "SealOrder",
    "SealTerms",
    "Sm2Signer",
    "make_seal",
    "make_ses",
    "protected_range",
    "seal_over",
    "with_timestamp",
]

ORGANISATION_SEAL = 1
"""``type`` of the seals we make; the reader takes any."""


class Sm2Signer(Protocol):
    """An SM2 private key that signs under the default ID and never shows itself."""

    def sign(self, message: bytes) -> bytes:
        """SM2 over SM3(Z ‖ message), DER (r, s)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealOrder:
    """Whose seal is wanted.

    Attributes:
        seal_id: Its number in the register; ASCII, 1 to 64 characters.
        organisation: Owner's registered name.
        organisation_id: Owner's 统一社会信用代码.
        seal_name: E.g. 供用电合同专用章.
        picture: Its impression.
    """

    seal_id: str
    organisation: str
    organisation_id: str
    seal_name: str
    picture: SealPicture

    @classmethod
    def of_drawing(
        cls, drawing: bytes, *, organisation: str, organisation_id: str, seal_name: str
    ) -> SealOrder:
        """From the one-page PDF that also becomes the visible stamp; the id follows from owner and name.

        Raises:
            PictureRefusedError: No PDF, or beyond the bounds.
        """
        digest = sha256(f"{organisation_id}\n{seal_name}".encode())
        return cls(
            seal_id=f"TEST-{digest.hex()[:32]}",
            organisation=organisation,
            organisation_id=organisation_id,
            seal_name=seal_name,
            picture=picture_of_drawing(drawing),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealTerms:
    """What a seal says of itself; times are aware, in whole seconds."""

    seal_id: str
    vendor: str
    name: str
    created_utc: datetime
    valid_from_utc: datetime
    valid_to_utc: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSeal:
    """A seal with the signer's certificate it lists and the revocation lists of both chains, all DER."""

    seal: bytes
    certificate: bytes
    crls: tuple[bytes, ...]


class SealIssuer(Protocol):
    """Who certifies a signer's SM2 key and makes the seal for it."""

    def seal_for(self, public_key_der: bytes, order: SealOrder) -> IssuedSeal:
        """A certificate over the key, and the seal that lists it."""
        ...


def make_ses(
    issuer: SealIssuer,
    order: SealOrder,
    content: bytes,
    *,
    at: datetime,
    timestamps: TimestampAuthority | None,
    revocation: RevocationSource,
) -> bytes:
    """Put a seal on content once, with a key of its own that is forgotten at once; SES_Signature, DER.

    Args:
        issuer: Certifies the key and makes the seal.
        order: Whose seal.
        content: Exactly the bytes of the revision to be covered.
        at: Stated time, aware; seconds are kept.
        timestamps: Stamps the signature; ``None`` while no authority answers: ``with_timestamp`` later.
        revocation: Gives the lists for the authority's own certificate.

    Raises:
        TimestampUnavailableError: No token now; nothing was made.
        Sm2UnavailableError: No SM2 on this machine.
        NameTooLongError: Organisation and seal name exceed a certificate's 64 characters.
    """
    key = Sm2Key.generate()
    try:
        issued = issuer.seal_for(key.public_key_der, order)
        ses = seal_over(content, issued, key, at=at)
    finally:
        key.destroy()
    return ses if timestamps is None else with_timestamp(ses, timestamps, revocation)


def make_seal(
    terms: SealTerms,
    picture: SealPicture,
    certificates: tuple[bytes, ...],
    maker_certificate: bytes,
    maker: Sm2Signer,
    *,
    list_digests: bool = False,
) -> bytes:
    """A seal, DER.

    Args:
        terms: Id, name and period.
        picture: The impression.
        certificates: Whose keys may use it, DER; listed whole, or by plain SM3 with ``list_digests``.
        maker_certificate: The seal maker's unit certificate, DER.
        maker: Its key.
        list_digests: certListType 2.
    """
    info = {
        "header": {"id": "ES", "version": SES_VERSION, "vendor": terms.vendor},
        "seal_id": terms.seal_id,
        "property": _property(terms, certificates, list_digests=list_digests),
        "picture": {
            "type": picture.kind,
            "data": picture.content,
            "width": picture.width_mm,
            "height": picture.height_mm,
        },
    }
    seal = SESeal({"info": info, "certificate": maker_certificate, "algorithm": SM2_WITH_SM3})
    seal["signature"] = maker.sign(seal["info"].dump())
    return bytes(seal.dump())


def seal_over(content: bytes, issued: IssuedSeal, key: Sm2Signer, *, at: datetime) -> bytes:
    """A seal signature over all of ``content``, without timestamp, DER."""
    part = {
        "version": SES_VERSION,
        "seal": SESeal.load(issued.seal),
        "time": core.GeneralizedTime(at.replace(microsecond=0)),
        "hash": bytes(sm3(content)),
        "property": protected_range(content),
    }
    if issued.crls:
        part["extensions"] = [
            {"extn_id": REVOCATION_INFORMATION, "critical": False, "extn_value": _archived(issued.crls)}
        ]
    ses = SesSignature({"to_sign": part, "certificate": issued.certificate, "algorithm": SM2_WITH_SM3})
    ses["signature"] = key.sign(ses["to_sign"].dump())
    return bytes(ses.dump())


def with_timestamp(ses: bytes, timestamps: TimestampAuthority, revocation: RevocationSource) -> bytes:
    """The same seal signature with a fresh token over its signature, revocation lists inside.

    The lists under the signature say nothing of a token that comes more than a day later. One of that
    moment then stands beside the token: it tells since when a certificate is revoked, so it proves
    the time of signing too, and an outage of any length heals while the certificate lasts.

    Args:
        ses: SES_Signature, DER, stamped or not.
        timestamps: Asked for one token.
        revocation: Gives lists for the token's chain, and one for the signer's certificate if it is due.

    Raises:
        TimestampUnavailableError: No token now.
        RevocationUnavailableError: An authority elsewhere gives no list now.
        SesMalformedError: Not a seal signature.
    """
    read, found = read_ses(ses), SesSignature.load(ses)
    token = timestamps.token(read.signature)
    found["timestamp"] = keep_token(token, revocation, beside=_lists_due(read, token, revocation))
    return bytes(found.dump())


def _lists_due(read: SesFile, token: bytes, revocation: RevocationSource) -> tuple[bytes, ...]:
    """The signer's authority's list of now, where none under the signature speaks for the token's moment."""
    moment = Moment(utc=stated_moment(token), proven=True)
    issuer = x509.Certificate.load(read.certificate).issuer.dump()
    if any(speaks_for(one, moment) for one in _lists_of(issuer, read.crls)):
        return ()
    return tuple(bytes(one.dump()) for one in _lists_of(issuer, revocation.crls_for((read.certificate,))))


def _lists_of(issuer: bytes, ders: tuple[bytes, ...]) -> tuple[crl.CertificateList, ...]:
    loaded = (crl.CertificateList.load(der) for der in ders)
    return tuple(one for one in loaded if one["tbs_cert_list"]["issuer"].dump() == issuer)


def protected_range(content: bytes) -> str:
    """``bytes 0-N``: first and last byte, both counted (as RFC 9110 §14.4 writes ranges)."""
    return f"bytes 0-{len(content) - 1}"


def _property(terms: SealTerms, certificates: tuple[bytes, ...], *, list_digests: bool) -> dict[str, object]:
    digests = [{"type": "SM3", "value": bytes(sm3(der))} for der in certificates]
    return {
        "type": ORGANISATION_SEAL,
        "name": terms.name,
        "list_type": LISTS_DIGESTS if list_digests else LISTS_CERTIFICATES,
        "list": digests if list_digests else list(certificates),
        "created": core.GeneralizedTime(terms.created_utc),
        "valid_from": core.GeneralizedTime(terms.valid_from_utc),
        "valid_to": core.GeneralizedTime(terms.valid_to_utc),
    }


def _archived(crls: tuple[bytes, ...]) -> bytes:
    lists = [crl.CertificateList.load(der) for der in crls]
    return bytes(asn1_pdf.RevocationInfoArchival({"crl": lists}).dump())
