"""What stands unsigned around a timestamp token: nothing that is not needed, in one form.

A CMS envelope has room that no signature covers (RFC 5652 §5.1: version, list of digest algorithms,
spare certificates). Here it must be exactly what the signed part implies, so that a seal
signature cannot be changed by a bit and still be wholly proven.
"""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import cms
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature

from signing.judgement import SOUND, Judgement, undecided

__all__ = ["judge_envelope"]

_ODD = undecided("timestamp_envelope", "the token's envelope holds more than its signature needs")


def judge_envelope(token: bytes, roots: Sequence[bytes]) -> Judgement:
    """Judge the parts of a token that its own signature leaves open.

    Args:
        token: DER TimeStampToken.
        roots: Trusted time-stamping roots, DER; a copy of one inside must be exactly it.

    Raises:
        ValueError: Not a token.
    """
    signed = cms.ContentInfo.load(token, strict=True)["content"]
    if signed["version"].native != "v3" or len(signed["signer_infos"]) != 1:
        return _ODD
    signer = signed["signer_infos"][0]
    named = [algorithm.dump() for algorithm in signed["digest_algorithms"]]
    if signer["version"].native != "v1" or named != [signer["digest_algorithm"].dump()]:
        return _ODD
    if signer["unsigned_attrs"].native is not None or not _names_one(signed, signer):
        return _ODD
    return SOUND if _all_needed(signed, set(roots)) else _ODD


def _names_one(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    """The signer is named as its certificate spells issuer and number, to the byte."""
    named = signer["sid"].chosen
    if not isinstance(named, cms.IssuerAndSerialNumber):
        return False
    wanted = (named["issuer"].dump(), named["serial_number"].dump())
    parts = [choice.chosen["tbs_certificate"] for choice in signed["certificates"]]
    return wanted in [(part["issuer"].dump(), part["serial_number"].dump()) for part in parts]


def _all_needed(signed: cms.SignedData, roots: set[bytes]) -> bool:
    """Each certificate inside is a trusted root to the byte, or was issued by a root or by another inside."""
    ders = [choice.chosen.dump() for choice in signed["certificates"]]
    below = [pyca.load_der_x509_certificate(der) for der in ders if der not in roots]
    above = [*below, *(pyca.load_der_x509_certificate(der) for der in roots)]
    return all(any(_issued(issuer, one) for issuer in above if issuer is not one) for one in below)


def _issued(issuer: pyca.Certificate, certificate: pyca.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
