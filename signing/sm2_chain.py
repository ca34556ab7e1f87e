"""Whose SM2 certificate it is, and whether it was good at a moment (GB/T 38540 steps 2 and 3).

Trust comes from the caller's authorities alone: a certificate must be signed directly by one of them
(a bundle names issuing authorities, not only the root above them, for a seal carries no chain).
Revocation lists found in the file help only if that authority signed them; without one the
answer is undecided. A trusted name under another key is a look-alike and refuted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import core, crl, x509

from signing.judgement import SOUND, Judgement, refuted, undecided
from signing.sm2_key import SM2_WITH_SM3
from signing.sm2_libcrypto import Sm2ForgedError, Sm2PublicKey

__all__ = ["Moment", "judge_sm2_certificate", "load_certificate", "speaks_for"]

REVOCATION_AGE = timedelta(hours=24)
"""A list may be this much older than the moment it speaks for, as in ``certificates``."""
_KNOWN_CRITICAL = frozenset({"basic_constraints", "key_usage", "certificate_policies", "extended_key_usage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time to judge at; ``proven`` by a token, or merely now."""

    utc: datetime
    proven: bool
    skew: timedelta = timedelta(0)

    def outside(self, start: datetime, end: datetime) -> bool:
        """Whether it lies outside both ends inclusive, widened by the skew."""
        return not start - self.skew <= self.utc <= end + self.skew


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse strictly: nothing after it, no unused bits in its signature, inner and outer algorithm alike.

    Raises:
        ValueError: Another form.
    """
    certificate = x509.Certificate.load(der, strict=True)
    inner, outer = certificate["tbs_certificate"]["signature"], certificate["signature_algorithm"]
    if inner.dump() != outer.dump() or certificate["signature_value"].contents[:1] != b"\0":
        raise ValueError("the certificate's two algorithm fields differ")
    return certificate


def judge_sm2_certificate(
    certificate: x509.Certificate,
    *,
    authorities: Sequence[bytes],
    crls: Sequence[bytes],
    moment: Moment,
) -> Judgement:
    """Judge issuer, purpose, period and revocation of an end entity's certificate.

    Args:
        certificate: As ``load_certificate`` gave it.
        authorities: Trusted issuing authorities, DER.
        crls: Untrusted lists, DER.
        moment: When it was used.
    """
    issuer, found = _issuer(certificate, authorities)
    if issuer is None:
        return found
    for judgement in (_purpose(certificate), _period(certificate, moment)):
        if judgement is not SOUND:
            return judgement
    return _revocation(certificate, issuer, crls, moment)


def speaks_for(found: crl.CertificateList, moment: Moment) -> bool:
    """Whether a list's own times let it tell of a moment: it had not run out, nor was it a day old."""
    start, end = (found["tbs_cert_list"][name].native for name in ("this_update", "next_update"))
    return end is not None and moment.utc <= end + moment.skew and moment.utc - start <= REVOCATION_AGE


def _issuer(
    certificate: x509.Certificate, authorities: Sequence[bytes]
) -> tuple[x509.Certificate | None, Judgement]:
    if certificate["signature_algorithm"]["algorithm"].dotted != SM2_WITH_SM3:
        return None, undecided("unsupported_algorithm", "the certificate is not signed with SM2 and SM3")
    named = [x509.Certificate.load(der) for der in authorities]
    named = [one for one in named if one.subject.dump() == certificate.issuer.dump()]
    for authority in named:
        if _signed_by(authority, certificate["tbs_certificate"], bytes(certificate["signature_value"])):
            return authority, SOUND
    if named:
        return None, refuted("look_alike_ca", "a trusted authority's name is used with another key")
    return None, undecided("unknown_issuer", "no authority of the trust bundle issued the certificate")


def _purpose(certificate: x509.Certificate) -> Judgement:
    constraints, usage = certificate.basic_constraints_value, certificate.key_usage_value
    if certificate["tbs_certificate"]["version"].native != "v3" or usage is None:
        return refuted("wrong_key_usage", "the certificate does not say what its key is for")
    if (constraints is not None and constraints["ca"].native) or "digital_signature" not in usage.native:
        return refuted("wrong_key_usage", "the certificate is not meant for signatures")
    if not certificate.critical_extensions <= _KNOWN_CRITICAL:
        return undecided(
            "unknown_critical_extension", "the certificate has a critical extension unknown here"
        )
    return SOUND


def _period(certificate: x509.Certificate, moment: Moment) -> Judgement:
    start, end = certificate.not_valid_before, certificate.not_valid_after
    if not moment.outside(start, end):
        return SOUND
    if not moment.proven:
        return undecided(
            "time_unproven", "the certificate is not valid now, and no timestamp proves earlier use"
        )
    if moment.utc < start:
        return refuted("not_yet_valid", "the certificate was not yet valid at the proven moment")
    return refuted("expired_certificate", "the certificate had expired at the proven moment")


def _revocation(
    certificate: x509.Certificate, issuer: x509.Certificate, crls: Sequence[bytes], moment: Moment
) -> Judgement:
    lists = [found for der in crls if (found := _usable(der, certificate, issuer, moment)) is not None]
    if not lists:
        return undecided("no_revocation_data", "no fresh revocation list of the issuer is at hand")
    for found in lists:
        for revoked in found["tbs_cert_list"]["revoked_certificates"]:
            if revoked["user_certificate"].native != certificate.serial_number:
                continue
            if revoked["revocation_date"].native <= moment.utc + moment.skew:
                return refuted("revoked_certificate", "the certificate had been revoked at that moment")
    return SOUND


def _usable(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, moment: Moment
) -> crl.CertificateList | None:
    """The list, if this issuer signed it, it covers everything, and it speaks for the moment.

    A list younger than the moment serves too: it tells since when a certificate is revoked; but not
    one younger than the certificate's end, for it need not name an expired certificate any more.
    """
    found = crl.CertificateList.load(der, strict=True)
    body = found["tbs_cert_list"]
    if body["issuer"].dump() != issuer.subject.dump() or found.critical_extensions:
        return None
    if body["signature"].dump() != found["signature_algorithm"].dump():
        return None
    if not speaks_for(found, moment) or body["this_update"].native > certificate.not_valid_after:
        return None
    return found if _signed_by(issuer, body, bytes(found["signature"])) else None


def _signed_by(issuer: x509.Certificate, body: core.Sequence, signature: bytes) -> bool:
    try:
        Sm2PublicKey(issuer.public_key.dump()).verify(body.dump(), signature)
    except Sm2ForgedError:
        return False
    return True
